// What a mail server's codes mean: to the send (accepted, final, retry, unknown) and to an agent.
import type { ProviderAnswer } from '../../activities/ports.js';
import type { Failure, FailureCode } from '../../domain/contracts/failure.js';
import { storable } from '../../domain/text.js';

/** What the library tells of a failed conversation; without `responseCode` the server did not answer. */
export interface SmtpError {
  code?: string | undefined;
  command?: string | undefined;
  response?: string | undefined;
  responseCode?: number | undefined;
}

const GREYLISTING = 60_000; // ms; a server that says "later" means at least a minute

/** @param wasHandedOver all of the message had left, so the final dot may have too */
export function answerTo(error: SmtpError, wasHandedOver: boolean): ProviderAnswer {
  const failure = failureOf(error);
  if (isRefusedLogin(error)) return { outcome: 'final', failure: { ...failure, code: 'SENDER_ACCOUNT_PROBLEM' } };
  if (isWithoutTls(error)) return { outcome: 'retry', failure: { ...failure, code: 'SENDER_ACCOUNT_PROBLEM' } };
  if (error.responseCode !== undefined) return bySeverity(error.responseCode, failure);
  return wasHandedOver ? { outcome: 'unknown', failure } : { outcome: 'retry', failure };
}

export const refusedRecipient = (error: SmtpError): ProviderAnswer =>
  bySeverity(error.responseCode ?? 550, failureOf({ ...error, command: 'RCPT TO' }));

const bySeverity = (responseCode: number, failure: Failure): ProviderAnswer =>
  responseCode >= 500 ? { outcome: 'final', failure } : { outcome: 'retry', failure, afterMs: GREYLISTING };

const isRefusedLogin = ({ code, responseCode = 535 }: SmtpError): boolean => code === 'EAUTH' && responseCode >= 500;

/** A server that offers no STARTTLS where it is demanded: never plain text, and worth an alarm. */
const isWithoutTls = ({ code, command }: SmtpError): boolean => code === 'ETLS' || command === 'STARTTLS';

const failureOf = (error: SmtpError): Failure => {
  const { code, response, responseCode } = error;
  return {
    code: meaningOf(error),
    ...(responseCode !== undefined && { providerCode: enhancedCode(response) ?? String(responseCode) }),
    detail: storable((response ?? code ?? 'no answer').slice(0, 1000)),
  };
};

const enhancedCode = (response: string | undefined): string | undefined =>
  /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(response ?? '')?.[0];

const byEnhancedCode: readonly [RegExp, FailureCode][] = [
  [/^5\.1\.(7|8)$|^5\.7\.(8|2[0-6])$/, 'SENDER_ACCOUNT_PROBLEM'],
  [/^5\.1\.(1|2|3|6|10)$/, 'ADDRESS_INVALID'],
  [/^[45]\.2\.[12]$/, 'MAILBOX_UNAVAILABLE'],
  [/^5\.(2\.3|3\.4)$/, 'MEDIA_REJECTED'],
  [/^5\.6\./, 'CONTENT_REJECTED'],
  [/^[45]\.4\.7$/, 'EXPIRED'],
];

function meaningOf({ responseCode, response, command }: SmtpError): FailureCode {
  const enhanced = enhancedCode(response);
  const known = byEnhancedCode.find(([pattern]) => enhanced !== undefined && pattern.test(enhanced))?.[1];
  if (known !== undefined) return known;
  const isRecipient = command === 'RCPT TO';
  if (enhanced === '5.7.1') return isRecipient ? 'RECIPIENT_BLOCKED_BUSINESS' : 'CONTENT_REJECTED';
  switch (responseCode) {
    case 501:
    case 550:
    case 551:
    case 553:
      return isRecipient ? 'ADDRESS_INVALID' : 'CONTENT_REJECTED';
    case 552:
      return isRecipient ? 'MAILBOX_UNAVAILABLE' : 'MEDIA_REJECTED';
    case 554:
      return 'CONTENT_REJECTED';
    case 530:
    case 534:
    case 535:
      return 'SENDER_ACCOUNT_PROBLEM';
    case 452:
      return 'RATE_LIMITED';
    default:
      return 'PROVIDER_ERROR';
  }
}
