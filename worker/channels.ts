import type { Channel, Channels, ChannelTraits, Files } from '../activities/ports.js';
import { createEdnaPulse, pulseTraits } from '../channels/edna-pulse/index.js';
import { createInternal, internalTraits } from '../channels/internal.js';
import { createNotConnected, notConnectedTraits } from '../channels/not-connected.js';
import { createSmtp, smtpTraits } from '../channels/smtp/index.js';
import type { ChannelType, ProviderKind } from '../domain/contracts/channel.js';
import type { ChannelStore, OpenChannel } from '../store/channel.js';

/** In ms. */
export interface ProviderTimeouts {
  provider: number;
  mail: number;
}

type Settings = { [K in ProviderKind]: Extract<OpenChannel['provider'], { kind: K }> };

interface Adapter<K extends ProviderKind> {
  traits: Omit<ChannelTraits, 'timeout'>;
  waits: keyof ProviderTimeouts;
  create(type: ChannelType, settings: Settings[K] & { timeout: number }, files: Files): Channel;
}

const notConnected: Adapter<ProviderKind> = {
  traits: notConnectedTraits,
  waits: 'provider',
  create: (_type, { kind, timeout }) => createNotConnected(kind, timeout),
};

const adapters: { [K in ProviderKind]: Adapter<K> } = {
  PULSE: { traits: pulseTraits, waits: 'provider', create: createEdnaPulse },
  SMTP: { traits: smtpTraits, waits: 'mail', create: (_type, settings, files) => createSmtp(settings, files) },
  INTERNAL: { traits: internalTraits, waits: 'provider', create: (_type, { timeout }) => createInternal(timeout) },
  WHATSAPP_CLOUD: notConnected,
  APPLE: notConnected,
  TELEGRAM: notConnected,
};

/** Settings are read for each dispatch, so that what an operator changes holds for the next attempt. */
export function createChannels(
  store: Pick<ChannelStore, 'find' | 'open'>,
  timeouts: ProviderTimeouts,
  files: Files,
): Channels {
  /** Hands each adapter the settings of its own kind. */
  function connect<K extends ProviderKind>(kind: K, type: ChannelType, settings: Settings[K]): Channel {
    const { waits, create } = adapters[kind];
    return create(type, { ...settings, timeout: timeouts[waits] }, files);
  }

  return {
    /** Without opening a secret: whether one is missing is the dispatch's concern. */
    async traitsOf(channelId) {
      const channel = await store.find(channelId);
      if (channel === undefined) throw new Error(`channel ${channelId} does not exist`);
      const { traits, waits } = adapters[channel.provider.kind];
      return { ...traits, timeout: timeouts[waits] };
    },

    async find(channelId) {
      const channel = await store.open(channelId);
      if (channel === undefined) throw new Error(`channel ${channelId} does not exist`);
      return connect(channel.provider.kind, channel.type, channel.provider);
    },
  };
}
