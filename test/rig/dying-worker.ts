import { parseEnvironment } from '../../store/config.js';
import type { WiredWorker } from '../../worker/activities.js';
import { WorkerEnvironment } from '../../worker/config.js';
import { runWorker } from '../../worker/run.js';

type Activities = WiredWorker['activities'];
type Activity = (job: never) => Promise<unknown>;

const diesAfter = process.env['DIES_AFTER'] ?? '';

/** The work is done and committed; the process ends before it can say so. */
const dying =
  (activity: Activity): Activity =>
  async (job) => {
    await activity(job);
    process.kill(process.pid, 'SIGKILL');
    return new Promise(() => {});
  };

await runWorker(
  parseEnvironment(WorkerEnvironment, process.env),
  (activities) =>
    Object.fromEntries(
      Object.entries(activities).map(([name, activity]) => [
        name,
        name === diesAfter ? dying(activity as Activity) : activity,
      ]),
    ) as unknown as Activities,
);
