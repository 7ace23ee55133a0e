import type { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { inject } from 'vitest';

/**
 * Replays the history of every run that was started since then on the current code, and ends those that still run, so
 * that they cannot disturb the next file. A change of order throws DeterminismViolationError.
 */
export async function replayAll({ workflow }: Client, since: Date): Promise<void> {
  const runs: { workflowId: string; runId: string; isOpen: boolean }[] = [];
  for await (const { workflowId, runId, status } of workflow.list({ query: `StartTime >= "${since.toISOString()}"` })) {
    runs.push({ workflowId, runId, isOpen: status.name === 'RUNNING' });
  }
  async function* histories() {
    for (const { workflowId, runId } of runs) {
      yield { workflowId, history: await workflow.getHandle(workflowId, runId).fetchHistory() };
    }
  }
  for await (const { workflowId, error } of Worker.runReplayHistories(
    { workflowBundle: { codePath: inject('bundle') } },
    histories(),
  )) {
    if (error !== undefined) throw new Error(`${workflowId} does not replay`, { cause: error });
  }
  for (const { workflowId, runId, isOpen } of runs) {
    if (isOpen) await workflow.getHandle(workflowId, runId).terminate('the test is over');
  }
}
