import type { Behaviour } from '../behaviour.js';
import type { Callbacks } from '../callbacks.js';
import type { ReceiptDelays } from '../faults.js';
import type { DeliveryStatus, Messages, PulseMessage } from './messages.js';
import type { ChannelType, Subject } from './subjects.js';

export interface Status {
  status: 'SENT' | 'DELIVERED' | 'READ' | 'FAILED' | 'NO-MATCH-TEMPLATE' | 'CANCELLED';
  error: string | null;
  /** Counted from the answer, in ms. */
  afterMs: number;
}

/** What Pulse decides about an accepted message before any messenger sees it. */
export type Fate = 'FORWARDED' | 'CANCELLED' | 'UNMATCHED';

export interface StatusScript {
  behaviour: Behaviour;
  fate: Fate;
  type: ChannelType;
  delays: ReceiptDelays;
}

/** A number that sends no statuses sends none for any fate; else what Pulse itself decides goes first. */
export function statusesOf({ behaviour, fate, type, delays }: StatusScript): Status[] {
  if (behaviour === 'SILENT' || behaviour === 'NO_RECEIPTS') return [];
  if (fate === 'CANCELLED') return [status('CANCELLED', delays.sent, 'cancelled')];
  if (fate === 'UNMATCHED') return [status('NO-MATCH-TEMPLATE', delays.sent, 'no-match-template')];

  const sent = status('SENT', delays.sent);
  const delivered = status('DELIVERED', delays.delivered);
  const read = status('READ', delays.read);
  switch (behaviour) {
    case 'NOT_ON_CHANNEL':
      return [status('FAILED', delays.sent, type === 'WHATSAPP' ? 'not-whatsapp-user' : 'not-viber-user')];
    case 'BLOCKED':
      return [status('FAILED', delays.sent, 'user-blocked')];
    case 'NO_TEMPLATE':
      return [status('NO-MATCH-TEMPLATE', delays.sent, 'no-match-template')];
    case 'FAILED_BETWEEN':
      return [
        delivered,
        status('FAILED', delays.delivered + delays.failed, 'failed'),
        status('READ', delays.read + delays.failed),
      ];
    case 'RECEIPTS_FIRST':
      return [read, read, delivered, delivered, sent, sent];
    case 'ORDINARY':
    case 'REFUSED':
    case 'SILENT_WITH_RECEIPTS':
    case 'UNAVAILABLE_TWICE':
    case 'RATE_LIMITED_ONCE':
      return [sent, delivered, read];
  }
}

const status = (name: Status['status'], afterMs: number, error: string | null = null): Status => ({
  status: name,
  error,
  afterMs,
});

// History was never seen to know a status for an unmatched text; it is shown as any other failure.
const inHistory = (name: Status['status']): DeliveryStatus => (name === 'NO-MATCH-TEMPLATE' ? 'FAILED' : name);

export interface StatusReporter {
  /** Resolves once the callback was tried. */
  report(message: PulseMessage, status: Status): Promise<void>;
}

export function createStatusReporter(
  messages: Messages,
  callbacks: Callbacks,
  keyOf: (subject: Subject) => string,
): StatusReporter {
  return {
    report(message, { status: name, error }) {
      const { requestId, messageId, subject, comment } = message;
      messages.settle(message, inHistory(name));
      const { subjectId, cascadeId, cascadeStageUUID } = subject;
      const body = {
        requestId,
        messageId,
        cascadeId,
        cascadeStageUUID,
        subject: subject.subject,
        subjectId,
        status: name,
        statusAt: new Date().toISOString(),
        error,
        comment,
      };
      return callbacks.deliver({ url: subject.callbackUrls.statusCallbackUrl, key: keyOf(subject) }, body);
    },
  };
}
