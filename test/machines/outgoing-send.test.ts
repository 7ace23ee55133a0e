import { describe, expect, it } from 'vitest';
import { DeliveryStatus } from '../../domain/contracts/delivery.js';
import { isTerminal } from '../../domain/receipt.js';
import { outgoingSendMachine, type SendEvent } from '../../machines/outgoing-send.js';
import { countOf, journeysOf } from './journeys.js';
import {
  accepted,
  after,
  answers,
  concluded,
  delivered,
  endWithoutNews,
  exhausted,
  failed,
  input,
  isRejecting,
  read,
  receiptTimeout,
  refused,
  rejected,
  type SendSnapshot,
  sendAfter,
  settled,
  silent,
  timers,
  unknownTimeout,
  verdictTimeout,
  won,
  wonMail,
} from './sends.js';

const receipts = [delivered, read, failed];

/** One dispatch is out at most, so it answers once; a receipt folds to a status that never falls (INV8). */
function happeningsIn({ value, context }: SendSnapshot): SendEvent[] {
  const answersLeft = context.answers.length === 0 && value !== 'claiming' ? answers : [];
  const isFinal = context.receipt !== undefined && isTerminal(context.receipt);
  const known = context.answers.includes('REJECTED') ? (['FAILED'] as const) : DeliveryStatus.options;
  return [
    won,
    wonMail,
    refused,
    ...answersLeft,
    settled,
    ...known.map(concluded),
    ...(isFinal ? [] : receipts),
    ...timers,
  ];
}

const journeys = journeysOf(outgoingSendMachine, input, happeningsIn);
const ended = journeys.filter(({ snapshot }) => snapshot.status === 'done');
const underWay = journeys.filter(({ snapshot }) => snapshot.status === 'active');

describe('every way through a send', () => {
  it('reaches every state but the one for further parts', () => {
    expect(new Set(journeys.map(({ snapshot }) => snapshot.value))).toEqual(
      new Set(Object.keys(outgoingSendMachine.states).filter((state) => state !== 'completing')),
    );
  });

  const sentOnce = { isSettled: true, refusals: [], verdict: expect.stringMatching(/^(ACCEPTED|QUEUED)$/) };
  const ends = {
    refused: { refusals: [{ code: 'CLIENT_BLOCKED' }], claim: undefined, verdict: undefined, isSettled: false },
    rejected: { isSettled: true, verdict: 'REJECTED', failureCode: expect.stringMatching(/^[A-Z_]+$/) },
    sent: { ...sentOnce, expectsReceipts: false, failureCode: undefined, receipt: undefined },
    delivered: { ...sentOnce, receipt: expect.stringMatching(/^(DELIVERED|READ)$/), failureCode: undefined },
    failed: { ...sentOnce, receipt: 'FAILED', failureCode: expect.stringMatching(/^[A-Z_]+$/) },
    unconfirmed: { ...sentOnce, receipt: expect.stringMatching(/^(UNKNOWN|UNCONFIRMED|QUEUED|SENT)$/) },
  };

  it.each(Object.entries(ends))('that ends %s has the outcome to show for it (INV7)', (state, outcome) => {
    const contexts = ended.filter(({ snapshot }) => snapshot.value === state).map(({ snapshot }) => snapshot.context);

    expect(contexts.length).toBeGreaterThan(0);
    for (const context of contexts) {
      expect({ verdict: undefined, receipt: undefined, failureCode: undefined, ...context }).toMatchObject(outcome);
    }
  });

  it('ends in one of these states alone', () => {
    expect(new Set(ended.map(({ snapshot }) => snapshot.value))).toEqual(new Set(Object.keys(ends)));
  });

  it('dispatches only after the claim, and with it (INV5)', () => {
    const dispatching = journeys.filter(({ requests }) => countOf(requests, 'requestDispatch') > 0);

    expect(dispatching.length).toBeGreaterThan(0);
    for (const { events, requests, snapshot } of dispatching) {
      expect(requests.slice(0, 2)).toEqual([
        { type: 'requestClaim', params: undefined },
        { type: 'requestDispatch', params: { part: 0, claim: snapshot.context.claim, timeout: 40_000 } },
      ]);
      expect(events.slice(0, events.indexOf('claim.won')).filter((type) => type !== 'receipt.arrived')).toEqual([]);
    }
  });

  it('claims once, dispatches at most once, settles at most once (INV3, INV15)', () => {
    for (const { requests } of journeys) {
      expect(countOf(requests, 'requestClaim')).toBe(1);
      expect(countOf(requests, 'requestDispatch')).toBeLessThanOrEqual(1);
      expect(countOf(requests, 'requestSettlement')).toBeLessThanOrEqual(1);
    }
  });

  it('that dispatches settles before its end with the verdict that it keeps; a refused one does neither (INV6)', () => {
    for (const { requests, snapshot } of ended) {
      const verdicts = requests.filter(({ type }) => type === 'requestSettlement').map(({ params }) => params);

      expect(countOf(requests, 'requestDispatch')).toBe(snapshot.value === 'refused' ? 0 : 1);
      expect(verdicts).toEqual(snapshot.value === 'refused' ? [] : [snapshot.context.verdict]);
    }
  });

  it('is rejected where the first word about the message is a refusal of the provider, and nowhere else (A23, A31)', () => {
    for (const { events, snapshot } of ended) {
      const afterClaim = events.slice(events.indexOf('claim.won') + 1);
      const firstWord = afterClaim.find((type) => /^(provider|dispatch|receipt|xstate)\./.test(type));

      expect(snapshot.value === 'rejected').toBe(firstWord === 'provider.rejected');
    }
  });
});

describe('every state and every receipt (INV24)', () => {
  const withoutReceipt = underWay.filter(({ snapshot }) => snapshot.context.receipt === undefined);
  const statesOf = (some: typeof journeys) => new Set(some.map(({ snapshot }) => snapshot.value));
  const rows = [...statesOf(underWay)].flatMap((state) =>
    [
      { receipt: delivered, end: 'delivered' },
      { receipt: read, end: 'delivered' },
      { receipt: failed, end: 'failed' },
    ].map((row) => ({ state, ...row })),
  );

  it.each(rows)('in $state $receipt.status is taken and leads to $end (E6)', ({ state, receipt, end }) => {
    const sends = withoutReceipt.filter(({ snapshot }) => snapshot.value === state && !isRejecting(snapshot));

    expect(sends.length).toBeGreaterThan(0);
    for (const { snapshot } of sends) {
      expect(snapshot.can(receipt)).toBe(true);
      expect(endWithoutNews(after(snapshot, receipt)[0]).value).toBe(end);
      expect(endWithoutNews(snapshot).value).not.toBe(end);
    }
  });

  it('all states under way are met in this table', () => {
    const states = Object.entries(outgoingSendMachine.states).filter(
      ([name, { type }]) => type !== 'final' && name !== 'completing',
    );

    expect(statesOf(withoutReceipt)).toEqual(new Set(states.map(([name]) => name)));
  });

  it('a receipt for what the provider refused is kept and leaves the verdict as it was told (A31)', () => {
    const send = sendAfter(won, rejected);

    expect(send.can(delivered)).toBe(true);
    expect(sendAfter(won, rejected, delivered, settled)).toMatchObject({
      value: 'rejected',
      context: { verdict: 'REJECTED', receipt: 'DELIVERED' },
    });
  });

  it('a receipt before the claim is known counts once the message is out (E6)', () => {
    expect(sendAfter(delivered, won, silent, settled).value).toBe('delivered');
    expect(sendAfter(delivered, refused).value).toBe('refused');
  });

  it.each([delivered, read])(
    '$status is not undone by a failure that was folded earlier and comes late (INV8)',
    (news) => {
      expect(sendAfter(won, accepted, news, failed, settled)).toMatchObject({ value: 'delivered' });
      expect(sendAfter(won, verdictTimeout, settled, exhausted, news, failed, concluded('UNCONFIRMED')).value).toBe(
        'delivered',
      );
    },
  );

  it('a message that was delivered after all shows no failure (E6)', () => {
    const send = sendAfter(won, accepted, failed, delivered, settled);

    expect(send.value).toBe('delivered');
    expect(send.context.failureCode).toBeUndefined();
  });
});

describe('the verdict', () => {
  it.each([
    { event: accepted, verdict: 'ACCEPTED' },
    { event: delivered, verdict: 'ACCEPTED' },
    { event: failed, verdict: 'ACCEPTED' },
    { event: rejected, verdict: 'REJECTED' },
    { event: silent, verdict: 'QUEUED' },
    { event: exhausted, verdict: 'QUEUED' },
    { event: verdictTimeout, verdict: 'QUEUED' },
  ])('a dispatched message is $verdict once $event.type (A31, A32)', ({ event, verdict }) => {
    const [send, work] = after(sendAfter(won), event);

    expect(send.value).toBe('settling');
    expect(work).toContainEqual(expect.objectContaining({ type: 'requestSettlement', params: verdict }));
  });

  it('does not wait for the provider longer than its time-out (A32)', () => {
    const [, work] = after(sendAfter(), won);

    expect(work).toContainEqual(
      expect.objectContaining({ params: expect.objectContaining({ event: verdictTimeout, delay: 5_000 }) }),
    );
  });

  it('of an e-mail needs no claim, and SENT is its last word (R3, R30)', () => {
    expect(sendAfter(wonMail, accepted, settled)).toMatchObject({ value: 'sent', context: { claim: undefined } });
  });
});

describe('what the provider says while the verdict is written down', () => {
  it.each([
    { answer: accepted, state: 'awaitingReceipt' },
    { answer: rejected, state: 'concluding' },
    { answer: silent, state: 'reconciling' },
    { answer: exhausted, state: 'concluding' },
    { answer: delivered, state: 'delivered' },
    { answer: failed, state: 'failed' },
  ])('is not lost: $answer.type leads to $state', ({ answer, state }) => {
    expect(sendAfter(won, verdictTimeout, answer, settled).value).toBe(state);
  });
});

describe('after the verdict', () => {
  const queued = [won, verdictTimeout, settled];

  it('a message that the provider has not taken is queued (A32)', () => {
    expect(sendAfter(...queued).value).toBe('queued');
  });

  it.each([
    { answer: accepted, state: 'awaitingReceipt' },
    { answer: rejected, state: 'concluding' },
    { answer: silent, state: 'reconciling' },
    { answer: exhausted, state: 'concluding' },
    { answer: delivered, state: 'delivered' },
    { answer: failed, state: 'failed' },
  ])('a queued message is $state once $answer.type (A23, A32)', ({ answer, state }) => {
    expect(sendAfter(...queued, answer).value).toBe(state);
  });

  it('a late refusal of the provider ends failed, not rejected (A23)', () => {
    const send = sendAfter(...queued, rejected, concluded('FAILED'));

    expect(send).toMatchObject({ value: 'failed', context: { verdict: 'QUEUED' } });
  });

  it.each([
    { waits: 'reconciling', events: [won, silent, settled], timer: unknownTimeout, delay: 900_000 },
    { waits: 'awaitingReceipt', events: [won, accepted, settled], timer: receiptTimeout, delay: 2_592_000_000 },
  ])('$waits ends by itself (A32)', ({ waits, events, timer, delay }) => {
    const [send, work] = after(sendAfter(...events.slice(0, -1)), settled);

    expect(send.value).toBe(waits);
    expect(work).toContainEqual(expect.objectContaining({ params: expect.objectContaining({ event: timer, delay }) }));
    expect(after(send, timer)[0].value).toBe('concluding');
  });

  it.each([
    { what: 'the provider had accepted', events: [won, accepted, settled, receiptTimeout], waitedFor: 'RECEIPT' },
    { what: 'the provider was silent', events: [won, silent, settled, unknownTimeout], waitedFor: 'DISPATCH' },
    { what: 'the deadline ended the attempts', events: [...queued, exhausted], waitedFor: 'DISPATCH' },
    { what: 'the provider refused late', events: [...queued, rejected], waitedFor: 'DISPATCH' },
  ])('the last look knows that $what (W31)', ({ events, waitedFor }) => {
    const [, work] = after(sendAfter(...events.slice(0, -1)), events.at(-1)!);

    expect(work).toContainEqual(
      expect.objectContaining({ type: 'requestConclusion', params: { waitedFor, begun: 1 } }),
    );
  });

  it.each([
    { status: 'DELIVERED', state: 'delivered' },
    { status: 'READ', state: 'delivered' },
    { status: 'FAILED', state: 'failed' },
    { status: 'SENT', state: 'awaitingReceipt' },
    { status: 'QUEUED', state: 'awaitingReceipt' },
    { status: 'UNKNOWN', state: 'unconfirmed' },
    { status: 'UNCONFIRMED', state: 'unconfirmed' },
  ] as const)('a silent provider whose record says $status leaves the send $state (E7)', ({ status, state }) => {
    expect(sendAfter(won, silent, settled, unknownTimeout, concluded(status)).value).toBe(state);
  });

  it.each(['SENT', 'QUEUED', 'UNKNOWN', 'UNCONFIRMED'] as const)(
    'a receipt that never came leaves an accepted message unconfirmed, last known as %s (A32)',
    (status) => {
      const send = sendAfter(won, accepted, settled, receiptTimeout, concluded(status));

      expect(send).toMatchObject({ value: 'unconfirmed', context: { receipt: status } });
    },
  );

  it.each([
    { receipt: delivered, state: 'delivered' },
    { receipt: failed, state: 'failed' },
  ])('a receipt that comes during the last look says more than it: $state (W31)', ({ receipt, state }) => {
    expect(sendAfter(won, silent, settled, unknownTimeout, receipt, concluded('UNCONFIRMED')).value).toBe(state);
  });
});
