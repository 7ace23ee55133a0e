import type { Channel, Channels, ChannelTraits } from '../activities/ports.js';
import { createEdnaPulse, pulseTraits } from '../channels/edna-pulse/index.js';
import { createSmtp, smtpTraits } from '../channels/smtp/index.js';
import type { ProviderKind } from '../domain/contracts/channel.js';
import type { ChannelStore, OpenChannel } from '../store/channel.js';

/** In ms. */
export interface ProviderTimeouts {
  provider: number;
  mail: number;
}

/** Settings are read for each dispatch, so that what an operator changes holds for the next attempt. */
export const createChannels = (store: ChannelStore, timeouts: ProviderTimeouts): Channels => ({
  async traitsOf(channelId) {
    const channel = await store.find(channelId);
    if (channel === undefined) throw new Error(`channel ${channelId} does not exist`);
    return traitsOf(channel.provider.kind, timeouts);
  },

  async find(channelId) {
    const channel = await store.open(channelId);
    if (channel === undefined) throw new Error(`channel ${channelId} does not exist`);
    return adapterOf(channel, timeouts);
  },
});

/** Without opening a secret: whether one is missing is the dispatch's concern. */
function traitsOf(kind: ProviderKind, { provider, mail }: ProviderTimeouts): ChannelTraits {
  switch (kind) {
    case 'PULSE':
      return { ...pulseTraits, timeout: provider };
    case 'SMTP':
      return { ...smtpTraits, timeout: mail };
  }
}

function adapterOf({ type, provider }: OpenChannel, timeouts: ProviderTimeouts): Channel {
  switch (provider.kind) {
    case 'PULSE':
      return createEdnaPulse(type, { ...provider, timeout: timeouts.provider });
    case 'SMTP':
      return createSmtp({ ...provider, timeout: timeouts.mail });
  }
}
