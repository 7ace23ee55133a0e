// Takes a send in: the request's key is kept first, then the workflow is started and its verdict waited for, once.
import { setTimeout as pause } from 'node:timers/promises';
import type { WorkflowClient } from '@temporalio/client';
import type { Context } from 'hono';
import type { Contact } from '../domain/contracts/client.js';
import type { ReplyBody, Send, SendBody } from '../domain/contracts/outgoing-send.js';
import type { Refusal } from '../domain/contracts/refusal.js';
import type { Thread, ThreadHolder } from '../domain/contracts/thread.js';
import { findRefusals } from '../domain/eligibility.js';
import { claimsThread } from '../domain/situation.js';
import type { Actor } from '../domain/thread-command.js';
import type { ClientStore } from '../store/client.js';
import type { Database } from '../store/database.js';
import type { IdempotencyStore } from '../store/idempotency.js';
import { deriveId, hashOf } from '../store/identity.js';
import type { SendStore } from '../store/outgoing-send.js';
import { type Intake, type IntakeRequest, takeIn } from '../store/send-intake.js';
import type { ThreadStore } from '../store/thread.js';
import type { Bearer } from '../store/token.js';
import { canonical } from './canonical.js';
import { contactFrom } from './contact.js';
import { notFound, ProblemError, refusalBody, respond } from './problem.js';
import { eyesOf } from './route.js';
import { createTurnstile } from './turnstile.js';
import { type SendStart, threadRuns, verdictOf } from './verdict.js';

interface Asked {
  bearer: Bearer;
  /** The caller's idempotency key. */
  key: string;
  requestId: string;
}

interface SendReply {
  isReplay: boolean;
  respond(context: Context): Response;
}

export interface SendDesk extends Pick<SendStore, 'find' | 'list'> {
  send(request: Asked & { command: SendBody }): Promise<SendReply>;
  /** An answer in a thread, by the same rules and the same workflow; the thread says whether the actor may. */
  reply(request: Asked & { thread: Thread; body: ReplyBody; actor: Actor }): Promise<SendReply>;
}

export interface SendDeskParts {
  database: Database;
  sends: SendStore;
  threads: Pick<ThreadStore, 'versionOf'>;
  clients: Pick<ClientStore, 'ofContact' | 'ofExternalId' | 'create'>;
  idempotency: IdempotencyStore;
  workflows: WorkflowClient;
}

/** How many sends to one client are at work at once in this process; the others wait for them. */
const AT_ONCE = 4;
const PATIENCE_IN_LINE = 25_000; // ms

export function createSendDesk(parts: SendDeskParts): SendDesk {
  const { sends } = parts;
  const turnstile = createTurnstile(AT_ONCE, PATIENCE_IN_LINE);
  return {
    find: sends.find,
    list: sends.list,

    send(request) {
      const { bearer, key, command } = request;
      const { clientId, contact, externalId = '' } = command;
      const work = async () => {
        const intake = intakeOf(bearer, key, 'POST /v1/sends', command, command);
        return answer(parts, request, intake, await accept(parts, intake, command), 0);
      };
      // An e-mail claims nothing, so that nobody crowds.
      return command.content.kind === 'EMAIL' ? work() : turnstile(clientId ?? contact?.value ?? externalId, work);
    },

    async reply(request) {
      const { bearer, key, thread, body, actor } = request;
      const { threadId, clientId, channelId } = thread;
      const reply = { threadId, actor };
      const asked = { ...body, agentId: actor.kind === 'SYSTEM' ? undefined : actor.agentId };
      const before = await parts.threads.versionOf(threadId);
      const route = `POST /v1/threads/${threadId}/messages`;
      const intake = intakeOf(bearer, key, route, asked, { ...asked, channelId, reply });
      const accepted = unlessRefused(await takeIn(parts.database, { ...intake, clientId }));
      return answer(parts, request, intake, accepted, before);
    },
  };
}

const intakeOf = (
  bearer: Bearer,
  key: string,
  route: string,
  body: unknown,
  command: IntakeRequest['command'],
): Omit<IntakeRequest, 'clientId'> => ({
  tokenId: bearer.tokenId,
  key,
  route,
  bodyHash: hashOf(canonical(body)),
  sendId: deriveId(bearer.tokenId, key),
  command,
  filesSeenBy: eyesOf(bearer),
});

type Accepted = Exclude<Intake, { state: 'missing' | 'reused' }>;

/** @param before the version of the thread that is written to; what we answer is seen in its row from then on */
async function answer(
  parts: SendDeskParts,
  { bearer, key, requestId }: Asked,
  { sendId, command }: Omit<IntakeRequest, 'clientId'>,
  accepted: Accepted,
  before: number,
): Promise<SendReply> {
  if (accepted.state === 'answered') return replyWith(accepted.status, accepted.answer, true);
  const refusals =
    (await refusedAtOnce(parts, sendId, command, accepted)) ??
    (await outcomeOf(parts, { sendId, command, ...accepted }));
  const [main, ...others] = refusals;
  const made = main === undefined ? await parts.sends.find(sendId) : undefined;
  if (made !== undefined) await untilWritten(parts, made, before);
  const [status, said] = main === undefined ? [201, made] : [409, refusalBody(requestId, [main, ...others])];
  const first = await parts.idempotency.answered({ tokenId: bearer.tokenId, key }, status, said);
  return replyWith(first.status, first.answer, accepted.state === 'running');
}

const outcomeOf = async ({ workflows }: SendDeskParts, start: SendStart): Promise<Refusal[]> =>
  (await verdictOf(workflows, start)).refusals;

/**
 * A client whose thread is known to be active costs no workflow: what is refused is what the claim would refuse. Only
 * the claim can say that there is none (A21), as when the row is all that is left of a thread (F71).
 */
async function refusedAtOnce(
  { sends, workflows }: SendDeskParts,
  sendId: string,
  { reply }: IntakeRequest['command'],
  accepted: Exclude<Accepted, { state: 'answered' }>,
): Promise<Refusal[] | undefined> {
  const holder: ThreadHolder | undefined = accepted.state === 'first' ? accepted.holder : undefined;
  if (holder === undefined || reply !== undefined || !claimsThread(accepted.channelType)) return undefined;
  if (!(await threadRuns(workflows, accepted.clientId))) return undefined;
  const send = await sends.read(sendId);
  await sends.recordRefusal(sendId);
  return findRefusals(send.situation, send, holder);
}

const PATIENCE = 1_000; // ms
const PAUSE = 10; // ms

/** The thread has been told; its row follows in an instant, and then the caller may read what we have said. */
async function untilWritten({ threads }: SendDeskParts, { threadId, verdict }: Send, before: number): Promise<void> {
  if (threadId === null || (before > 0 && verdict === 'REJECTED')) return;
  const giveUpAt = Date.now() + PATIENCE;
  while ((await threads.versionOf(threadId)) <= before && Date.now() < giveUpAt) await pause(PAUSE);
}

function replyWith(status: number, said: unknown, isReplay: boolean): SendReply {
  return {
    isReplay,
    respond: (context) =>
      status === 201 ? context.json(said as object, 201) : respond(context, said as { status: number }),
  };
}

/** An id that nobody has leaves the key free, and another body under the key is told. */
async function accept(
  { database, clients }: SendDeskParts,
  request: Omit<IntakeRequest, 'clientId'>,
  command: SendBody,
): Promise<Accepted> {
  const contact = command.contact && contactFrom(command.contact);
  const clientId = await clientOf(clients, command, contact);
  const intake = await takeIn(database, { ...request, clientId });
  // Only once nothing else is missing: a contact that nobody has is a new client from now on (R27, R28).
  if (intake.state === 'missing' && intake.what === 'client' && contact !== undefined) {
    return unlessRefused(await takeIn(database, { ...request, clientId: (await clients.create(contact)).clientId }));
  }
  return unlessRefused(intake);
}

function unlessRefused(intake: Intake): Accepted {
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
