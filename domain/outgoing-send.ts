// How the state of a send that is shown follows from what its workflow recorded and what the facts say.
import type { DeliveryStatus } from './contracts/delivery.js';
import type { SendState } from './contracts/outgoing-send.js';

const DECIDED_BEFORE_ANY_RECEIPT: readonly SendState[] = ['refused', 'rejected', 'cancelled'];

/**
 * Facts outlive the workflow, so they have the last word on a send that left us (E6).
 * @param taken where a send rests that the provider has taken; undefined while it has not
 */
export function stateAfter(recorded: SendState, status: DeliveryStatus, taken?: 'awaitingReceipt' | 'sent'): SendState {
  if (DECIDED_BEFORE_ANY_RECEIPT.includes(recorded)) return recorded;
  switch (status) {
    case 'DELIVERED':
    case 'READ':
      return 'delivered';
    case 'FAILED':
      return 'failed';
    case 'UNKNOWN':
      return recorded === 'queued' ? 'reconciling' : recorded;
    case 'QUEUED':
    case 'SENT':
      return taken !== undefined && isStillOpen(recorded, taken) ? taken : recorded;
    case 'UNCONFIRMED':
      return recorded;
  }
}

/** A receipt that was waited for in vain stays so, but what has left us for good has left us. */
const isStillOpen = (recorded: SendState, taken: 'awaitingReceipt' | 'sent'): boolean =>
  recorded === 'queued' || recorded === 'reconciling' || (recorded === 'unconfirmed' && taken === 'sent');
