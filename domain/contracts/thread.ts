// Threads: one conversation with a client; active in every state but CLOSED (A2).
import { z } from 'zod';
import { Id, Instant } from './identifier.js';

// Stored in histories and search attributes: add, never rename.
export const ThreadState = z.enum(['OPENING', 'NEW', 'WAITING', 'ANSWER_NEEDED', 'CLOSED']);
export type ThreadState = z.infer<typeof ThreadState>;

/** Why a thread ended; `null` after *close immediately* (A22). */
export const CloseReason = z.enum([
  'SEND_REJECTED',
  'OUTGOING_WAITING_TIMEOUT',
  'WAITING_TIMEOUT',
  'EXTERNAL_CALL_FORCED_CLOSURE',
]);
export type CloseReason = z.infer<typeof CloseReason>;

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
  minimised: z.boolean(),
  openedBy: z.object({ kind: z.enum(['SEND', 'CLIENT']), id: z.string() }),
  openedAt: Instant,
  closedAt: Instant.optional(),
  closeReason: CloseReason.optional(),
});
export type Thread = z.infer<typeof Thread>;
