import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { DeliveryStatus } from '../../domain/contracts/delivery.js';
import { FailureCode } from '../../domain/contracts/failure.js';
import { partsOf } from '../../domain/outgoing-message.js';
import {
  type DeliveryFact,
  FACT_KINDS,
  type FactKind,
  foldPart,
  foldSend,
  isLateFailure,
  isNews,
  isTerminal,
  lastWord,
  type MessagePart,
  ownIdentity,
  partsToShow,
  worstOf,
} from '../../domain/receipt.js';
import { aFact, aFile } from '../builders.js';

const RISING: readonly DeliveryStatus[] = ['UNKNOWN', 'UNCONFIRMED', 'QUEUED', 'SENT', 'FAILED', 'DELIVERED', 'READ'];

const fact: fc.Arbitrary<DeliveryFact> = fc
  .record({
    part: fc.integer({ min: 0, max: 1 }),
    identity: fc.string({ maxLength: 4 }),
    kind: fc.constantFrom(...FACT_KINDS),
    code: fc.option(fc.constantFrom(...FailureCode.options)),
  })
  .map(({ code, ...rest }) => ({ ...rest, ...(code !== null && { failure: { code } }) }));

const facts = fc.uniqueArray(fact, { selector: ({ identity }) => identity, maxLength: 12 });

/** The same facts in another order, some of them again. */
const retold = facts.chain((told) =>
  fc
    .tuple(fc.shuffledSubarray(told, { minLength: told.length }), fc.shuffledSubarray(told))
    .chain(([all, again]) => fc.shuffledSubarray([...all, ...again], { minLength: all.length + again.length }))
    .map((other) => ({ told, other })),
);

describe('the fold (E6, INV8)', () => {
  test.prop([retold])('order and repetition of the facts do not matter', ({ told, other }) => {
    expect(foldPart(0, other)).toEqual(foldPart(0, told));
    expect(foldPart(1, other)).toEqual(foldPart(1, told));
  });

  test.prop([facts, facts])('one more fact never lets the status fall', (told, more) => {
    const known = [aFact({ kind: 'UNKNOWN', identity: '' }), ...told];

    const before = RISING.indexOf(foldPart(0, known).status);
    const after = RISING.indexOf(foldPart(0, [...known, ...more]).status);

    expect(after).toBeGreaterThanOrEqual(before);
  });

  test.prop([facts])('a fact about another part changes nothing', (told) => {
    expect(foldPart(0, [...told, aFact({ kind: 'READ', part: 7 })])).toEqual(foldPart(0, told));
  });

  it('a part of which nothing is known is queued', () => {
    expect(foldPart(3, [])).toEqual({ index: 3, status: 'QUEUED' });
  });

  const pairs: [FactKind, FactKind, DeliveryStatus][] = [
    ['UNKNOWN', 'UNCONFIRMED', 'UNCONFIRMED'],
    ['UNKNOWN', 'ACCEPTED', 'QUEUED'],
    ['UNCONFIRMED', 'ACCEPTED', 'QUEUED'],
    ['UNCONFIRMED', 'SENT', 'SENT'],
    ['UNCONFIRMED', 'FAILED', 'FAILED'],
    ['UNCONFIRMED', 'DELIVERED', 'DELIVERED'],
    ['ACCEPTED', 'SENT', 'SENT'],
    ['ACCEPTED', 'FAILED', 'FAILED'],
    ['SENT', 'FAILED', 'FAILED'],
    ['SENT', 'DELIVERED', 'DELIVERED'],
    ['FAILED', 'DELIVERED', 'DELIVERED'],
    ['FAILED', 'READ', 'READ'],
    ['DELIVERED', 'READ', 'READ'],
  ];

  it.each(pairs)('%s and %s are %s, whichever comes first', (one, other, status) => {
    expect(foldPart(0, [aFact({ kind: one }), aFact({ kind: other })]).status).toBe(status);
    expect(foldPart(0, [aFact({ kind: other }), aFact({ kind: one })]).status).toBe(status);
  });

  it.each(FACT_KINDS)('%s alone has a status of its own', (kind) => {
    expect(foldPart(0, [aFact({ kind })]).status).toBe(RISING[FACT_KINDS.indexOf(kind)]);
  });

  it('of two failures the first by identity is shown, not the first to come', () => {
    const expired = aFact({ kind: 'FAILED', identity: 'a', failure: { code: 'EXPIRED' } });
    const blocked = aFact({ kind: 'FAILED', identity: 'b', failure: { code: 'RECIPIENT_BLOCKED_BUSINESS' } });

    expect(foldPart(0, [blocked, expired]).failure).toEqual({ code: 'EXPIRED' });
    expect(foldPart(0, [expired, blocked]).failure).toEqual({ code: 'EXPIRED' });
  });

  it('a message that was delivered after all shows no failure', () => {
    const failed = aFact({ kind: 'FAILED', failure: { code: 'EXPIRED' } });

    expect(foldPart(0, [failed, aFact({ kind: 'DELIVERED' })])).toEqual({ index: 0, status: 'DELIVERED' });
  });
});

it.each([
  { parts: ['READ', 'FAILED', 'DELIVERED'], worst: 'FAILED' },
  { parts: ['UNCONFIRMED', 'FAILED'], worst: 'FAILED' },
  { parts: ['UNKNOWN', 'UNCONFIRMED'], worst: 'UNCONFIRMED' },
  { parts: ['QUEUED', 'UNKNOWN'], worst: 'UNKNOWN' },
  { parts: ['SENT', 'QUEUED'], worst: 'QUEUED' },
  { parts: ['DELIVERED', 'SENT'], worst: 'SENT' },
  { parts: ['READ', 'DELIVERED'], worst: 'DELIVERED' },
  { parts: ['READ'], worst: 'READ' },
] as const)('a send of parts that are $parts is $worst (A33)', ({ parts, worst }) => {
  const [first, ...rest] = parts.map((status, index) => ({ index, status }));

  expect(worstOf([first!, ...rest]).status).toBe(worst);
  expect(worstOf([first!, ...rest.toReversed()]).status).toBe(worst);
});

it('after delivered, read and failed nothing better or worse is waited for', () => {
  expect(DeliveryStatus.options.filter(isTerminal)).toEqual(['DELIVERED', 'READ', 'FAILED']);
});

it('of two statuses a final one is undone by none lower, whichever comes first (INV8)', () => {
  const final = DeliveryStatus.options.filter(isTerminal);

  for (const known of final) {
    const kept = RISING.filter((status) => lastWord(known, status) === known);
    expect(kept).toEqual(RISING.slice(0, RISING.indexOf(known) + 1));
  }
  for (const known of [undefined, ...RISING.filter((status) => !isTerminal(status))]) {
    expect(RISING.map((status) => lastWord(known, status))).toEqual(RISING);
  }
});

const text: MessagePart = { index: 0, kind: 'TEXT' };
const offer: MessagePart = { index: 1, kind: 'ATTACHMENT', attachmentId: 'offer' };
const whole = [text];
const both = [text, offer];

describe('the parts of a message as they are shown (A33)', () => {
  const files = [aFile(), aFile({ attachmentId: 'map' })];

  it.each([
    {
      what: 'a text with files',
      message: { text: 'Here', attachments: files },
      kinds: [['TEXT'], ['ATTACHMENT', 'offer'], ['ATTACHMENT', 'map']],
    },
    { what: 'a text alone', message: { text: 'Here' }, kinds: [['TEXT']] },
    { what: 'a file alone', message: { attachments: [aFile()] }, kinds: [['ATTACHMENT', 'offer']] },
  ])('$what: the text first, then one by one', ({ message, kinds }) => {
    const shown = partsToShow(partsOf(message, 'WHATSAPP'));

    expect(shown.map(({ kind, attachmentId }) => (attachmentId === undefined ? [kind] : [kind, attachmentId]))).toEqual(
      kinds,
    );
    expect(shown.map(({ index }) => index)).toEqual([...kinds.keys()]);
  });

  it('an e-mail is one part, files and all', () => {
    expect(partsToShow(partsOf({ text: 'Here', subject: 'Offer', attachments: files }, 'EMAIL'))).toEqual([text]);
  });
});

describe('a send of two parts (A33)', () => {
  const arrived = aFact({ kind: 'DELIVERED' });
  const blocked = aFact({ kind: 'FAILED', part: 1, failure: { code: 'MEDIA_REJECTED' } });

  it('shows each part with its own status, and is as bad as the worst', () => {
    expect(foldSend(both, [arrived, blocked])).toEqual({
      status: 'FAILED',
      failure: { code: 'MEDIA_REJECTED' },
      parts: [
        { ...text, status: 'DELIVERED' },
        { ...offer, status: 'FAILED', failure: { code: 'MEDIA_REJECTED' } },
      ],
    });
  });

  it('is queued while one of them has not left', () => {
    expect(foldSend(both, [arrived]).status).toBe('QUEUED');
  });

  it('of two failed parts the first says why', () => {
    const refused = aFact({ kind: 'FAILED', failure: { code: 'CONTENT_REJECTED' } });

    expect(foldSend(both, [blocked, refused]).failure).toEqual({ code: 'CONTENT_REJECTED' });
  });

  test.prop([retold])('order and repetition of the facts do not matter (INV8)', ({ told, other }) => {
    expect(foldSend(both, other)).toEqual(foldSend(both, told));
  });
});

describe('a fact is news', () => {
  /** Which of the facts are, each told after those before it; `0:READ` is one about part 0. */
  const newsAmong = (parts: MessagePart[], ...told: string[]): string[] => {
    const stored = told.map((one, index) => {
      const [source = '', part, kind] = one.split(':');
      const identity = source === 'own' ? ownIdentity('s-1', Number(part), kind as FactKind) : `receipt:${index}`;
      return aFact({ kind: kind as FactKind, part: Number(part), identity });
    });
    return told.filter((_, index) => isNews(parts, stored, stored[index]!.identity));
  };

  it.each([
    { told: ['own:0:ACCEPTED', 'by:0:SENT', 'by:0:DELIVERED', 'by:0:READ'], news: ['by:0:DELIVERED'] },
    { told: ['by:0:FAILED', 'by:0:DELIVERED'], news: ['by:0:FAILED', 'by:0:DELIVERED'] },
    { told: ['by:0:READ', 'by:0:FAILED'], news: ['by:0:READ'] },
    { told: ['own:0:UNKNOWN', 'by:0:SENT'], news: [] },
  ])('in one part, $told: $news (E6)', ({ told, news }) => {
    expect(newsAmong(whole, ...told)).toEqual(news);
  });

  const accepted = ['own:0:ACCEPTED', 'own:1:ACCEPTED'];
  it.each([
    { what: 'the last is delivered', told: ['by:0:DELIVERED', 'by:1:DELIVERED'], news: ['by:1:DELIVERED'] },
    { what: 'one fails', told: ['by:1:DELIVERED', 'by:0:FAILED'], news: ['by:0:FAILED'] },
    { what: 'the first to fail', told: ['by:1:FAILED', 'by:0:FAILED'], news: ['by:1:FAILED'] },
    {
      what: 'the failed one arrives after all',
      told: ['by:0:FAILED', 'by:1:READ', 'by:0:READ'],
      news: ['by:0:FAILED', 'by:0:READ'],
    },
  ])('in two parts that were accepted once $what (A33)', ({ told, news }) => {
    expect(newsAmong(both, ...accepted, ...told)).toEqual(news);
  });

  it.each(['by:0:DELIVERED', 'by:0:FAILED'])(
    'when it is the first final word about a first part that was silent, for which the others wait: %s (A33, E6)',
    (proof) => {
      expect(newsAmong(both, proof)).toEqual([proof]);
      expect(newsAmong(both, 'own:0:UNKNOWN', 'by:0:SENT', proof)).toEqual([proof]);
    },
  );

  it.each(['by:0:DELIVERED', 'by:1:DELIVERED', 'by:0:SENT'])(
    'but not when the first part is known to be taken and the others are not there: %s (A33)',
    (told) => {
      expect(newsAmong(both, 'own:0:ACCEPTED', told)).toEqual([]);
    },
  );

  test.prop([facts, facts])('or not whatever is told later, so that a repeat gets the same answer', (told, later) => {
    const more = later.filter(({ identity }) => told.every((known) => known.identity !== identity));

    for (const { identity } of told) {
      expect(isNews(both, [...told, ...more], identity)).toBe(isNews(both, told, identity));
    }
  });
});

describe('a failure has an entry of its own in the history', () => {
  const own = (part: number) => aFact({ kind: 'FAILED', part, identity: ownIdentity('s-1', part, 'FAILED') });

  it.each([0, 1])('when the provider refuses part %i after the verdict (R35, R36, INV9)', (part) => {
    expect(isLateFailure(own(part), 'ACCEPTED')).toBe(true);
    expect(isLateFailure(own(part), 'QUEUED')).toBe(true);
  });

  it('but not when the send was refused at once: its verdict tells (A31)', () => {
    expect(isLateFailure(own(0), 'REJECTED')).toBe(false);
    expect(isLateFailure(own(0), null)).toBe(false);
  });

  it('when a receipt says so, whatever the verdict was (INV9)', () => {
    const told = aFact({ kind: 'FAILED' });

    expect([null, 'REJECTED', 'ACCEPTED', 'QUEUED'].map((verdict) => isLateFailure(told, verdict as null))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(isLateFailure(aFact({ kind: 'DELIVERED' }), 'ACCEPTED')).toBe(false);
  });
});
