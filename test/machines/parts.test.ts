// A message that leaves in several parts: the first decides the verdict, the others follow one after the other (A33).
import { describe, expect, it } from 'vitest';
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
  type Happening,
  input,
  isRejecting,
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
  wonIn,
} from './sends.js';

const settledFailed: SendEvent = { type: 'send.settled', status: 'FAILED', failureCode: 'RECIPIENT_BLOCKED_BUSINESS' };
/** Something final about the first part, while nothing is known of the others: they count as queued. */
const firstPartIsThere: SendEvent = { type: 'receipt.arrived', status: 'QUEUED' };

/** What a send asks for when this happens to it, e.g. `['requestDispatch', 1]`. */
const askedBy = (send: SendSnapshot, event: Happening): unknown[] =>
  after(send, event)[1]
    .filter(({ type }) => type.startsWith('request'))
    .map(({ type, params }) => [type, type === 'requestDispatch' ? (params as { part: number }).part : params]);
const asksFor = (...events: Happening[]): unknown[] => askedBy(sendAfter(...events.slice(0, -1)), events.at(-1)!);

/** The worst of all parts is told: nothing better than QUEUED while one of them has not left. */
function happeningsOf(parts: number) {
  return ({ context }: SendSnapshot): SendEvent[] => {
    const { begun, answers: given, receipt } = context;
    const isFinal = receipt !== undefined && receipt !== 'QUEUED';
    const known = given.includes('REJECTED') ? (['FAILED'] as const) : (['QUEUED', 'UNCONFIRMED', 'FAILED'] as const);
    return [
      wonIn(parts),
      refused,
      ...(given.length < begun ? answers : []),
      settled,
      settledFailed,
      ...known.map(concluded),
      ...(begun === 0 || isFinal ? [] : [failed]),
      ...(begun === 1 && receipt === undefined ? [firstPartIsThere] : []),
      ...(begun === parts && !isFinal ? [delivered] : []),
      ...timers,
    ];
  };
}

describe.each([2, 3])('every way through a send of %i parts', (parts) => {
  const journeys = journeysOf(outgoingSendMachine, input, happeningsOf(parts));
  const ended = journeys.filter(({ snapshot }) => snapshot.status === 'done');
  const dispatched = ({ requests }: (typeof journeys)[number]) =>
    requests.filter(({ type }) => type === 'requestDispatch').map(({ params }) => (params as { part: number }).part);

  it('reaches every state but the end of a channel without receipts', () => {
    expect(new Set(journeys.map(({ snapshot }) => snapshot.value))).toEqual(
      new Set(Object.keys(outgoingSendMachine.states).filter((state) => state !== 'sent')),
    );
  });

  it('hands over each part once, in their order, the text first (A33, INV3)', () => {
    expect(Math.max(...journeys.map((journey) => dispatched(journey).length))).toBe(parts);
    for (const journey of journeys) {
      expect(dispatched(journey)).toEqual([...dispatched(journey).keys()]);
    }
  });

  it('has one part at the provider at a time (A33)', () => {
    for (const { events, requests } of journeys) {
      const answered = events.filter((type) => /^(provider|dispatch)\./.test(type)).length;

      expect(countOf(requests, 'requestDispatch')).toBeLessThanOrEqual(answered + 1);
    }
  });

  it('hands over all of them once the first is out, and no other where it was refused at once (A31, A33)', () => {
    for (const journey of ended) {
      const afterClaim = journey.events.slice(journey.events.indexOf('claim.won') + 1);
      const firstWord = afterClaim.find((type) => /^(provider|dispatch|receipt|xstate)\./.test(type));
      const isOut = firstWord === 'provider.accepted' || firstWord === 'receipt.arrived';

      if (isOut) expect(dispatched(journey)).toHaveLength(parts);
      if (firstWord === 'provider.rejected') expect(dispatched(journey)).toEqual([0]);
      expect(journey.snapshot.value === 'rejected').toBe(firstWord === 'provider.rejected');
    }
  });

  it('claims once and settles once, with the verdict that it keeps (INV15)', () => {
    for (const { requests, snapshot } of ended) {
      const verdicts = requests.filter(({ type }) => type === 'requestSettlement').map(({ params }) => params);

      expect(countOf(requests, 'requestClaim')).toBe(1);
      expect(verdicts).toEqual(snapshot.value === 'refused' ? [] : [snapshot.context.verdict]);
    }
  });

  it('ends in no state that hides a part which failed or is in doubt (INV7)', () => {
    for (const { snapshot } of ended) {
      const { value, context } = snapshot;
      const { answers: given, receipt } = context;

      if (value === 'failed') expect(context).toMatchObject({ receipt: 'FAILED', failureCode: expect.any(String) });
      if (value === 'delivered') expect(context).toMatchObject({ receipt: 'DELIVERED', begun: parts });
      if (value === 'unconfirmed') expect([receipt, given]).not.toEqual(['FAILED', expect.anything()]);
      if (given.includes('REJECTED')) expect(['failed', 'rejected', 'delivered']).toContain(value);
    }
  });

  const states = [...new Set(journeys.filter(({ snapshot }) => snapshot.status === 'active').map(stateOf))];

  it.each(states)('in %s a receipt is taken, and what it says is what the send ends as (INV24, E6)', (state) => {
    const sends = journeys
      .map(({ snapshot }) => snapshot)
      .filter(({ value, context }) => value === state && context.receipt === undefined)
      .filter((send) => !isRejecting(send));

    expect(sends.length).toBeGreaterThan(0);
    for (const send of sends) {
      expect([send.can(failed), send.can(firstPartIsThere), send.can(delivered)]).toEqual([true, true, true]);
      expect(endWithoutNews(after(send, failed)[0]).value).toBe('failed');
      if (send.context.begun === parts) expect(endWithoutNews(after(send, delivered)[0]).value).toBe('delivered');
    }
  });
});

function stateOf({ snapshot }: { snapshot: SendSnapshot }): string {
  return snapshot.value;
}

const out = [wonIn(3), accepted, settled];

describe('the first part', () => {
  it('decides the verdict; the others wait for the settlement (A31, A33)', () => {
    expect(asksFor(wonIn(3), accepted)).toEqual([['requestSettlement', 'ACCEPTED']]);
    expect(asksFor(...out)).toEqual([['requestDispatch', 1]]);
    expect(sendAfter(...out).value).toBe('completing');
  });

  it('refused at once ends the send, and nothing else leaves (A31)', () => {
    expect(asksFor(wonIn(3), rejected, settled)).toEqual([]);
    expect(sendAfter(wonIn(3), rejected, settled).value).toBe('rejected');
  });

  const queued = [wonIn(3), verdictTimeout, settled];
  it.each([
    { what: 'accepted after the verdict', events: [...queued, accepted] },
    { what: 'silent and found out by a receipt', events: [wonIn(3), silent, settled, firstPartIsThere] },
    { what: 'silent, and failed later', events: [wonIn(3), silent, settled, failed] },
    {
      what: 'accepted by our own record',
      events: [wonIn(3), silent, settled, unknownTimeout, concluded('QUEUED')],
    },
  ])('$what, the others follow (A32, A33)', ({ events }) => {
    expect(asksFor(...events)).toEqual([['requestDispatch', 1]]);
  });

  it.each([
    { what: 'refused late', events: [...queued, rejected, concluded('FAILED')], state: 'failed' },
    { what: 'never taken', events: [...queued, exhausted, concluded('FAILED')], state: 'failed' },
    {
      what: 'in doubt to the end',
      events: [wonIn(3), silent, settled, unknownTimeout, concluded('UNCONFIRMED')],
      state: 'unconfirmed',
    },
  ])('$what, the others stay (A23, A33)', ({ events, state }) => {
    const { value, context } = sendAfter(...events);

    expect({ value, begun: context.begun }).toEqual({ value: state, begun: 1 });
  });

  it.each(answers)('proved by a receipt, the others wait for the end of its dispatch: $type (E6, A33)', (end) => {
    const known = [...queued, firstPartIsThere];

    expect(asksFor(...known)).toEqual([]);
    expect(asksFor(...known, end)).toEqual([['requestDispatch', 1]]);
    expect(sendAfter(...known, end, accepted, accepted)).toMatchObject({
      value: 'awaitingReceipt',
      context: { answers: ['ACCEPTED', 'ACCEPTED', 'ACCEPTED'] },
    });
  });

  it('silent before its receipt is in doubt no more (E6)', () => {
    expect(sendAfter(wonIn(2), silent, firstPartIsThere, settled, accepted).value).toBe('awaitingReceipt');
  });

  it('that failed while it is still tried may have been refused: nothing follows before its end (A31)', () => {
    const told = [wonIn(2), verdictTimeout, settledFailed];

    expect(sendAfter(...told).value).toBe('queued');
    expect(sendAfter(...told, rejected).value).toBe('concluding');
    expect(asksFor(...told, accepted)).toEqual([['requestDispatch', 1]]);
  });

  it('that failed before the settlement stops no other part (A33)', () => {
    expect(asksFor(wonIn(2), accepted, settledFailed)).toEqual([['requestDispatch', 1]]);
    expect(sendAfter(wonIn(2), accepted, settledFailed, accepted)).toMatchObject({
      value: 'failed',
      context: { failureCode: 'RECIPIENT_BLOCKED_BUSINESS' },
    });
  });
});

describe('the other parts', () => {
  it.each(answers)('go their way though the one before ends with $type (A33)', (end) => {
    expect(asksFor(...out, end)).toEqual([['requestDispatch', 2]]);
  });

  it('go their way though the first fails meanwhile (A33)', () => {
    const send = sendAfter(...out, failed);

    expect(send.value).toBe('completing');
    expect(askedBy(send, accepted)).toEqual([['requestDispatch', 2]]);
    expect(sendAfter(...out, failed, accepted, accepted)).toMatchObject({
      value: 'failed',
      context: { failureCode: 'RECIPIENT_BLOCKED_BUSINESS' },
    });
  });

  it.each([
    { ends: [accepted, accepted], state: 'awaitingReceipt' },
    { ends: [rejected, accepted], state: 'failed' },
    { ends: [accepted, rejected], state: 'failed' },
    { ends: [silent, accepted], state: 'reconciling' },
    { ends: [accepted, silent], state: 'reconciling' },
    { ends: [silent, exhausted], state: 'reconciling' },
    { ends: [exhausted, accepted], state: 'concluding' },
    { ends: [rejected, exhausted], state: 'concluding' },
    { ends: [rejected, silent], state: 'reconciling' },
  ])('that end with $ends.0.type and $ends.1.type leave the send $state (A33, INV7)', ({ ends, state }) => {
    expect(sendAfter(...out, ...ends).value).toBe(state);
  });

  it('that were refused say why, the first of them (A33, R36)', () => {
    const alsoRefused: SendEvent = { type: 'provider.rejected', failureCode: 'MEDIA_REJECTED' };

    expect(sendAfter(...out, rejected, alsoRefused).context).toMatchObject({
      verdict: 'ACCEPTED',
      receipt: 'FAILED',
      failureCode: 'CONTENT_REJECTED',
    });
  });

  it('without receipts are sent once the last is taken (A33)', () => {
    const silently: SendEvent = { type: 'claim.won', ...aClaim, expectsReceipts: false, parts: 2 };

    expect(sendAfter(silently, accepted, settled).value).toBe('completing');
    expect(sendAfter(silently, accepted, settled, accepted).value).toBe('sent');
  });

  it('all delivered, the send is delivered though the last has no answer yet (E6)', () => {
    expect(sendAfter(...out, accepted, delivered).value).toBe('delivered');
  });
});

const aClaim = { claim: { threadId: 't-1', runId: 'r-1' }, dispatchTimeout: 40_000 };

describe('a doubt about one of the parts', () => {
  const inDoubt = [...out, silent, accepted];

  it('is not settled by the failure of another, which keeps its word (INV7, A33)', () => {
    expect(sendAfter(...inDoubt, failed).value).toBe('reconciling');
    expect(sendAfter(...out, silent, failed, accepted).value).toBe('reconciling');
    expect(asksFor(...inDoubt, failed, unknownTimeout)).toEqual([
      ['requestConclusion', { waitedFor: 'DISPATCH', begun: 3 }],
    ]);
    expect(sendAfter(...inDoubt, failed, unknownTimeout, concluded('UNCONFIRMED'))).toMatchObject({
      value: 'failed',
      context: { failureCode: 'RECIPIENT_BLOCKED_BUSINESS' },
    });
  });

  it('is not settled by what was folded before it (INV7)', () => {
    expect(sendAfter(...inDoubt, firstPartIsThere).value).toBe('reconciling');
  });

  it('ends when all are delivered (E6)', () => {
    expect(sendAfter(...inDoubt, delivered).value).toBe('delivered');
  });

  it('ends when our own record knows better; then the receipts are waited for (E7)', () => {
    const send = sendAfter(...inDoubt, unknownTimeout, concluded('QUEUED'));

    expect(send.value).toBe('awaitingReceipt');
    expect(askedBy(send, receiptTimeout)).toEqual([['requestConclusion', { waitedFor: 'RECEIPT', begun: 3 }]]);
  });

  it.each([
    { what: 'all were accepted', events: [...out, accepted, accepted, receiptTimeout], waitedFor: 'RECEIPT' },
    { what: 'one was silent', events: [...inDoubt, unknownTimeout], waitedFor: 'DISPATCH' },
    { what: 'one was never taken', events: [...out, exhausted, accepted], waitedFor: 'DISPATCH' },
  ])('decides what the last look is for: $what (W31)', ({ events, waitedFor }) => {
    expect(asksFor(...events)).toEqual([['requestConclusion', { waitedFor, begun: 3 }]]);
  });

  it('of the first part: the last look knows that the others have not left (A33)', () => {
    expect(asksFor(wonIn(3), silent, settled, unknownTimeout)).toEqual([
      ['requestConclusion', { waitedFor: 'DISPATCH', begun: 1 }],
    ]);
  });

  it('that our record resolves for the first part lets the others go, whatever its receipt says (A33)', () => {
    const asking = [wonIn(2), silent, settled, unknownTimeout];

    expect(asksFor(...asking, failed, concluded('QUEUED'))).toEqual([['requestDispatch', 1]]);
    expect(sendAfter(...asking, failed, concluded('FAILED')).value).toBe('failed');
  });
});
