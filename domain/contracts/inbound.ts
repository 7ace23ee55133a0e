// What backend systems tell of clients on channels without a webhook: that they wrote, closed the chat, or logged in.
import { z } from 'zod';
import { Identity } from './client.js';
import { AnyInstant, Label, oneLine, text } from './identifier.js';
import { ReplyBody } from './outgoing-send.js';

/** 1 to 200 characters on one line, unique per channel: the same message, told again, is one message. */
const MessageId = oneLine(200).min(1);

/** The body of `POST /v1/channels/{channelId}/inbound`: a text, files or both, or that the client has closed the chat. */
export const InboundBody = z
  .strictObject({
    messageId: MessageId,
    address: Identity.shape.address,
    /** By which the client is known to the caller; a client without one has it from now on. */
    externalId: Label.optional(),
    /** Of a client who is new to us. */
    name: Label.optional(),
    text: text(100_000).min(1).optional(),
    attachmentIds: ReplyBody.shape.attachmentIds,
    /** When the client wrote. */
    at: AnyInstant.optional(),
    event: z.literal('CLOSED').optional(),
  })
  .superRefine(({ text: written, attachmentIds, event }, context) => {
    const isMessage = written !== undefined || attachmentIds.length > 0;
    if (!isMessage && event === undefined)
      context.addIssue({ code: 'custom', path: ['text'], message: 'is needed without attachmentIds or event' });
    if (isMessage && event !== undefined)
      context.addIssue({ code: 'custom', path: ['event'], message: 'goes without text and attachmentIds' });
  });
export type InboundBody = z.infer<typeof InboundBody>;

/** A message that will not be lost any more. */
export const TakenMessage = z.object({ messageId: MessageId });
export type TakenMessage = z.infer<typeof TakenMessage>;

/** The body of `POST /v1/channels/{channelId}/logins` (R8). */
export const LoginBody = z.strictObject({
  address: Identity.shape.address,
  externalId: Label,
  /** Of a client who is new to us. */
  name: Label.optional(),
});
export type LoginBody = z.infer<typeof LoginBody>;
