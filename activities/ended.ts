import { WorkflowNotFoundError } from '@temporalio/client';

/** For a run that may have ended, or never begun: then there is nothing to tell or to ask. */
export function unlessEnded(error: unknown): undefined {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}
