// After news of a template the provider's list is asked anew: the list is the truth, whatever the news said (R16, R19).
import { listTemplates } from '../channels/edna-pulse/index.js';
import type { ChannelStore } from '../store/channel.js';
import type { MessageTemplateStore } from '../store/message-template.js';

/** @param timeout how long the provider may take, in ms */
export const createTemplateSync =
  (channels: ChannelStore, templates: MessageTemplateStore, timeout: number) =>
  async (channelId: string): Promise<void> => {
    const channel = await channels.open(channelId);
    if (channel?.provider.kind !== 'PULSE') return; // deleted, or with another provider by now
    const { provider } = channel;
    await templates.synchronise(channelId, async () => {
      const list = await listTemplates({ ...provider, timeout });
      if (list.outcome !== 'listed') throw new Error(`templates could not be listed: ${list.failure.code}`);
      return list;
    });
  };
