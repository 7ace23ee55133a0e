import { describe, expect, it } from 'vitest';
import { failureOf, failureOfReceipt } from '../../../channels/edna-pulse/failure.js';
import type { FailureCode } from '../../../domain/contracts/failure.js';

// channels.md 3.2. S in the answer to a send, A by receipt.
const rows: { code: FailureCode; when: 'S' | 'A' | 'SA'; codes: string[] }[] = [
  {
    code: 'TEMPLATE_MISMATCH',
    when: 'A',
    codes: ['no-match-template', 'not-template-match', 'error-content-do-not-match-hsm-template'],
  },
  { code: 'TEMPLATE_MISMATCH', when: 'S', codes: ['matched-template-not-found'] },
  { code: 'RECIPIENT_NOT_ON_CHANNEL', when: 'A', codes: ['not-whatsapp-user', 'not-viber-user'] },
  { code: 'RECIPIENT_BLOCKED_BUSINESS', when: 'A', codes: ['user-blocked'] },
  { code: 'EXPIRED', when: 'A', codes: ['expired'] },
  { code: 'CANCELLED_AT_PROVIDER', when: 'A', codes: ['cancelled'] },
  { code: 'UNKNOWN', when: 'A', codes: ['undelivered', 'failed', 'unknown'] },
  {
    code: 'DUPLICATE_SUPPRESSED',
    when: 'S',
    codes: ['requestId-is-not-unique', 'error-id-not-unique', 'Duplicate messageId'],
  },
  { code: 'ADDRESS_INVALID', when: 'SA', codes: ['error-address-format', 'error-address-not-specified'] },
  {
    code: 'CONTENT_REJECTED',
    when: 'SA',
    codes: [
      'content-not-specified',
      'contentType-not-specified',
      'text-not-specified',
      'caption-not-specified',
      'action-not-specified',
      'latitude-not-specified',
      'longitude-not-specified',
      'error-content-format',
      'error-content-type-format',
      'error-content-type-not-specified',
      'error-im-type-not-specified',
      'error-latitude-not-specified',
      'error-longtitude-not-specified',
      'error-priority-format',
      'error-start-time-format',
      'error-validity-period-seconds-format',
      'error-syntax',
    ],
  },
  {
    code: 'MEDIA_REJECTED',
    when: 'S',
    codes: ['attachmentName-not-specified', 'attachmentName-is-too-long', 'error-attachment-url-not-specified'],
  },
  {
    code: 'SENDER_ACCOUNT_PROBLEM',
    when: 'S',
    codes: [
      'cascade-not-found',
      "request-doesn't-contain-content-for-all-cascade-stages",
      'cascade-scheduling-request-is-not-valid',
      'error-subject-unknown',
      'error-subject-format',
      'error-subject-id-format',
    ],
  },
  {
    code: 'SENDER_ACCOUNT_PROBLEM',
    when: 'SA',
    codes: ['error-unauthorized', 'error-insufficient-balance', 'error-system-blocked'],
  },
  { code: 'PROVIDER_ERROR', when: 'SA', codes: ['error-not-found', 'error-system'] },
];

const flat = rows.flatMap(({ code, when, codes }) => codes.map((pulse) => ({ code, when, pulse })));
const bare = (pulse: string) => pulse.replace(/^error-/, '');
/** As it stands in the table, shouted, with and without `error-`. */
const spellings = (pulse: string) => [
  pulse,
  pulse.toUpperCase(),
  bare(pulse),
  `error-${bare(pulse)}`,
  `ERROR-${bare(pulse)}`,
];

describe('in the answer to a send', () => {
  it.each(flat.filter(({ when }) => when.includes('S')))('$pulse is $code, however it is spelt', ({ pulse, code }) => {
    const told = spellings(pulse).map((title) => failureOf(400, { title }));

    expect(told.map((failure) => failure.code)).toEqual(spellings(pulse).map(() => code));
    expect(told.map((failure) => failure.providerCode)).toEqual(spellings(pulse));
  });

  it.each([
    { status: 401, code: 'SENDER_ACCOUNT_PROBLEM' },
    { status: 403, code: 'SENDER_ACCOUNT_PROBLEM' },
    { status: 404, code: 'PROVIDER_ERROR' },
    { status: 405, code: 'PROVIDER_ERROR' },
    { status: 408, code: 'PROVIDER_ERROR' },
    { status: 429, code: 'RATE_LIMITED' },
    { status: 500, code: 'PROVIDER_ERROR' },
    { status: 503, code: 'PROVIDER_ERROR' },
    { status: 307, code: 'PROVIDER_ERROR' },
    { status: 400, code: 'UNKNOWN' },
    { status: 422, code: 'UNKNOWN' },
  ])('$status without a code that we know is $code', ({ status, code }) => {
    expect(failureOf(status, {})).toEqual({ code, providerCode: String(status) });
    expect(failureOf(status, { title: 'never-seen' })).toEqual({ code, providerCode: 'never-seen' });
  });

  it('"insufficient funds" in the detail is a problem of our account', () => {
    expect(failureOf(400, { title: 'bad-request', detail: 'Account has insufficient funds' })).toEqual({
      code: 'SENDER_ACCOUNT_PROBLEM',
      providerCode: 'bad-request',
      detail: 'Account has insufficient funds',
    });
  });

  it('the code is looked for in title, code and message, in that order', () => {
    const words = { title: 'text-not-specified', code: 'error-address-format', message: 'Duplicate messageId' };
    const { title: _, ...older } = words;

    expect(failureOf(400, words).code).toBe('CONTENT_REJECTED');
    expect(failureOf(400, older).code).toBe('ADDRESS_INVALID');
    expect(failureOf(400, { message: words.message }).code).toBe('DUPLICATE_SUPPRESSED');
  });

  it("Pulse's own words are kept, up to 1000 characters", () => {
    expect(failureOf(400, { title: 'x', detail: 'a'.repeat(5000) }).detail).toBe('a'.repeat(1000));
  });
});

describe('in a receipt (R35, R36)', () => {
  it.each(flat.filter(({ when }) => when.includes('A')))('$pulse is $code, however it is spelt', ({ pulse, code }) => {
    const told = spellings(pulse).map((error) => failureOfReceipt('undelivered', error));

    expect(told).toEqual(spellings(pulse).map((providerCode) => ({ code, providerCode })));
  });

  it.each(flat.filter(({ when }) => when.includes('A')))('$pulse as the status itself is $code', ({ pulse, code }) => {
    expect(failureOfReceipt(pulse, undefined)).toEqual({ code, providerCode: pulse });
  });

  it('a reason that we do not know leaves the meaning to the status', () => {
    expect(failureOfReceipt('expired', 'never-seen')).toEqual({ code: 'EXPIRED', providerCode: 'never-seen' });
    expect(failureOfReceipt('undelivered', 'never-seen')).toEqual({ code: 'UNKNOWN', providerCode: 'never-seen' });
  });

  it.each([
    { error: '131047', code: 'TEMPLATE_REQUIRED' },
    { error: '132000', code: 'TEMPLATE_MISMATCH' },
    { error: '132015', code: 'TEMPLATE_UNAVAILABLE' },
    { error: '131026', code: 'RECIPIENT_NOT_ON_CHANNEL' },
    { error: '131050', code: 'RECIPIENT_OPTED_OUT' },
    { error: '131049', code: 'WITHHELD_BY_PROVIDER' },
    { error: '130403', code: 'BLOCKED_BY_US' },
    { error: '131053', code: 'MEDIA_REJECTED' },
  ])("Meta's raw number $error is $code", ({ error, code }) => {
    expect(failureOfReceipt('undelivered', error)).toEqual({ code, providerCode: error });
  });
});
