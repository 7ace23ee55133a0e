// Repairs what no run will repair by itself: a thread that was claimed by a send whose run was ended by hand (W20).
import { type WorkflowClient, WorkflowNotFoundError } from '@temporalio/client';
import { sendWorkflowId } from '../workflows/messages.js';
import type { OrphanLog } from './ports.js';
import type { ThreadCalls } from './thread-calls.js';

export interface SweepPorts {
  orphans: OrphanLog;
  workflows: WorkflowClient;
  threads: Pick<ThreadCalls, 'settle'>;
}

/**
 * Settles the claims of sends that run no more.
 * @param patience how long a thread may be opening before its opener is asked for, in s
 * @returns how many it settled
 */
export async function sweepOnce({ orphans, workflows, threads }: SweepPorts, patience: number): Promise<number> {
  let settled = 0;
  for (const { clientId, sendId } of await orphans.openingSince(patience)) {
    if (await isRunning(workflows, sendId)) continue;
    await threads.settle(clientId, { sendId, verdict: await orphans.abandon(sendId) });
    settled += 1;
  }
  return settled;
}

async function isRunning(workflows: WorkflowClient, sendId: string): Promise<boolean> {
  try {
    const { status } = await workflows.getHandle(sendWorkflowId(sendId)).describe();
    return status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
