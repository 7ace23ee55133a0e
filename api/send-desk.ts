// Takes a send in: the request's key is kept first, then the workflow is started and its verdict waited for, once.
import {
  isGrpcServiceError,
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowClient,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import type { Context } from 'hono';
import type { Contact } from '../domain/contracts/client.js';
import type { SendBody } from '../domain/contracts/outgoing-send.js';
import type { Database } from '../store/database.js';
import type { ClientStore } from '../store/client.js';
import type { IdempotencyStore } from '../store/idempotency.js';
import { deriveId, hashOf } from '../store/identity.js';
import type { SendStore } from '../store/outgoing-send.js';
import { type Intake, takeIn } from '../store/send-intake.js';
import type { Bearer } from '../store/token.js';
import type { outgoingSend } from '../workflows/index.js';
import {
  OUTGOING_SEND,
  type OutgoingSendInput,
  type SendVerdict,
  searchAttributes,
  sendWorkflowId,
  TASK_QUEUE,
  verdictUpdate,
} from '../workflows/messages.js';
import { canonical } from './canonical.js';
import { contactFrom } from './contact.js';
import { notFound, ProblemError, refusalBody, respond } from './problem.js';
import { eyesOf } from './route.js';

interface SendRequest {
  bearer: Bearer;
  /** The caller's idempotency key. */
  key: string;
  command: SendBody;
  requestId: string;
}

interface SendReply {
  isReplay: boolean;
  respond(context: Context): Response;
}

export interface SendDesk extends Pick<SendStore, 'find' | 'list'> {
  send(request: SendRequest): Promise<SendReply>;
}

export interface SendDeskParts {
  database: Database;
  sends: SendStore;
  clients: Pick<ClientStore, 'ofContact' | 'ofExternalId' | 'create'>;
  idempotency: IdempotencyStore;
  workflows: WorkflowClient;
}

const ROUTE = 'POST /v1/sends';
const LONGEST_WAIT = 30_000; // ms; beyond it the caller asks again under the same key

export function createSendDesk(parts: SendDeskParts): SendDesk {
  const { sends, idempotency } = parts;
  return {
    find: sends.find,
    list: sends.list,
    async send(request) {
      const { bearer, key, command, requestId } = request;
      const sendId = deriveId(bearer.tokenId, key);
      const accepted = await accept(parts, sendId, request);
      if (accepted.state === 'answered') return reply(accepted.status, accepted.answer, true);

      const { verdict, refusals } = await verdictOf(parts.workflows, { sendId, command, ...accepted });
      const [main, ...others] = refusals;
      const [status, answer] =
        verdict === 'REFUSED' && main !== undefined
          ? ([409, refusalBody(requestId, [main, ...others])] as const)
          : ([201, await sends.find(sendId)] as const);
      const first = await idempotency.answered({ tokenId: bearer.tokenId, key }, status, answer);
      return reply(first.status, first.answer, accepted.state === 'running');
    },
  };
}

function reply(status: number, answer: unknown, isReplay: boolean): SendReply {
  return {
    isReplay,
    respond: (context) =>
      status === 201 ? context.json(answer as object, 201) : respond(context, answer as { status: number }),
  };
}

/** An id that nobody has leaves the key free, and another body under the key is told. */
async function accept(
  { database, clients }: SendDeskParts,
  sendId: string,
  { bearer, key, command }: SendRequest,
): Promise<Accepted> {
  const bodyHash = hashOf(canonical(command));
  const own = { tokenId: bearer.tokenId, key, route: ROUTE, bodyHash, sendId, command };
  const request = { ...own, filesSeenBy: eyesOf(bearer) };
  const contact = command.contact && contactFrom(command.contact);
  const clientId = await clientOf(clients, command, contact);
  let intake = await takeIn(database, { ...request, clientId });
  // Only once nothing else is missing: a contact that nobody has is a new client from now on (R27, R28).
  if (intake.state === 'missing' && intake.what === 'client' && contact !== undefined) {
    intake = await takeIn(database, { ...request, clientId: (await clients.create(contact)).clientId });
  }
  if (intake.state === 'missing') throw notFound(intake.what, intake.id);
  if (intake.state === 'reused') {
    throw new ProblemError('IDEMPOTENCY_KEY_REUSED', 'this key was used with another request');
  }
  return intake;
}

async function clientOf(
  clients: SendDeskParts['clients'],
  { clientId, externalId }: SendBody,
  contact: Contact | undefined,
): Promise<string | undefined> {
  if (contact !== undefined) return clients.ofContact(contact);
  return externalId === undefined ? clientId : clients.ofExternalId(externalId);
}

type Accepted = Exclude<Intake, { state: 'missing' | 'reused' }>;

interface Start extends Extract<Accepted, { state: 'first' | 'running' }> {
  sendId: string;
  command: SendBody;
}

async function verdictOf(workflows: WorkflowClient, start: Start): Promise<SendVerdict> {
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

async function resultOf(workflows: WorkflowClient, sendId: string): Promise<SendVerdict> {
  const { verdict, refusals } = await workflows.getHandle<typeof outgoingSend>(sendWorkflowId(sendId)).result();
  return { verdict: verdict ?? 'REFUSED', refusals };
}

const DEADLINE: readonly number[] = [4]; // gRPC DEADLINE_EXCEEDED
const isDeadline = (error: unknown): boolean => isGrpcServiceError(error) && DEADLINE.includes(error.code);

function operationOf({ sendId, clientId, command, channelType, settings }: Start) {
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
    staticSummary: `${channelType} ${command.content.kind}`,
    typedSearchAttributes: [
      { key: searchAttributes.clientId, value: clientId },
      { key: searchAttributes.agentId, value: command.agentId },
      { key: searchAttributes.channelType, value: channelType },
      { key: searchAttributes.sendState, value: 'claiming' },
    ],
  });
}
