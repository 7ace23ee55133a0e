// The chat history of a client: messages of both directions and system entries, newest first.
import { z } from 'zod';
import { Attachment } from './attachment.js';
import { Delivery } from './delivery.js';
import { Failure } from './failure.js';
import { Id, Instant } from './identifier.js';

/** Something that happened beside the messages; each distinct failure fact has one entry (R35, R36). */
export const HistoryEvent = z.object({
  code: z.literal('DELIVERY_FAILED'),
  sendId: Id,
  failure: Failure,
});
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
