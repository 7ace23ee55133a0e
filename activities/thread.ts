import type { ThreadActivities, ThreadLog } from './ports.js';

export const createThreadActivities = ({ threads }: { threads: ThreadLog }): ThreadActivities => ({
  projectThread: ({ thread, projection }) => threads.project(thread, projection),
});
