// A part in Pulse's words: a text with title and signature, or one file that Pulse fetches from us (A33).
import type { Files, PartContent } from '../../activities/ports.js';
import type { Attachment } from '../../domain/contracts/attachment.js';
import type { ChannelType } from '../../domain/contracts/channel.js';
import type { OutgoingMessage } from '../../domain/outgoing-message.js';

/** @throws while a file has no address */
export function contentOf(type: ChannelType, { message, askedAt }: PartContent, files: Files): object {
  const [attachment] = message.attachments ?? [];
  const content = attachment === undefined ? textOf(message) : fileOf(type, attachment, askedAt, files);
  return type === 'VIBER' ? { viberContent: content } : { whatsappContent: content };
}

const textOf = ({ title, text, signature }: OutgoingMessage) => ({
  contentType: 'TEXT',
  ...(title !== undefined && { header: { headerType: 'TEXT', text: title } }),
  text,
  ...(signature !== undefined && { footer: { text: signature } }),
});

const fileOf = (type: ChannelType, { attachmentId, name, type: mime, size }: Attachment, at: string, files: Files) => ({
  contentType: type === 'VIBER' && !mime.startsWith('image/') ? 'DOCUMENT' : contentTypeOf(mime),
  attachment: { url: files.urlOf(attachmentId, at), name: shortened(name), size },
});

function contentTypeOf(mime: string): string {
  const [family] = mime.split('/');
  return family === 'image' || family === 'video' || family === 'audio' ? family.toUpperCase() : 'DOCUMENT';
}

const LONGEST_NAME = 70; // UTF-16 units: Pulse says "characters", and every other reading of it is more generous

/** Keeps the extension, by which the client's phone knows the file, and no half of a surrogate pair. */
function shortened(name: string): string {
  if (name.length <= LONGEST_NAME) return name;
  const [extension = ''] = /\.[\p{L}\p{N}]{1,16}$/u.exec(name) ?? [];
  const stem = name.slice(0, LONGEST_NAME - extension.length).replace(/\p{Surrogate}$/u, '');
  return `${stem}${extension}`;
}
