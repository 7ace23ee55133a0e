// What Pulse's codes mean to an agent. A code that is not listed is UNKNOWN with Pulse's own words beside it.
import type { Failure, FailureCode } from '../../domain/contracts/failure.js';
import { storable } from '../../domain/text.js';

/** The bodies seen from Pulse: `title` and `detail` today, `code` or `message` in older interfaces. */
export interface PulseAnswer {
  requestId?: string;
  title?: string;
  code?: string;
  message?: string;
  detail?: string;
}

const FIELDS = ['requestId', 'title', 'code', 'message', 'detail'] as const;

/** Whatever Pulse answered, as far as it is of that shape; numbers become text, all else is left out (SEC15). */
export function readAnswer(body: string | undefined): PulseAnswer {
  try {
    const value: unknown = JSON.parse(body ?? '');
    if (typeof value !== 'object' || value === null) return {};
    const known = FIELDS.map((field) => [field, (value as Record<string, unknown>)[field]] as const);
    return Object.fromEntries(
      known.flatMap(([field, given]) => (isWord(given) ? [[field, storable(String(given))]] : [])),
    );
  } catch {
    return {};
  }
}

const isWord = (given: unknown): given is string | number => typeof given === 'string' || typeof given === 'number';

const rows: readonly [FailureCode, readonly string[]][] = [
  [
    'TEMPLATE_MISMATCH',
    ['no-match-template', 'not-template-match', 'content-do-not-match-hsm-template', 'matched-template-not-found'],
  ],
  ['RECIPIENT_NOT_ON_CHANNEL', ['not-whatsapp-user', 'not-viber-user']],
  ['RECIPIENT_BLOCKED_BUSINESS', ['user-blocked']],
  ['EXPIRED', ['expired']],
  ['CANCELLED_AT_PROVIDER', ['cancelled']],
  ['DUPLICATE_SUPPRESSED', ['requestid-is-not-unique', 'id-not-unique', 'duplicate messageid']],
  ['ADDRESS_INVALID', ['address-format', 'address-not-specified']],
  [
    'CONTENT_REJECTED',
    [
      'content-not-specified',
      'contenttype-not-specified',
      'text-not-specified',
      'caption-not-specified',
      'action-not-specified',
      'latitude-not-specified',
      'longitude-not-specified',
      'content-format',
      'content-type-format',
      'content-type-not-specified',
      'im-type-not-specified',
      'latitude-not-specified',
      'longtitude-not-specified', // spelled so by Pulse
      'priority-format',
      'start-time-format',
      'validity-period-seconds-format',
      'syntax',
    ],
  ],
  ['MEDIA_REJECTED', ['attachmentname-not-specified', 'attachmentname-is-too-long', 'attachment-url-not-specified']],
  [
    'SENDER_ACCOUNT_PROBLEM',
    [
      'cascade-not-found',
      "request-doesn't-contain-content-for-all-cascade-stages",
      'cascade-scheduling-request-is-not-valid',
      'subject-unknown',
      'subject-format',
      'subject-id-format',
      'unauthorized',
      'insufficient-balance',
      'system-blocked',
    ],
  ],
  ['PROVIDER_ERROR', ['not-found', 'system']],
];

/** Meta's own numbers, which may shine through in a receipt. */
const numbers: typeof rows = [
  ['TEMPLATE_REQUIRED', ['131047', '470']],
  ['TEMPLATE_MISMATCH', ['132000', '132005', '132012', '132018']],
  ['TEMPLATE_UNAVAILABLE', ['132001', '132007', '132008', '132015', '132016', '132068', '132069']],
  ['RECIPIENT_NOT_ON_CHANNEL', ['131026', '1013', '1026']],
  ['RECIPIENT_OPTED_OUT', ['131050']],
  ['WITHHELD_BY_PROVIDER', ['131049', '130472', '472']],
  ['BLOCKED_BY_US', ['130403']],
  ['ADDRESS_INVALID', ['131021', '131030', '131062']],
  ['CONTENT_REJECTED', ['131051', '131008', '131009', '100', '135000']],
  ['MEDIA_REJECTED', ['131052', '131053']],
  ['RATE_LIMITED', ['130429', '131056', '4', '80007', '131048', '131064', '133016', '471', '429']],
  ['EXPIRED', ['408', '410']],
  ['PROVIDER_ERROR', ['1', '2', '131000', '131016', '131057', '133004']],
  ['SENDER_ACCOUNT_PROBLEM', ['368', '130497', '131031', '131037', '131042', '131045', '33', '134011', '131005']],
];

const mapOf = (table: typeof rows): ReadonlyMap<string, FailureCode> =>
  new Map(table.flatMap(([meaning, codes]) => codes.map((code) => [code, meaning] as const)));
const meanings = mapOf(rows);
const meaningsOfNumbers = mapOf(numbers);

/** Codes are compared without case, with or without `error-`. */
const normalised = (code: string): string => code.toLowerCase().replace(/^error-/, '');
const meaningOf = (code: string): FailureCode | undefined => meanings.get(normalised(code));

const codeOf = (answer: PulseAnswer): string | undefined => answer.title ?? answer.code ?? answer.message;

/** A failure in the answer to a send. */
export function failureOf(status: number, answer: PulseAnswer): Failure {
  const providerCode = codeOf(answer) ?? String(status);
  return {
    code: meaningOf(providerCode) ?? meaningOfStatus(status, answer),
    providerCode,
    ...(answer.detail !== undefined && { detail: storable(answer.detail.slice(0, 1000)) }),
  };
}

function meaningOfStatus(status: number, answer: PulseAnswer): FailureCode {
  if (status === 401 || status === 403 || answer.detail?.includes('insufficient funds'))
    return 'SENDER_ACCOUNT_PROBLEM';
  if (status === 429) return 'RATE_LIMITED';
  if (status === 404 || status === 405 || status === 408 || status >= 500 || status < 400) return 'PROVIDER_ERROR';
  return 'UNKNOWN';
}

/** A failure in a receipt: its status, and the reason in `error` where there is one. */
export function failureOfReceipt(status: string, error: string | undefined): Failure {
  const providerCode = error ?? status;
  const code = meaningOf(providerCode) ?? meaningsOfNumbers.get(providerCode) ?? meaningOf(status) ?? 'UNKNOWN';
  return { code, providerCode };
}

export const isRepeatedReference = (answer: PulseAnswer): boolean =>
  meaningOf(codeOf(answer) ?? '') === 'DUPLICATE_SUPPRESSED';

/** No "no" of Pulse's own: a redirect, a time-out, a fault on its side. */
export const isInconclusive = (status: number, answer: PulseAnswer): boolean =>
  status < 400 || status === 408 || status >= 500 || isOutage(answer);

/** `error-system`: Pulse itself does not know what went wrong, whatever the HTTP status. */
const isOutage = (answer: PulseAnswer): boolean => normalised(codeOf(answer) ?? '') === 'system';
