import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { DeliveryStatus } from '../../domain/contracts/delivery.js';
import { FailureCode } from '../../domain/contracts/failure.js';
import {
  type DeliveryFact,
  FACT_KINDS,
  type FactKind,
  foldPart,
  isAtLeast,
  isTerminal,
  worstOf,
} from '../../domain/receipt.js';
import { aFact } from '../builders.js';

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

it('a status says as much as itself, more than a lower one, and anything more than nothing (INV8)', () => {
  const atLeast = RISING.map((known) => RISING.filter((status) => isAtLeast(status, known)));

  expect(atLeast).toEqual(RISING.map((_, index) => RISING.slice(index)));
  expect(RISING.filter((status) => isAtLeast(status, undefined))).toEqual(RISING);
});
