// Starts a send's workflow, or finds it running, and waits for its verdict.
import {
  isGrpcServiceError,
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowClient,
  WorkflowNotFoundError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import type { ChannelType } from '../domain/contracts/channel.js';
import type { Settings } from '../domain/contracts/settings.js';
import type { IntakeCommand } from '../store/send-intake.js';
import type { outgoingSend } from '../workflows/index.js';
import {
  OUTGOING_SEND,
  type OutgoingSendInput,
  type SendVerdict,
  searchAttributes,
  sendWorkflowId,
  TASK_QUEUE,
  threadWorkflowId,
  verdictUpdate,
} from '../workflows/messages.js';
import { ProblemError } from './problem.js';

const LONGEST_WAIT = 30_000; // ms; beyond it the caller asks again under the same key

export interface SendStart {
  sendId: string;
  /** `running`: the first request under its key may still be waiting. */
  state: 'first' | 'running';
  command: IntakeCommand;
  clientId: string;
  channelType: ChannelType;
  settings: Settings;
}

export async function verdictOf(workflows: WorkflowClient, start: SendStart): Promise<SendVerdict> {
  try {
    return await workflows.withDeadline(Date.now() + LONGEST_WAIT, () =>
      workflows.executeUpdateWithStart(verdictUpdate, {
        updateId: start.sendId,
        startWorkflowOperation: operationOf(start),
      }),
    );
  } catch (error) {
    // The run has ended and its update was lost with the server: what it ended as says the same (W03).
    if (error instanceof WorkflowExecutionAlreadyStartedError) return resultOf(workflows, start.sendId);
    const isTooLong = error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isDeadline(error);
    if (!isTooLong) throw error;
    throw start.state === 'running'
      ? new ProblemError('IDEMPOTENCY_IN_PROGRESS', 'the first request under this key is still running')
      : new ProblemError('UNAVAILABLE', 'no worker has answered in time; ask again under the same key');
  }
}

export async function threadRuns(workflows: WorkflowClient, clientId: string): Promise<boolean> {
  try {
    const { status } = await workflows.getHandle(threadWorkflowId(clientId)).describe();
    return status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

async function resultOf(workflows: WorkflowClient, sendId: string): Promise<SendVerdict> {
  const { verdict, refusals } = await workflows.getHandle<typeof outgoingSend>(sendWorkflowId(sendId)).result();
  return { verdict: verdict ?? 'REFUSED', refusals };
}

const DEADLINE: readonly number[] = [4]; // gRPC DEADLINE_EXCEEDED
const isDeadline = (error: unknown): boolean => isGrpcServiceError(error) && DEADLINE.includes(error.code);

function operationOf({ sendId, clientId, command, channelType, settings }: SendStart) {
  const input: OutgoingSendInput = {
    sendId,
    clientId,
    channelId: command.channelId,
    dispatchDeadline: settings.dispatchDeadlineSeconds * 1000,
    timeouts: {
      verdict: settings.verdictSeconds * 1000,
      unknown: settings.unknownDeadlineSeconds * 1000,
      receipt: settings.receiptDeadlineSeconds * 1000,
    },
  };
  return new WithStartWorkflowOperation<typeof outgoingSend>(OUTGOING_SEND, {
    workflowId: sendWorkflowId(sendId),
    taskQueue: TASK_QUEUE,
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    args: [input],
    staticSummary: `${channelType} ${command.content.kind}${command.reply === undefined ? '' : ': a reply'}`,
    typedSearchAttributes: [
      { key: searchAttributes.clientId, value: clientId },
      ...(command.agentId === undefined ? [] : [{ key: searchAttributes.agentId, value: command.agentId }]),
      { key: searchAttributes.channelType, value: channelType },
      { key: searchAttributes.sendState, value: 'claiming' },
    ],
  });
}
