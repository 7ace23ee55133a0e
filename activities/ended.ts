import { type WorkflowClient, type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client';

/** For a run that may have ended, or never begun: then there is nothing to tell or to ask. */
export function unlessEnded(error: unknown): undefined {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}

export async function describeRunning(
  workflows: WorkflowClient,
  workflowId: string,
): Promise<WorkflowExecutionDescription | undefined> {
  const description = await workflows.getHandle(workflowId).describe().catch(unlessEnded);
  return description?.status.name === 'RUNNING' ? description : undefined;
}
