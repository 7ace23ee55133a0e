// Repairs what no run will repair by itself: what a send has left that was ended by hand (W20).
import type { WorkflowClient } from '@temporalio/client';
import { searchAttributes, sendWorkflowId, THREAD, type ThreadMemo } from '../workflows/messages.js';
import { describeRunning } from './ended.js';
import type { OrphanLog } from './ports.js';
import type { ThreadCalls } from './thread-calls.js';

export interface SweepPorts {
  orphans: OrphanLog;
  workflows: WorkflowClient;
  threads: Pick<ThreadCalls, 'settle'>;
}

/**
 * Settles the claims of sends that run no more, and ends what they have left unfinished.
 * @param patience how long a thread may be opening before its opener is asked for, in s
 * @returns how many it settled
 */
export async function sweepOnce(ports: SweepPorts, patience: number): Promise<number> {
  return (await settleClaims(ports, patience)) + (await endOverdue(ports));
}

/** A message that never leaves would hold back every later reply of its thread. */
async function endOverdue({ orphans, workflows }: SweepPorts): Promise<number> {
  let ended = 0;
  for (const sendId of await orphans.overdue()) {
    if (await isRunning(workflows, sendId)) continue;
    await orphans.abandon(sendId);
    ended += 1;
  }
  return ended;
}

async function settleClaims({ orphans, workflows, threads }: SweepPorts, patience: number): Promise<number> {
  let settled = 0;
  for await (const { memo, typedSearchAttributes } of workflows.list({ query: openingSince(patience) })) {
    const { sendId } = memo as ThreadMemo;
    const clientId = typedSearchAttributes.get(searchAttributes.clientId);
    if (clientId === undefined || (await isRunning(workflows, sendId))) continue;
    await threads.settle(clientId, { sendId, verdict: await orphans.abandon(sendId) });
    settled += 1;
  }
  return settled;
}

function openingSince(patience: number): string {
  const latest = new Date(Date.now() - patience * 1000).toISOString();
  return `WorkflowType = "${THREAD}" AND ThreadState = "OPENING" AND ExecutionStatus = "Running" AND StartTime <= "${latest}"`;
}

async function isRunning(workflows: WorkflowClient, sendId: string): Promise<boolean> {
  return (await describeRunning(workflows, sendWorkflowId(sendId))) !== undefined;
}
