// Sends: one attempt to deliver one outgoing message, asked for by a backend system or a wizard.
import { z } from 'zod';
import { Contact } from './client.js';
import { Delivery } from './delivery.js';
import { Failure } from './failure.js';
import { Id, Instant, Label, oneLine, text } from './identifier.js';
import { VariableName } from './message-template.js';
import { Comment, TransferTarget } from './thread.js';

/** Form only; what the rules say of a text's length or absence is a refusal (R22, R26), so the bounds here are generous. */
const Text = text(200_000);
const OneLine = oneLine(10_000);

/**
 * What is to be sent (R5). A response template is inserted into an empty text (R12); `NONE` is attachments alone.
 */
export const Content = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('TEXT'), text: Text, responseTemplateId: Id.optional() }),
  z.strictObject({ kind: z.literal('TEMPLATE'), templateId: Id, variables: z.record(VariableName, Text) }),
  z.strictObject({ kind: z.literal('HINT'), title: OneLine.optional(), text: Text, signature: OneLine.optional() }),
  z.strictObject({
    kind: z.literal('EMAIL'),
    subject: OneLine,
    text: Text,
    html: Text.optional(),
    responseTemplateId: Id.optional(),
    bcc: z.array(oneLine(1000)).max(1000).optional(),
  }),
  z.strictObject({ kind: z.literal('NONE') }),
]);
export type Content = z.infer<typeof Content>;

/** What becomes of the thread once the message is out (R15). */
export const Action = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('CLOSE') }),
  z.strictObject({ kind: z.literal('ASSIGN_TO_ME') }),
  z.strictObject({ kind: z.literal('TRANSFER'), target: TransferTarget, comment: Comment.optional() }),
]);
export type Action = z.infer<typeof Action>;

const AttachmentIds = z
  .array(Id)
  .max(100)
  .refine((ids) => new Set(ids).size === ids.length, 'must not name an attachment twice');

/** The body of `POST /v1/sends`: to a client whom we know, or by a contact (A27), or by an external id (R4). */
export const SendBody = z
  .strictObject({
    agentId: Id,
    clientId: Id.optional(),
    contact: Contact.optional(),
    externalId: Label.optional(),
    channelId: Id,
    content: Content,
    attachmentIds: AttachmentIds.default([]),
    action: Action.optional(),
    at: z.null().optional(),
  })
  .refine(
    ({ clientId, contact, externalId }) =>
      [clientId, contact, externalId].filter((way) => way !== undefined).length === 1,
    { path: ['clientId'], message: 'exactly one of clientId, contact and externalId is needed' },
  );
export type SendBody = z.infer<typeof SendBody>;

/** The body of `POST /v1/threads/{threadId}/messages`: an answer in a thread; without `agentId` a bot's own. */
export const ReplyBody = z.strictObject({
  agentId: Id.optional(),
  content: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('TEXT'), text: Text }),
    z.strictObject({ kind: z.literal('NONE') }),
  ]),
  attachmentIds: AttachmentIds.default([]),
});
export type ReplyBody = z.infer<typeof ReplyBody>;

/** A send's state is its machine's (`machines/outgoing-send.ts`). Stored in histories: add, never rename. */
export const SendState = z.enum([
  'claiming',
  'dispatching',
  'settling',
  'completing',
  'queued',
  'reconciling',
  'awaitingReceipt',
  'concluding',
  'sent',
  'delivered',
  'failed',
  'unconfirmed',
  'refused',
  'rejected',
  'cancelled',
]);
export type SendState = z.infer<typeof SendState>;

/** Our answer to "send": taken by the provider, still being tried (A32), refused by the provider at once (A31). */
export const Verdict = z.enum(['ACCEPTED', 'QUEUED', 'REJECTED']);
export type Verdict = z.infer<typeof Verdict>;

export const Send = z.object({
  sendId: Id,
  state: SendState,
  verdict: Verdict,
  threadId: Id.nullable(),
  delivery: Delivery,
  clientId: Id,
  channelId: Id,
  /** Absent when a bot has answered. */
  agentId: Id.optional(),
  createdAt: Instant,
  failure: Failure.optional(),
});
export type Send = z.infer<typeof Send>;
