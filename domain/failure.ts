// What an agent reads when a message was not delivered (R35, R36).
import type { FailureCode } from './contracts/failure.js';

export const FAILURE_SENTENCES: Record<FailureCode, string> = {
  TEMPLATE_REQUIRED: 'The client has not written within 24 hours, so only a registered template can be delivered.',
  TEMPLATE_MISMATCH:
    'The text equals no registered template, or a variable does not fit, and was therefore not delivered.',
  TEMPLATE_UNAVAILABLE: 'The chosen template no longer exists, or is paused or disabled.',
  RECIPIENT_NOT_ON_CHANNEL:
    'The client cannot be reached here: the messenger is not used with this number, or too old.',
  RECIPIENT_BLOCKED_BUSINESS: 'The client has blocked our account in this messenger.',
  RECIPIENT_OPTED_OUT: 'The client does not want messages of this kind.',
  EXPIRED: 'The message could not be delivered in time; the device was probably not reachable.',
  CONTENT_REJECTED: 'The provider refused the content of the message.',
  MEDIA_REJECTED: 'The provider could not take the attachment (type, size or download).',
  ADDRESS_INVALID: 'The number or address is not valid.',
  MAILBOX_UNAVAILABLE: 'The mailbox exists but takes no mail at present (full or disabled).',
  DUPLICATE_SUPPRESSED: 'The same message was sent a short time ago, so the provider suppressed this one.',
  RATE_LIMITED: 'Too many messages in a short time; the provider did not take this one.',
  SENDER_ACCOUNT_PROBLEM:
    'Our account with the provider has a problem (access, balance, lock); the administrators are told.',
  PROVIDER_ERROR: 'The provider had a technical fault.',
  UNKNOWN: 'The provider reported a failure without a reason that we know; see the details.',
  WITHHELD_BY_PROVIDER: 'The provider chose not to deliver this message to this client now.',
  CLIENT_MUST_WRITE_FIRST: 'On this channel the client has to write, or answer, before we may send.',
  CHAT_CLOSED_BY_CLIENT: 'The client has deleted the conversation and must write again first.',
  BLOCKED_BY_US: 'This number is blocked on our own sender account.',
  CANCELLED_AT_PROVIDER: 'The message was cancelled at the provider before delivery.',
  OUTCOME_UNCONFIRMED: 'It is not known whether the message arrived; please ask the client before you repeat it.',
};
