// Compares the rows of threads with the runs that are the truth, and mends the rows (F71, LIV2).
import { isDeepStrictEqual } from 'node:util';
import type { WorkflowClient } from '@temporalio/client';
import type { ThreadProjection } from '../domain/thread.js';
import {
  projectSignal,
  searchAttributes,
  THREAD,
  type ThreadMemo,
  threadWorkflowId,
  viewQuery,
} from '../workflows/messages.js';
import { describeRunning, unlessEnded } from './ended.js';
import type { ThreadRow, ThreadRows } from './ports.js';

export interface RepairPorts {
  rows: ThreadRows;
  workflows: WorkflowClient;
}

interface Named {
  threadId: string;
  clientId: string;
}

export type Difference = Named &
  (
    | { kind: 'ROW_WITHOUT_RUN'; row: ThreadRow }
    | { kind: 'RUN_WITHOUT_ROW' }
    /** Only a look at the run itself finds it. */
    | { kind: 'ROW_DIFFERS'; row: ThreadRow; run: Shown }
  );

type Shown = Pick<ThreadRow, 'state' | 'agentId' | 'target' | 'minimised'>;

/**
 * @param age in s: what is younger may still be on its way into the database or the list of runs
 * @param isDeep whether each run is asked what it knows, which needs a worker; else only who runs and who has a row
 */
export async function compareThreads(ports: RepairPorts, age: number, isDeep: boolean): Promise<Difference[]> {
  const [rows, running] = await Promise.all([ports.rows.open(age), listRunning(ports.workflows, age)]);
  const found: (Difference | undefined)[] = [];
  for (const row of rows) {
    const runs = running.get(row.clientId) === row.threadId;
    found.push(runs ? await compareRun(ports, row, isDeep) : await checkRow(ports, row));
  }
  const known = new Set(rows.map(({ threadId }) => threadId));
  for (const [clientId, threadId] of running) {
    if (!known.has(threadId)) found.push(await checkRun(ports, { clientId, threadId }, isDeep));
  }
  return found.filter((difference) => difference !== undefined);
}

/** Rows follow the runs; nothing is ever done to a run but to have it written down anew. */
export async function repairThread({ rows, workflows }: RepairPorts, difference: Difference): Promise<void> {
  if (difference.kind === 'ROW_WITHOUT_RUN') return rows.close(difference.row);
  const above = difference.kind === 'ROW_DIFFERS' ? difference.row.version : 0;
  await workflows.getHandle(threadWorkflowId(difference.clientId)).signal(projectSignal, { above }).catch(unlessEnded);
}

/** The active thread of each client, as the list of runs has it; the list lags a little. */
async function listRunning(workflows: WorkflowClient, age: number): Promise<Map<string, string>> {
  const latest = new Date(Date.now() - age * 1000).toISOString();
  const query = `WorkflowType = "${THREAD}" AND ExecutionStatus = "Running" AND StartTime <= "${latest}"`;
  const running = new Map<string, string>();
  for await (const { memo, typedSearchAttributes } of workflows.list({ query })) {
    const clientId = typedSearchAttributes.get(searchAttributes.clientId);
    if (clientId !== undefined) running.set(clientId, (memo as ThreadMemo).threadId);
  }
  return running;
}

async function runningThreadId(workflows: WorkflowClient, clientId: string): Promise<string | undefined> {
  const description = await describeRunning(workflows, threadWorkflowId(clientId));
  return description && (description.memo as ThreadMemo).threadId;
}

async function checkRow({ rows, workflows }: RepairPorts, row: ThreadRow): Promise<Difference | undefined> {
  const { threadId, clientId } = row;
  if ((await runningThreadId(workflows, clientId)) === threadId) return undefined;
  const now = await rows.row(threadId); // closed meanwhile?
  const isOpen = now !== undefined && now.state !== 'CLOSED';
  return isOpen ? { kind: 'ROW_WITHOUT_RUN', threadId, clientId, row: now } : undefined;
}

async function checkRun(ports: RepairPorts, run: Named, isDeep: boolean): Promise<Difference | undefined> {
  const { rows, workflows } = ports;
  const row = await rows.row(run.threadId);
  if (row !== undefined) return compareRun(ports, row, isDeep); // closed: by its run, which is about to end, or not
  if ((await runningThreadId(workflows, run.clientId)) !== run.threadId) return undefined;
  return { kind: 'RUN_WITHOUT_ROW', ...run };
}

async function compareRun(
  { rows, workflows }: RepairPorts,
  row: ThreadRow,
  isDeep: boolean,
): Promise<Difference | undefined> {
  if (!isDeep) return undefined;
  const { threadId, clientId } = row;
  const view = await workflows.getHandle(threadWorkflowId(clientId)).query(viewQuery).catch(unlessEnded);
  const run = view?.context as (ThreadProjection & { threadId: string; written: number }) | undefined;
  if (run === undefined || run.threadId !== threadId || run.written < run.version) return undefined; // on its way
  const now = await rows.row(threadId);
  if (now === undefined || isDeepStrictEqual(shown(now), shown(run)) || now.version > row.version) return undefined;
  return { kind: 'ROW_DIFFERS', threadId, clientId, row: now, run: shown(run) };
}

const shown = ({ state, agentId, target, minimised }: Shown): Shown => ({
  state,
  minimised,
  ...(agentId !== undefined && { agentId }),
  ...(target !== undefined && { target }),
});
