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

const taken: { recorded: SendState; rests: 'awaitingReceipt' | 'sent'; state: SendState }[] = [
  { recorded: 'queued', rests: 'awaitingReceipt', state: 'awaitingReceipt' },
  { recorded: 'reconciling', rests: 'awaitingReceipt', state: 'awaitingReceipt' },
  { recorded: 'unconfirmed', rests: 'awaitingReceipt', state: 'unconfirmed' },
  { recorded: 'queued', rests: 'sent', state: 'sent' },
  { recorded: 'unconfirmed', rests: 'sent', state: 'sent' },
];
it.each(taken)(
  '$recorded, and taken by the provider after all, is shown as $state (A32)',
  ({ recorded, rests, state }) => {
    expect(stateAfter(recorded, 'QUEUED', rests)).toBe(state);
    expect(stateAfter(recorded, 'SENT', rests)).toBe(state);
  },
);

it('a queued send of which nobody knows whether it left is shown as reconciling (E7)', () => {
  expect(stateAfter('queued', 'UNKNOWN')).toBe('reconciling');
});

it.each(['QUEUED', 'SENT', 'UNCONFIRMED'] as const)('%s decides nothing yet (E7)', (status) => {
  expect(SendState.options.map((recorded) => stateAfter(recorded, status))).toEqual(SendState.options);
});
