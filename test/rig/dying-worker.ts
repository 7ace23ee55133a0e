import { openDatabase } from '../../store/database.js';
import { parseEnvironment } from '../../store/config.js';
import type { WiredWorker } from '../../worker/activities.js';
import { WorkerEnvironment } from '../../worker/config.js';
import { runWorker } from '../../worker/run.js';
import { createSteps, type Step } from './races/steps.js';

type Activities = WiredWorker['activities'];
type Activity = (job: never) => Promise<unknown>;

const config = parseEnvironment(WorkerEnvironment, process.env);
const diesAfter = process.env['DIES_AFTER'] ?? '';
const diesFor = process.env['DIES_FOR'] ?? '';

/** The work is done and committed; the process ends before it can say so. */
function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
}

const dying =
  (activity: Activity): Activity =>
  async (job) => {
    await activity(job);
    return die();
  };

const dyingFirst = (activities: Activities): Activities =>
  Object.fromEntries(
    Object.entries(activities).map(([name, activity]) => [
      name,
      name === diesAfter ? dying(activity as Activity) : activity,
    ]),
  ) as unknown as Activities;

function dyingForOne(clientId: string): (activities: Activities) => Activities {
  const steps = createSteps();
  steps.useDatabase(openDatabase(config.DATABASE_URL, 2, () => {}));
  steps.plan(clientId, 'after', diesAfter as Step, die);
  return steps.adapt;
}

await runWorker(config, diesFor === '' ? dyingFirst : dyingForOne(diesFor));
