import { expect, it } from 'vitest';
import { DeliveryStatus } from '../../domain/contracts/delivery.js';
import { SendState } from '../../domain/contracts/outgoing-send.js';
import { stateAfter } from '../../domain/outgoing-send.js';

const neverLeft: readonly SendState[] = ['refused', 'rejected', 'cancelled'];
const left = SendState.options.filter((state) => !neverLeft.includes(state));

it.each(neverLeft)('a send that is %s stays so, whatever a receipt says (INV7)', (state) => {
  expect(DeliveryStatus.options.map((status) => stateAfter(state, status))).toEqual(
    DeliveryStatus.options.map(() => state),
  );
});

it.each([
  { status: 'DELIVERED', state: 'delivered' },
  { status: 'READ', state: 'delivered' },
  { status: 'FAILED', state: 'failed' },
] as const)('$status has the last word on a send that left us: $state (E6)', ({ status, state }) => {
  expect(new Set(left.map((recorded) => stateAfter(recorded, status)))).toEqual(new Set([state]));
});

it.each(['QUEUED', 'SENT', 'UNKNOWN', 'UNCONFIRMED'] as const)('%s decides nothing yet (E7)', (status) => {
  expect(SendState.options.map((recorded) => stateAfter(recorded, status))).toEqual(SendState.options);
});
