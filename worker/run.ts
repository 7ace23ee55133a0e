// Runs a worker: workflows, activities, the inbox relay and the sweep in one process.
import { WorkflowClient } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { Logger } from 'pino';
import { relayOnce } from '../activities/relay.js';
import { sweepOnce } from '../activities/sweep.js';
import { compareThreads, repairThread } from '../activities/thread-repair.js';
import { openDatabase } from '../store/database.js';
import { TASK_QUEUE } from '../workflows/messages.js';
import { type WiredWorker, wire } from './activities.js';
import { bundleWorkflows } from './bundle.js';
import type { WorkerConfig } from './config.js';
import { createLog, nameOf } from './log.js';
import { repeatUntil } from './repeat.js';

const POOL_SIZE = 20;
const RELAY_PAUSE = 50; // ms
const SYNC_PAUSE = 500; // ms
const SWEEP_PAUSE = 5_000; // ms
const REPAIR_PAUSE = 10_000; // ms
const REPAIR_AGE = 10; // s; with the pause above within the 30 s of LIV2
const OPENING_PATIENCE = 20; // s; with the pause below the 30 s of LIV2

/** Until a signal stops it. `adapt` may put something around the activities. */
export async function runWorker(
  config: WorkerConfig,
  adapt: (activities: WiredWorker['activities']) => WiredWorker['activities'] = (activities) => activities,
): Promise<void> {
  const log = createLog(config.LOG_LEVEL);
  const database = openDatabase(config.DATABASE_URL, POOL_SIZE, (error) =>
    log.warn({ error: nameOf(error) }, 'an idle database connection was lost'),
  );
  const { connectionOptions, namespace } = loadClientConnectConfig();
  const connection = await NativeConnection.connect(connectionOptions);
  const wired = wire({
    database,
    payloadKeys: config.PAYLOAD_KEYS,
    publicUrl: config.PUBLIC_URL,
    workflows: new WorkflowClient({ connection, ...(namespace !== undefined && { namespace }) }),
    timeouts: { provider: config.PROVIDER_TIMEOUT_SECONDS * 1000, mail: config.MAIL_TIMEOUT_SECONDS * 1000 },
    environment: process.env,
  });
  const worker = await Worker.create({
    connection,
    ...(namespace !== undefined && { namespace }),
    taskQueue: TASK_QUEUE,
    workflowBundle:
      config.WORKFLOW_BUNDLE === undefined ? await bundleWorkflows() : { codePath: config.WORKFLOW_BUNDLE },
    activities: adapt(wired.activities),
    maxCachedWorkflows: config.MAX_CACHED_WORKFLOWS,
    shutdownGraceTime: (config.PROVIDER_TIMEOUT_SECONDS + 5) * 1000,
  });

  const stopping = new AbortController();
  const beside = Promise.all([
    relaying(wired, stopping.signal, log),
    sweeping(wired, stopping.signal, log),
    repairing(wired, stopping.signal, log),
    synchronising(wired, stopping.signal, log),
  ]);
  console.log('worker ready');
  try {
    await worker.run();
  } finally {
    stopping.abort();
    await beside;
    await connection.close();
    await database.destroy();
  }
}

function relaying({ relay }: WiredWorker, stopped: AbortSignal, log: Logger): Promise<void> {
  const onFault = (inboxId: number, error: unknown) =>
    log.warn({ inboxId, error: nameOf(error) }, 'a fact could not be relayed and will be again');
  return repeatUntil(stopped, {
    work: () => relayOnce({ ...relay, onFault }),
    idlePause: RELAY_PAUSE,
    onFault: (error) => log.error({ error: nameOf(error) }, 'the inbox cannot be read'),
  });
}

function synchronising({ synchroniseTemplates }: WiredWorker, stopped: AbortSignal, log: Logger): Promise<void> {
  return repeatUntil(stopped, {
    work: synchroniseTemplates,
    idlePause: SYNC_PAUSE,
    onFault: (error) =>
      log.warn({ error: nameOf(error) }, "a channel's templates could not be synchronised and will be again"),
  });
}

function sweeping({ sweep }: WiredWorker, stopped: AbortSignal, log: Logger): Promise<void> {
  return repeatUntil(stopped, {
    async work() {
      const settled = await sweepOnce(sweep, OPENING_PATIENCE);
      if (settled > 0) log.warn({ settled }, 'sends that were ended by hand are settled');
      return 0; // the next sweep is never urgent
    },
    idlePause: SWEEP_PAUSE,
    onFault: (error) => log.error({ error: nameOf(error) }, 'the sweep cannot look for orphans'),
  });
}

function repairing({ repair }: WiredWorker, stopped: AbortSignal, log: Logger): Promise<void> {
  return repeatUntil(stopped, {
    async work() {
      if (!(await repair.takeTurn(REPAIR_PAUSE / 1000))) return 0;
      for (const difference of await compareThreads(repair, REPAIR_AGE, false)) {
        await repairThread(repair, difference);
        const { kind, threadId } = difference;
        log.warn({ kind, threadId }, "a thread's row did not agree with its run and is mended");
      }
      return 0; // the next look is never urgent
    },
    idlePause: REPAIR_PAUSE / 5,
    onFault: (error) => log.error({ error: nameOf(error) }, 'threads cannot be compared with their rows'),
  });
}
