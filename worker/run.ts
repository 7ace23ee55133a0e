// Runs a worker: workflows, activities and the inbox relay in one process.
import { setTimeout as pause } from 'node:timers/promises';
import { WorkflowClient } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import pino from 'pino';
import { type RelayPorts, relayOnce } from '../activities/relay.js';
import { openDatabase } from '../store/database.js';
import { createSealing } from '../store/sealing.js';
import { TASK_QUEUE } from '../workflows/messages.js';
import { type WiredWorker, wire } from './activities.js';
import { bundleWorkflows } from './bundle.js';
import type { WorkerConfig } from './config.js';

const RELAY_PAUSE = 50; // ms, when the inbox is empty
const FAULT_PAUSE = 1_000; // ms, when the inbox cannot be read
const POOL_SIZE = 20;

/** Until a signal stops it. `adapt` may put something around the activities. */
export async function runWorker(
  config: WorkerConfig,
  adapt: (activities: WiredWorker['activities']) => WiredWorker['activities'] = (activities) => activities,
): Promise<void> {
  const log = pino({ level: config.LOG_LEVEL, base: { process: 'worker' } });
  Runtime.install({ logger: new DefaultLogger('WARN', ({ level, message }) => log[levelOf(level)](message)) });

  const database = openDatabase(config.DATABASE_URL, POOL_SIZE, (error) =>
    log.warn({ code: error.name }, 'idle connection lost'),
  );
  const { connectionOptions, namespace } = loadClientConnectConfig();
  const connection = await NativeConnection.connect(connectionOptions);
  const workflows = new WorkflowClient({ connection, ...(namespace !== undefined && { namespace }) });
  const { activities, relay } = wire({
    database,
    sealing: createSealing(config.PAYLOAD_KEYS),
    workflows,
    timeouts: { provider: config.PROVIDER_TIMEOUT_SECONDS * 1000, mail: config.MAIL_TIMEOUT_SECONDS * 1000 },
    environment: process.env,
  });
  const worker = await Worker.create({
    connection,
    ...(namespace !== undefined && { namespace }),
    taskQueue: TASK_QUEUE,
    workflowBundle:
      config.WORKFLOW_BUNDLE === undefined ? await bundleWorkflows() : { codePath: config.WORKFLOW_BUNDLE },
    activities: adapt(activities),
    maxCachedWorkflows: config.MAX_CACHED_WORKFLOWS,
    shutdownGraceTime: (config.PROVIDER_TIMEOUT_SECONDS + 5) * 1000,
  });

  const stopping = new AbortController();
  const relaying = relayUntil(
    stopping.signal,
    {
      ...relay,
      onFault: (inboxId, error) =>
        log.warn({ inboxId, code: nameOf(error) }, 'a fact could not be relayed and will be again'),
    },
    (error) => log.error({ code: nameOf(error) }, 'the inbox cannot be read'),
  );
  console.log('worker ready');
  try {
    await worker.run();
  } finally {
    stopping.abort();
    await relaying;
    await connection.close();
    await database.destroy();
  }
}

async function relayUntil(stopped: AbortSignal, ports: RelayPorts, onDown: (error: unknown) => void): Promise<void> {
  while (!stopped.aborted) {
    try {
      if ((await relayOnce(ports)) === 0) await pause(RELAY_PAUSE);
    } catch (error) {
      onDown(error);
      await pause(FAULT_PAUSE);
    }
  }
}

const levelOf = (level: string): 'debug' | 'info' | 'warn' | 'error' =>
  level === 'ERROR' ? 'error' : level === 'WARN' ? 'warn' : level === 'INFO' ? 'info' : 'debug';

/** Names and codes only: messages of drivers and providers may quote a client's data (SEC26). */
const nameOf = (error: unknown): string =>
  error instanceof Error
    ? 'code' in error && typeof error.code === 'string'
      ? error.code
      : error.name
    : 'not an error';
