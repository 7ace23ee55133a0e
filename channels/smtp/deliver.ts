// E-mail by SMTP. No key: what was silent after the final dot is never repeated, what failed before it always may be.
import MailComposer from 'nodemailer/lib/mail-composer';
import type { Channel, PartContent, ProviderAnswer } from '../../activities/ports.js';
import { converse, type Envelope } from './conversation.js';
import { answerTo, refusedRecipient } from './failure.js';
import type { SmtpSettings } from './settings.js';

export const smtpTraits = { isKeyed: false, expectsReceipts: false };

export const createSmtp = (settings: SmtpSettings): Channel => ({
  ...smtpTraits,
  timeout: settings.timeout,
  deliver: (part, reference) => deliver(settings, part, reference),
});

async function deliver(settings: SmtpSettings, part: PartContent, reference: string): Promise<ProviderAnswer> {
  const envelope: Envelope = {
    from: settings.bounceAddress ?? settings.from.address,
    to: [part.address, ...(part.message.bcc ?? [])],
  };
  const end = await converse(settings, envelope, await compose(settings, part, reference));
  switch (end.kind) {
    case 'taken':
      return { outcome: 'accepted', providerMessageId: reference };
    case 'recipientRefused':
      return refusedRecipient(end.error);
    case 'broken':
      return answerTo(end.error, end.wasHandedOver);
  }
}

/** Blind copies stand in the envelope alone (A12). */
function compose(
  { from }: SmtpSettings,
  { address, askedAt, message }: PartContent,
  reference: string,
): Promise<Buffer> {
  const domain = from.address.split('@')[1] ?? 'localhost';
  return new MailComposer({
    messageId: `<${reference}@${domain}>`,
    from: { name: from.name ?? '', address: from.address },
    to: address,
    date: askedAt,
    subject: message.subject ?? '',
    text: message.text,
    ...(message.html !== undefined && { html: message.html }),
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build();
}
