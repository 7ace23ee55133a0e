// E-mail by SMTP. No key: what was silent after the final dot is never repeated, what failed before it always may be.
import type { Channel, Files, PartContent } from '../../activities/ports.js';
import { compose } from './compose.js';
import { converse, type Envelope } from './conversation.js';
import { answerTo, refusedRecipient } from './failure.js';
import type { SmtpSettings } from './settings.js';

export const smtpTraits = { isKeyed: false, expectsReceipts: false };

export const createSmtp = (settings: SmtpSettings, files: Files): Channel => ({
  ...smtpTraits,
  timeout: settings.timeout,
  async deliver(part, reference) {
    const mail = await compose({ from: settings.from, part, reference, files });
    const end = await converse(settings, envelopeOf(settings, part), mail);
    switch (end.kind) {
      case 'taken':
        return { outcome: 'accepted', providerMessageId: reference };
      case 'recipientRefused':
        return refusedRecipient(end.error);
      case 'broken':
        return answerTo(end.error, end.wasHandedOver);
    }
  },
});

const envelopeOf = ({ bounceAddress, from }: SmtpSettings, { address, message }: PartContent): Envelope => ({
  from: bounceAddress ?? from.address,
  to: [address, ...(message.bcc ?? [])],
});
