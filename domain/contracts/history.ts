// The chat history of a client: messages of both directions and system entries, newest first.
import { z } from 'zod';
import { Attachment } from './attachment.js';
import { Delivery } from './delivery.js';
import { Failure } from './failure.js';
import { Id, Instant } from './identifier.js';
import { CloseReason, TransferTarget } from './thread.js';

/** Something that happened beside the messages. Stored: add codes, never rename. */
export const HistoryEvent = z.discriminatedUnion('code', [
  /** Each distinct failure fact has one entry (R35, R36). */
  z.object({ code: z.literal('DELIVERY_FAILED'), sendId: Id, failure: Failure }),
  /** The client has ended the chat. */
  z.object({ code: z.literal('CLIENT_CLOSED') }),
  /** By the entry's agent, or by a system. */
  z.object({ code: z.literal('TRANSFERRED'), target: TransferTarget, comment: z.string().optional() }),
  /** The target has vanished meanwhile, or the bot could not be reached; the entry's agent has the thread instead. */
  z.object({
    code: z.literal('TRANSFER_FAILED'),
    target: TransferTarget,
    reason: z.enum(['VANISHED', 'UNREACHABLE']),
  }),
  /** By somebody, with their words; what closes by itself has no entry. */
  z.object({ code: z.literal('THREAD_CLOSED'), closeReason: CloseReason, reason: z.string().optional() }),
]);
export type HistoryEvent = z.infer<typeof HistoryEvent>;

export const HistoryEntry = z.object({
  entryId: Id,
  kind: z.enum(['MESSAGE', 'SYSTEM']),
  direction: z.enum(['OUT', 'IN']).optional(),
  at: Instant,
  threadId: Id.optional(),
  channelId: Id,
  sendId: Id.optional(),
  agentId: Id.optional(),
  text: z.string().optional(),
  title: z.string().optional(),
  signature: z.string().optional(),
  subject: z.string().optional(),
  attachments: z.array(Attachment),
  delivery: Delivery.optional(),
  event: HistoryEvent.optional(),
});
export type HistoryEntry = z.infer<typeof HistoryEntry>;
