import type { Channel, Channels } from '../activities/ports.js';
import { createEdnaPulse } from '../channels/edna-pulse/index.js';
import { createSmtp } from '../channels/smtp/index.js';
import type { ChannelStore, OpenChannel } from '../store/channel.js';

/** In ms. */
export interface ProviderTimeouts {
  provider: number;
  mail: number;
}

/** Settings are read for each dispatch, so that what an operator changes holds for the next attempt. */
export const createChannels = (store: ChannelStore, timeouts: ProviderTimeouts): Channels => ({
  async find(channelId) {
    const channel = await store.open(channelId);
    if (channel === undefined) throw new Error(`channel ${channelId} does not exist`);
    return adapterOf(channel, timeouts);
  },
});

function adapterOf({ type, provider }: OpenChannel, timeouts: ProviderTimeouts): Channel {
  switch (provider.kind) {
    case 'PULSE':
      return createEdnaPulse(type, { ...provider, timeout: timeouts.provider });
    case 'SMTP':
      return createSmtp({ ...provider, timeout: timeouts.mail });
  }
}
