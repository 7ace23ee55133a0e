import { type Client, isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import type { SendState } from '../../domain/contracts/outgoing-send.js';
import type { Database } from '../../store/database.js';
import { sendWorkflowId, threadWorkflowId } from '../../workflows/messages.js';

const NOT_FOUND: readonly number[] = [5]; // gRPC

/** Of sends whose runs are over. */
const ENDED: SendState[] = ['sent', 'delivered', 'failed', 'refused', 'rejected'];

interface Run {
  workflowId: string;
  runId?: string;
  /** By its row. */
  mayRun: boolean;
}

/**
 * Replays the history of every run that this database knows of on the current code, and ends those that still run, so
 * that they cannot disturb the next file. A change of order throws DeterminismViolationError.
 * @param atMost of many runs so many are replayed, evenly chosen
 */
export async function replayAll({ workflow }: Client, database: Database, atMost = Infinity): Promise<number> {
  let replayed = 0;
  const runs = await runsOf(database);
  const every = Math.max(1, Math.ceil(runs.length / atMost));
  const isReplayed = (_: Run, index: number) => index % every === 0;
  for (const { workflowId, runId } of runs.filter((run, index) => run.mayRun && !isReplayed(run, index)))
    await workflow.getHandle(workflowId, runId).terminate('the test is over').catch(unlessGone);
  async function* histories() {
    for (const { workflowId, runId } of runs.filter(isReplayed)) {
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
  const sends = await database.selectFrom('sends').select(['send_id', 'state']).execute();
  const threads = await database.selectFrom('threads').select(['client_id', 'run_id', 'state']).execute();
  return [
    ...sends.map(({ send_id, state }) => ({ workflowId: sendWorkflowId(send_id), mayRun: !ENDED.includes(state) })),
    ...threads.map(({ client_id, run_id, state }) => ({
      workflowId: threadWorkflowId(client_id),
      runId: run_id,
      mayRun: state !== 'CLOSED',
    })),
  ];
}

/** A send that was never started, or a run that has ended already. */
function unlessGone(error: unknown): undefined {
  const isGone =
    error instanceof WorkflowNotFoundError || (isGrpcServiceError(error) && NOT_FOUND.includes(error.code));
  if (!isGone) throw error;
}
