import type { VisibleContent } from './content.js';
import type { Subject } from './subjects.js';

/** What Pulse took from us; it remembers every one, the ledger may be cleared. */
export interface PulseMessage {
  messageId: number;
  requestId: string;
  comment: string | null;
  subject: Subject;
  address: string;
  content: VisibleContent;
  contentType: string;
  acceptedAt: number; // ms since 1970
  /** A message that no history call finds. */
  hidden: boolean;
  deliveryStatus: DeliveryStatus;
}

// By weight: a message shows the heaviest that was ever reported for it.
const DELIVERY_STATUSES = ['ENQUEUED', 'SENT', 'CANCELLED', 'FAILED', 'DELIVERED', 'READ'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

const EQUAL_MESSAGE_GUARD = 20 * 60 * 1000; // ms

type NewMessage = Omit<PulseMessage, 'messageId' | 'acceptedAt' | 'deliveryStatus'>;

export interface Messages {
  isAccepted(requestId: string): boolean;
  /** `isRepeat`: an equal message to the same phone was accepted within the last 20 minutes, and so this one is cancelled. */
  accept(message: NewMessage): { message: PulseMessage; isRepeat: boolean };
  /** Oldest first. */
  between(subjectId: number, address: string): PulseMessage[];
  settle(message: PulseMessage, status: DeliveryStatus): void;
}

export function createMessages(): Messages {
  const accepted = new Set<string>();
  const conversations = new Map<string, PulseMessage[]>();
  const lastEqual = new Map<string, number>();
  let lastId = 90_318_826;

  function guardRepeats({ subject, address, content, contentType, acceptedAt }: PulseMessage): boolean {
    const likeness = JSON.stringify([subject.subjectId, address, contentType, content]);
    const earlier = lastEqual.get(likeness);
    if (earlier !== undefined && acceptedAt - earlier < EQUAL_MESSAGE_GUARD) return true;
    lastEqual.set(likeness, acceptedAt);
    return false;
  }

  return {
    isAccepted: (requestId) => accepted.has(requestId),
    accept(fields) {
      const message = { ...fields, messageId: ++lastId, acceptedAt: Date.now(), deliveryStatus: 'ENQUEUED' as const };
      const conversation = conversationKey(fields.subject.subjectId, fields.address);
      const earlier = conversations.get(conversation);
      if (earlier) earlier.push(message);
      else conversations.set(conversation, [message]);
      accepted.add(fields.requestId);
      return { message, isRepeat: guardRepeats(message) };
    },
    between: (subjectId, address) => conversations.get(conversationKey(subjectId, address)) ?? [],
    settle(message, status) {
      const weight = (candidate: DeliveryStatus) => DELIVERY_STATUSES.indexOf(candidate);
      if (weight(status) > weight(message.deliveryStatus)) message.deliveryStatus = status;
    },
  };
}

const conversationKey = (subjectId: number, address: string): string => `${subjectId} ${address}`;
