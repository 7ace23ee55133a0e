import { type Client, isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import type { Database } from '../../store/database.js';
import { sendWorkflowId, threadWorkflowId } from '../../workflows/messages.js';

const NOT_FOUND: readonly number[] = [5]; // gRPC

interface Run {
  workflowId: string;
  runId?: string;
}

/**
 * Replays the history of every run that this database knows of on the current code, and ends those that still run, so
 * that they cannot disturb the next file. A change of order throws DeterminismViolationError.
 */
export async function replayAll({ workflow }: Client, database: Database): Promise<number> {
  let replayed = 0;
  async function* histories() {
    for (const { workflowId, runId } of await runsOf(database)) {
      const handle = workflow.getHandle(workflowId, runId);
      const history = await handle.fetchHistory().catch(unlessGone);
      if (history === undefined) continue;
      await handle.terminate('the test is over').catch(unlessGone);
      yield { workflowId, history };
    }
  }
  const options = { workflowBundle: { codePath: inject('bundle') } };
  for await (const { workflowId, error } of Worker.runReplayHistories(options, histories())) {
    if (error !== undefined) throw new Error(`${workflowId} does not replay`, { cause: error });
    replayed += 1;
  }
  return replayed;
}

async function runsOf(database: Database): Promise<Run[]> {
  const sends = await database.selectFrom('sends').select('send_id').execute();
  const threads = await database.selectFrom('threads').select(['client_id', 'run_id']).execute();
  return [
    ...sends.map(({ send_id }) => ({ workflowId: sendWorkflowId(send_id) })),
    ...threads.map(({ client_id, run_id }) => ({ workflowId: threadWorkflowId(client_id), runId: run_id })),
  ];
}

/** A send that was never started, or a run that has ended already. */
function unlessGone(error: unknown): undefined {
  const isGone =
    error instanceof WorkflowNotFoundError || (isGrpcServiceError(error) && NOT_FOUND.includes(error.code));
  if (!isGone) throw error;
}
