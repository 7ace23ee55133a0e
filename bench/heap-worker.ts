// Runs that stay open in a worker whose database work does nothing; prints what they hold as one line of JSON. Workflows
// run in the main thread here (debugMode), since the heap of a worker's own thread cannot be asked for.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { bundleWorkflows } from '../worker/bundle.js';
import {
  OUTGOING_SEND,
  type OutgoingSendInput,
  sendWorkflowId,
  THREAD,
  type ThreadInput,
  threadWorkflowId,
} from '../workflows/messages.js';
import { closedLoop } from './closed-loop.js';
import { type HeapLine, type HeldPerRun, RUNS_KEPT } from './heap.js';
import { HEAP_QUEUE } from './names.js';

const STARTERS = 16;
const WARM_UP = 50;
const SETTLE = 1500; // ms until the last tasks are over
const DAY = 86_400_000; // ms

const finished = { count: 0 };
const activities = {
  projectThread: async () => void (finished.count += 1),
  claimThread: async () => ({ outcome: 'won', expectsReceipts: true, dispatchTimeout: 30_000 }),
  dispatchPart: async () => ({ outcome: 'accepted' }),
  settleSend: async () => {
    finished.count += 1;
    return { status: 'QUEUED' };
  },
};

const threadOf = (clientId: string): ThreadInput => ({
  threadId: randomUUID(),
  clientId,
  channelId: 'wa-main',
  openedBy: { kind: 'CLIENT', id: randomUUID() },
  entryIds: [randomUUID()],
  timeouts: { outgoingWaiting: DAY, waiting: DAY },
});
const sendOf = (sendId: string): OutgoingSendInput => ({
  sendId,
  clientId: 'heap',
  channelId: 'wa-main',
  dispatchDeadline: DAY,
  timeouts: { verdict: 5000, unknown: DAY, receipt: DAY },
});

Runtime.install({ logger: new DefaultLogger('WARN') });
const connection = await NativeConnection.connect(loadClientConnectConfig().connectionOptions);
const { workflow } = new Client({ connection });
const worker = await Worker.create({
  connection,
  taskQueue: HEAP_QUEUE,
  workflowBundle: await bundleWorkflows(),
  activities,
  maxCachedWorkflows: 10 * RUNS_KEPT,
  debugMode: true,
});

const startThread = (id: string) =>
  workflow.start(THREAD, { workflowId: threadWorkflowId(id), taskQueue: HEAP_QUEUE, args: [threadOf(id)] });
const startSend = (id: string) =>
  workflow.start(OUTGOING_SEND, { workflowId: sendWorkflowId(id), taskQueue: HEAP_QUEUE, args: [sendOf(id)] });

/** KB per run, once all of them rest. */
async function heldBy(start: (id: string) => Promise<unknown>, runs = RUNS_KEPT): Promise<HeldPerRun> {
  const before = await memory();
  finished.count = 0;
  await closedLoop(STARTERS, runs, () => start(randomUUID()));
  while (finished.count < runs) await pause(50);
  const after = await memory();
  const perRun = (bytes: number) => bytes / runs / 1024;
  return { heapKb: perRun(after.heapUsed - before.heapUsed), rssKb: perRun(after.rss - before.rss) };
}

async function memory(): Promise<NodeJS.MemoryUsage> {
  await pause(SETTLE);
  for (let round = 0; round < 3; round += 1) globalThis.gc?.();
  return process.memoryUsage();
}

await worker.runUntil(async () => {
  await heldBy(startThread, WARM_UP); // loads what the first runs share
  await heldBy(startSend, WARM_UP);
  const line: HeapLine = { thread: await heldBy(startThread), send: await heldBy(startSend) };
  console.log(JSON.stringify(line));
});
await connection.close();
process.exit(); // the runs stay open, as they were meant to
