// After news of a template the provider's list is asked anew: the list is the truth, whatever the news said (R16, R19).
import { listTemplates } from '../channels/edna-pulse/index.js';
import type { ChannelStore } from '../store/channel.js';
import type { MessageTemplateStore } from '../store/message-template.js';

/**
 * One synchronisation that is due; answers how many there were.
 * @param timeout how long the provider may take, in ms
 */
export const createTemplateSync =
  (channels: ChannelStore, templates: MessageTemplateStore, timeout: number) => async (): Promise<number> => {
    const due = await templates.takeWanted();
    if (due === undefined) return 0;
    const channel = await channels.open(due.channelId);
    if (channel?.provider.kind === 'PULSE') {
      const { provider } = channel;
      await templates.synchronise(due.channelId, async () => {
        const list = await listTemplates({ ...provider, timeout });
        if (list.outcome !== 'listed') throw new Error(`templates could not be listed: ${list.failure.code}`);
        return list;
      });
    }
    await templates.done(due.channelId, due.wanted); // also of a channel that has another provider by now
    return 1;
  };
