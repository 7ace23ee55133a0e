// How the state of a send that is shown follows from what its workflow recorded and what the receipts say.
import type { DeliveryStatus } from './contracts/delivery.js';
import type { SendState } from './contracts/outgoing-send.js';

const DECIDED_BEFORE_ANY_RECEIPT: readonly SendState[] = ['refused', 'rejected', 'cancelled'];

/** Receipts outlive the workflow, so they have the last word on a send that left us (E6). */
export function stateAfter(recorded: SendState, status: DeliveryStatus): SendState {
  if (DECIDED_BEFORE_ANY_RECEIPT.includes(recorded)) return recorded;
  switch (status) {
    case 'DELIVERED':
    case 'READ':
      return 'delivered';
    case 'FAILED':
      return 'failed';
    case 'QUEUED':
    case 'SENT':
    case 'UNKNOWN':
    case 'UNCONFIRMED':
      return recorded;
  }
}
