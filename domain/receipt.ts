// The fold: what is known of a message, from the set of facts about it (E6). Order and repetition do not matter.
import type { DeliveryStatus } from './contracts/delivery.js';
import type { Failure } from './contracts/failure.js';

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

export interface PartDelivery {
  index: number;
  status: DeliveryStatus;
  failure?: Failure;
}

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

/** Whether a status says as much as one that is known already, or more. */
export const isAtLeast = (status: DeliveryStatus, known: DeliveryStatus | undefined): boolean =>
  known === undefined || RISING.indexOf(status) >= RISING.indexOf(known);

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
export const isTerminal = (status: DeliveryStatus): boolean =>
  status === 'DELIVERED' || status === 'READ' || status === 'FAILED';
