// The effects of a thread: its row, the news to open wizards, the call of a bot. Each may run more than once.
import { isOpening } from '../domain/thread.js';
import type { Announce } from './announcement.js';
import type { BotDesk, CallBot, ThreadActivities, ThreadLog } from './ports.js';

export interface ThreadPorts {
  threads: ThreadLog;
  announce: Announce;
  bots: BotDesk;
  callBot: CallBot;
}

export const createThreadActivities = ({ threads, announce, bots, callBot }: ThreadPorts): ThreadActivities => ({
  async projectThread({ thread, projection }) {
    const answer = await threads.project(thread, projection);
    if (isOpening(projection, thread)) await announce.opened(thread);
    if (projection.state === 'CLOSED') await announce.closed(thread);
    return answer;
  },

  async handToBot(handover) {
    const found = await bots.taskFor(handover);
    if (found === undefined) return { outcome: 'vanished' };
    await callBot(found.url, found.task, `${handover.threadId}:${handover.handover}`);
    return { outcome: 'taken' };
  },
});
