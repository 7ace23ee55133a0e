// The mail in bytes, the same on every attempt: whatever the library would draw at random follows from our reference.
import MailComposer from 'nodemailer/lib/mail-composer';
import type { Files, PartContent } from '../../activities/ports.js';
import type { Attachment } from '../../domain/contracts/attachment.js';
import type { SmtpSettings } from './settings.js';

interface MailParts {
  from: SmtpSettings['from'];
  part: PartContent;
  reference: string;
  files: Files;
}

/**
 * Blind copies stand in the envelope alone (A12).
 * @throws while a file cannot be read
 */
export async function compose({ from, part, reference, files }: MailParts): Promise<Buffer> {
  const domain = from.address.split('@')[1] ?? 'localhost';
  const { subject = '', text = '', html, attachments = [] } = part.message;
  return new MailComposer({
    messageId: `<${reference}@${domain}>`,
    baseBoundary: reference,
    from: { name: from.name ?? '', address: from.address },
    to: part.address,
    date: new Date(part.askedAt).toUTCString().replace('GMT', '+0000'), // RFC 5322
    subject,
    text: text === '' && html === undefined ? NO_WORDS : text,
    ...(html !== undefined && { html }),
    attachments: await Promise.all(attachments.map((attachment) => mimePartOf(attachment, files))),
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build();
}

const NO_WORDS = '\n'; // the library leaves an empty text out, and a lone file would be the whole mail

const mimePartOf = async ({ attachmentId, name, type }: Attachment, files: Files) => ({
  content: Buffer.from(await files.read(attachmentId)),
  filename: name,
  // A mail in a mail may not be encoded, and so would not keep its bytes on the way.
  contentType: /^(message|multipart)\//i.test(type) ? 'application/octet-stream' : type,
  contentDisposition: 'attachment' as const,
});
