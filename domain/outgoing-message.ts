// The message as the client will read it, and the parts in which it leaves (A33).
import type { Attachment } from './contracts/attachment.js';
import type { ChannelType } from './contracts/channel.js';
import type { MessageText } from './message-template.js';

/** What leaves us once nothing stands against it: a text, files, or both. A part is such a message too. */
export interface OutgoingMessage extends Partial<MessageText> {
  subject?: string;
  html?: string;
  bcc?: string[];
  attachments?: Attachment[];
}

/** E-mail leaves whole; elsewhere each file is a part of its own, after the text. At least one (A33). */
export function partsOf(message: OutgoingMessage, type: ChannelType): OutgoingMessage[] {
  const { attachments = [], ...rest } = message;
  if (type === 'EMAIL' || attachments.length === 0) return [message];
  const files = attachments.map((attachment) => ({ attachments: [attachment] }));
  return rest.text === undefined ? files : [rest, ...files];
}
