// How the state of a send that is shown follows from what its workflow recorded and what the facts say.
import type { DeliveryStatus } from './contracts/delivery.js';
import type { SendState } from './contracts/outgoing-send.js';
import { type DeliveryFact, isOwn } from './receipt.js';

/** Where a send is whose first part the provider has. */
export type Rest = 'completing' | 'reconciling' | 'awaitingReceipt' | 'sent';

/** @returns undefined while the provider does not have the first part, or once one of them is given up */
export function restOf(parts: number, facts: readonly DeliveryFact[]): Rest | undefined {
  const said = Array.from({ length: parts }, (_, index) => facts.filter(({ part }) => part === index));
  if (!said[0]?.some(provesTaken)) return undefined;
  if (said.some((about) => about.length === 0)) return 'completing';
  if (said.some((about) => about.every(({ kind }) => kind === 'UNKNOWN'))) return 'reconciling';
  // Where no receipt comes, our own word is the last.
  if (said.every((about) => about.some((fact) => fact.kind === 'SENT' && isOwn(fact)))) return 'sent';
  return said.every((about) => about.some(provesTaken)) ? 'awaitingReceipt' : undefined;
}

function provesTaken(fact: DeliveryFact): boolean {
  switch (fact.kind) {
    case 'ACCEPTED':
    case 'SENT':
    case 'DELIVERED':
    case 'READ':
      return true;
    case 'FAILED':
      return !isOwn(fact);
    case 'UNKNOWN':
    case 'UNCONFIRMED':
      return false;
  }
}

const DECIDED_BEFORE_ANY_RECEIPT: readonly SendState[] = ['refused', 'rejected', 'cancelled'];

/** Facts outlive the workflow, so they have the last word on a send that left us (E6). */
export function stateAfter(recorded: SendState, status: DeliveryStatus, rest?: Rest): SendState {
  if (DECIDED_BEFORE_ANY_RECEIPT.includes(recorded)) return recorded;
  const isUnderWay = rest === 'completing' || rest === 'reconciling';
  switch (status) {
    case 'DELIVERED':
    case 'READ':
      return 'delivered';
    case 'FAILED':
      return isUnderWay ? rest : 'failed'; // one part's failure ends nothing for the others (A33)
    case 'UNKNOWN':
      return isUnderWay ? rest : recorded === 'queued' ? 'reconciling' : recorded;
    case 'QUEUED':
    case 'SENT':
      return rest !== undefined && isStillOpen(recorded, rest) ? rest : recorded;
    case 'UNCONFIRMED':
      return recorded;
  }
}

/** A receipt that was waited for in vain stays so, but what has left us for good has left us. */
function isStillOpen(recorded: SendState, rest: Rest): boolean {
  switch (recorded) {
    case 'queued':
    case 'reconciling':
    case 'completing':
    case 'failed': // by a part that arrived after all
      return true;
    case 'awaitingReceipt':
    case 'sent':
      return rest === 'completing';
    case 'unconfirmed':
      return rest === 'sent';
    default:
      return false;
  }
}
