// Threads: one conversation with a client; active in every state but CLOSED (A2).
import { z } from 'zod';
import { Id, Instant, text } from './identifier.js';

// Stored in histories and search attributes: add, never rename.
export const ThreadState = z.enum([
  'OPENING',
  'NEW',
  'UNASSIGNED',
  'ASSIGNED',
  'REASSIGNED',
  'IN_PROGRESS',
  'WAITING',
  'ANSWER_NEEDED',
  'SUSPENDED',
  'CLOSED',
]);
export type ThreadState = z.infer<typeof ThreadState>;

/** Why a thread ended; `null` after *close immediately* (A22). */
export const CloseReason = z.enum([
  'SEND_REJECTED',
  'OUTGOING_WAITING_TIMEOUT',
  'WAITING_TIMEOUT',
  'OPERATOR_CLOSED',
  'SUPERVISOR_CLOSED',
  'CLIENT_CLOSED',
  'CLIENT_BLOCKED',
  'EXTERNAL_CALL_FORCED_CLOSURE',
]);
export type CloseReason = z.infer<typeof CloseReason>;

/** Where a thread is handed to (R15c). */
export const TransferTarget = z.strictObject({
  kind: z.enum(['EMPLOYEE', 'GROUP', 'SKILL', 'BOT', 'DEPARTMENT']),
  id: Id,
});
export type TransferTarget = z.infer<typeof TransferTarget>;

/** What agents and systems can ask of a thread; also the last segment of its address, but for `reply`: `messages`. */
export const ThreadCommandName = z.enum(['take', 'open', 'reply', 'transfer', 'close', 'block']);
export type ThreadCommandName = z.infer<typeof ThreadCommandName>;

/** Form only: what the rules say of a comment's length is a refusal (A26), so the bound here is generous. */
export const Comment = text(10_000);

/** Who holds the client's one active thread (E3). */
export const ThreadHolder = z.object({
  threadId: Id,
  channelId: Id,
  agentId: Id.optional(),
  state: ThreadState,
  since: Instant,
  opener: z.enum(['AGENT', 'CLIENT']),
});
export type ThreadHolder = z.infer<typeof ThreadHolder>;

/** The active thread of a client as search shows it. */
export const ActiveThread = z.object({
  threadId: Id,
  channelId: Id,
  agentId: Id.optional(),
  state: ThreadState,
});
export type ActiveThread = z.infer<typeof ActiveThread>;

export const Thread = z.object({
  threadId: Id,
  clientId: Id,
  channelId: Id,
  state: ThreadState,
  agentId: Id.optional(),
  /** The group, skill or department whose agents may take it, or the bot that has it. */
  target: TransferTarget.optional(),
  minimised: z.boolean(),
  openedBy: z.object({ kind: z.enum(['SEND', 'CLIENT']), id: z.string() }),
  openedAt: Instant,
  /** Since when whoever waits has waited: the client for an answer, or the agent for the client. */
  waitingSince: Instant,
  /** When it closes by itself, unless something happens. */
  closesAt: Instant.optional(),
  closedAt: Instant.optional(),
  closeReason: CloseReason.optional(),
});
export type Thread = z.infer<typeof Thread>;

/** A personal queue: waiting for the agent, oldest first; waiting for the client, newest first. */
export const PersonalQueue = z.object({
  waitingForAgent: z.array(Thread),
  waitingForClient: z.array(Thread),
});
export type PersonalQueue = z.infer<typeof PersonalQueue>;

/** Whose queues there are beside the agents' own. */
export const QueueKind = z.enum(['GROUP', 'SKILL', 'DEPARTMENT']);
export type QueueKind = z.infer<typeof QueueKind>;

// Bodies of the commands. An integrator names the agent in whose name it acts, or acts in its own.
const acting = { agentId: Id.optional() };
export const ActingBody = z.strictObject(acting);
export const TransferBody = z.strictObject({ ...acting, target: TransferTarget, comment: Comment.optional() });
export const EndingBody = z.strictObject({ ...acting, reason: Comment.optional() });
