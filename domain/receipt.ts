// The fold: what is known of a message, from the set of facts about it (E6). Order and repetition do not matter.
import type { DeliveryStatus } from './contracts/delivery.js';
import type { Failure } from './contracts/failure.js';
import type { Verdict } from './contracts/outgoing-send.js';
import type { OutgoingMessage } from './outgoing-message.js';

// Rising: the highest fact decides, a lower one is kept and changes nothing but the history.
// Stored in the database: add, never rename.
export const FACT_KINDS = ['UNKNOWN', 'UNCONFIRMED', 'ACCEPTED', 'SENT', 'FAILED', 'DELIVERED', 'READ'] as const;
export type FactKind = (typeof FACT_KINDS)[number];

/** One thing said about one part of a send. `identity` tells equal facts apart from different ones. */
export interface DeliveryFact {
  part: number;
  identity: string;
  kind: FactKind;
  failure?: Failure;
}

/** Our own word about a part, beside the provider's: what an attempt learned, or that nothing more will be learned. */
export const ownIdentity = (sendId: string, part: number, kind: FactKind): string => `own:${sendId}:${part}:${kind}`;
export const isOwn = ({ identity }: DeliveryFact): boolean => identity.startsWith('own:');

export interface PartDelivery {
  index: number;
  status: DeliveryStatus;
  failure?: Failure;
}

/** A part as it is shown, whatever becomes of it. */
export interface MessagePart {
  index: number;
  kind: 'TEXT' | 'ATTACHMENT';
  attachmentId?: string | undefined;
}

/** A mail is one part, its files included. */
export const partsToShow = (parts: readonly OutgoingMessage[]): MessagePart[] =>
  parts.map(({ text, attachments: [file] = [] }, index) =>
    text === undefined && file !== undefined
      ? { index, kind: 'ATTACHMENT', attachmentId: file.attachmentId }
      : { index, kind: 'TEXT' },
  );

const STATUS: Record<FactKind, DeliveryStatus> = {
  UNKNOWN: 'UNKNOWN',
  UNCONFIRMED: 'UNCONFIRMED',
  ACCEPTED: 'QUEUED', // accepted is not sent: where receipts come, they speak
  SENT: 'SENT',
  FAILED: 'FAILED',
  DELIVERED: 'DELIVERED',
  READ: 'READ',
};

const RISING = FACT_KINDS.map((kind) => STATUS[kind]);

/** Of two statuses that were folded one after the other and may come in any order: a final one is undone by none lower. */
export const lastWord = (known: DeliveryStatus | undefined, status: DeliveryStatus): DeliveryStatus =>
  known !== undefined && isTerminal(known) && RISING.indexOf(status) < RISING.indexOf(known) ? known : status;

const rank = ({ kind }: DeliveryFact): number => FACT_KINDS.indexOf(kind);

/** Among equal ranks the first by identity speaks, so that the view does not depend on arrival. */
const precedes = (one: DeliveryFact, other: DeliveryFact): boolean =>
  rank(one) !== rank(other) ? rank(one) > rank(other) : one.identity < other.identity;

export function foldPart(index: number, facts: readonly DeliveryFact[]): PartDelivery {
  const top = facts
    .filter(({ part }) => part === index)
    .reduce<DeliveryFact | undefined>(
      (best, fact) => (best === undefined || precedes(fact, best) ? fact : best),
      undefined,
    );
  if (top === undefined) return { index, status: 'QUEUED' };
  return { index, status: STATUS[top.kind], ...(top.failure === undefined ? {} : { failure: top.failure }) };
}

// Worst first: a send is as bad as the worst of its parts (A33).
const WORST_FIRST: readonly DeliveryStatus[] = [
  'FAILED',
  'UNCONFIRMED',
  'UNKNOWN',
  'QUEUED',
  'SENT',
  'DELIVERED',
  'READ',
];

export function worstOf(parts: readonly [PartDelivery, ...PartDelivery[]]): PartDelivery {
  return parts.reduce((worst, part) =>
    WORST_FIRST.indexOf(part.status) < WORST_FIRST.indexOf(worst.status) ? part : worst,
  );
}

/** A word of the provider after which nothing better or worse is waited for. */
export const isTerminal = (status: DeliveryStatus): boolean => hasArrived(status) || status === 'FAILED';

export const hasArrived = (status: DeliveryStatus | undefined): boolean => status === 'DELIVERED' || status === 'READ';

export interface SendDelivery {
  status: DeliveryStatus;
  failure?: Failure;
  parts: (MessagePart & PartDelivery)[];
}

/** What is known of a whole send; of parts that are equally bad the first says why. */
export function foldSend(parts: readonly MessagePart[], facts: readonly DeliveryFact[]): SendDelivery {
  const [first, ...rest] = parts.map((part) => ({ ...part, ...foldPart(part.index, facts) }));
  if (first === undefined) throw new Error('a message without parts');
  const { status, failure } = worstOf([first, ...rest]);
  return { status, ...(failure !== undefined && { failure }), parts: [first, ...rest] };
}

/**
 * Whether a fact says something final that those before it did not: of the send, or of its first part while our own
 * record does not know that the provider has that one, since the others wait for it (A33). The same on every repeat.
 */
export function isNews(parts: readonly MessagePart[], facts: readonly DeliveryFact[], identity: string): boolean {
  const own = facts.findIndex((fact) => fact.identity === identity);
  const [before, after] = [facts.slice(0, own), facts.slice(0, own + 1)];
  if (becomesFinal(foldSend(parts, before), foldSend(parts, after))) return true;
  const isKnownTaken = before.some((fact) => fact.part === 0 && isOwnAcceptance(fact));
  return !isKnownTaken && becomesFinal(foldPart(0, before), foldPart(0, after));
}

type Folded = Pick<PartDelivery, 'status'>;
const becomesFinal = (was: Folded, is: Folded): boolean =>
  isTerminal(is.status) && (hasArrived(is.status) ? !hasArrived(was.status) : was.status !== is.status);

const isOwnAcceptance = (fact: DeliveryFact): boolean =>
  isOwn(fact) && (fact.kind === 'ACCEPTED' || fact.kind === 'SENT');

/** A rejection at once is told by the verdict; every other failure fact has its own entry (R35, R36, INV9). */
export const isLateFailure = (fact: DeliveryFact, verdict: Verdict | null): boolean =>
  fact.kind === 'FAILED' && (!isOwn(fact) || verdict === 'ACCEPTED' || verdict === 'QUEUED');
