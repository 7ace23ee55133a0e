// What Pulse's codes mean to an agent. A code that is not listed is UNKNOWN with Pulse's own words beside it.
import type { Failure, FailureCode } from '../../domain/contracts/failure.js';

/** The bodies seen from Pulse: `title` and `detail` today, `code` or `message` in older interfaces. */
export interface PulseProblem {
  requestId?: string;
  title?: string;
  code?: string;
  message?: string;
  detail?: string;
}

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

const meanings = new Map(rows.flatMap(([meaning, codes]) => codes.map((code) => [code, meaning] as const)));

/** Codes are compared without case, with or without `error-`. */
const meaningOf = (code: string): FailureCode | undefined => meanings.get(code.toLowerCase().replace(/^error-/, ''));

const codeOf = (problem: PulseProblem | undefined): string | undefined =>
  problem?.title ?? problem?.code ?? problem?.message;

/** A failure in the answer to a send. */
export function failureOf(status: number, problem: PulseProblem | undefined): Failure {
  const providerCode = codeOf(problem) ?? String(status);
  return {
    code: meaningOf(providerCode) ?? meaningOfStatus(status, problem),
    providerCode,
    ...(problem?.detail !== undefined && { detail: problem.detail.slice(0, 1000) }),
  };
}

function meaningOfStatus(status: number, problem: PulseProblem | undefined): FailureCode {
  if (status === 401 || status === 403 || problem?.detail?.includes('insufficient funds'))
    return 'SENDER_ACCOUNT_PROBLEM';
  if (status === 429) return 'RATE_LIMITED';
  if (status === 404 || status === 405 || status === 408 || status >= 500 || status < 400) return 'PROVIDER_ERROR';
  return 'UNKNOWN';
}

/** A failure in a receipt: its status, and the reason in `error` where there is one. */
export function failureOfReceipt(status: string, error: string | undefined): Failure {
  const providerCode = error ?? status;
  return { code: meaningOf(providerCode) ?? meaningOf(status) ?? 'UNKNOWN', providerCode };
}

export const repeatedReference = (problem: PulseProblem | undefined): boolean =>
  meaningOf(codeOf(problem) ?? '') === 'DUPLICATE_SUPPRESSED';
