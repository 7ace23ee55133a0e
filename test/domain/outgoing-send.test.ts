import { describe, expect, it } from 'vitest';
import { DeliveryStatus } from '../../domain/contracts/delivery.js';
import { SendState } from '../../domain/contracts/outgoing-send.js';
import { restOf, stateAfter } from '../../domain/outgoing-send.js';
import { type FactKind, ownIdentity } from '../../domain/receipt.js';
import { aFact } from '../builders.js';

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

describe('a send of two parts', () => {
  /** `own:1:SENT` is our own word about part 1, `by:` a receipt. */
  const restAfter = (...told: string[]) =>
    restOf(
      2,
      told.map((one) => {
        const [source, index, kind] = one.split(':');
        const part = Number(index);
        const identity = source === 'own' ? ownIdentity('s-1', part, kind as FactKind) : one;
        return aFact({ kind: kind as FactKind, part, identity });
      }),
    );

  it.each([
    { told: [], rest: undefined },
    { told: ['own:0:UNKNOWN'], rest: undefined },
    { told: ['own:0:FAILED'], rest: undefined },
    { told: ['own:0:ACCEPTED'], rest: 'completing' },
    { told: ['own:0:SENT'], rest: 'completing' },
    { told: ['by:0:FAILED'], rest: 'completing' },
    { told: ['own:0:UNKNOWN', 'by:0:DELIVERED'], rest: 'completing' },
    { told: ['own:0:ACCEPTED', 'own:1:UNKNOWN'], rest: 'reconciling' },
    { told: ['by:0:FAILED', 'own:1:UNKNOWN'], rest: 'reconciling' },
    { told: ['own:0:ACCEPTED', 'own:1:ACCEPTED'], rest: 'awaitingReceipt' },
    { told: ['by:0:READ', 'own:1:UNKNOWN', 'by:1:SENT'], rest: 'awaitingReceipt' },
    { told: ['own:0:SENT', 'own:1:SENT'], rest: 'sent' },
    { told: ['own:0:ACCEPTED', 'own:1:FAILED'], rest: undefined },
    { told: ['own:0:ACCEPTED', 'own:1:UNKNOWN', 'own:1:UNCONFIRMED'], rest: undefined },
  ])('after $told rests $rest (A33)', ({ told, rest }) => {
    expect(restAfter(...told)).toBe(rest);
  });

  it('has not failed while another part is still to go or in doubt, so that nothing holds it back (A33)', () => {
    expect(stateAfter('awaitingReceipt', 'FAILED', 'completing')).toBe('completing');
    expect(stateAfter('queued', 'FAILED', 'completing')).toBe('completing');
    expect(stateAfter('completing', 'FAILED', 'reconciling')).toBe('reconciling');
    expect(stateAfter('completing', 'FAILED')).toBe('failed');
  });

  const ways: { recorded: SendState; status: DeliveryStatus; rest: 'completing' | 'awaitingReceipt' | 'sent' }[] = [
    { recorded: 'awaitingReceipt', status: 'QUEUED', rest: 'completing' },
    { recorded: 'sent', status: 'QUEUED', rest: 'completing' },
    { recorded: 'queued', status: 'QUEUED', rest: 'completing' },
    { recorded: 'reconciling', status: 'QUEUED', rest: 'completing' },
    { recorded: 'completing', status: 'UNKNOWN', rest: 'completing' },
    { recorded: 'completing', status: 'QUEUED', rest: 'awaitingReceipt' },
    { recorded: 'completing', status: 'SENT', rest: 'sent' },
    { recorded: 'reconciling', status: 'SENT', rest: 'awaitingReceipt' },
    { recorded: 'failed', status: 'QUEUED', rest: 'awaitingReceipt' },
  ];
  it.each(ways)('$recorded, then $status: it is $rest (A33)', ({ recorded, status, rest }) => {
    expect(stateAfter(recorded, status, rest)).toBe(rest);
  });

  it('of which one stays in doubt is reconciling once the others have left (E7)', () => {
    expect(stateAfter('completing', 'UNKNOWN', 'reconciling')).toBe('reconciling');
  });
});

it.each(['refused', 'rejected', 'cancelled', 'unconfirmed'] as const)(
  'a send that is %s is not taken up again (INV7)',
  (state) => {
    expect(stateAfter(state, 'QUEUED', 'completing')).toBe(state);
  },
);
