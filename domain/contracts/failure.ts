// Why a provider did not deliver: one closed list for all providers, the provider's own words kept beside (R35, R36).
import { z } from 'zod';

// Stored in histories and search attributes: add, never rename.
export const FailureCode = z.enum([
  'TEMPLATE_REQUIRED',
  'TEMPLATE_MISMATCH',
  'TEMPLATE_UNAVAILABLE',
  'RECIPIENT_NOT_ON_CHANNEL',
  'RECIPIENT_BLOCKED_BUSINESS',
  'RECIPIENT_OPTED_OUT',
  'EXPIRED',
  'CONTENT_REJECTED',
  'MEDIA_REJECTED',
  'ADDRESS_INVALID',
  'MAILBOX_UNAVAILABLE',
  'DUPLICATE_SUPPRESSED',
  'RATE_LIMITED',
  'SENDER_ACCOUNT_PROBLEM',
  'PROVIDER_ERROR',
  'UNKNOWN',
  'WITHHELD_BY_PROVIDER',
  'CLIENT_MUST_WRITE_FIRST',
  'CHAT_CLOSED_BY_CLIENT',
  'BLOCKED_BY_US',
  'CANCELLED_AT_PROVIDER',
  'OUTCOME_UNCONFIRMED',
]);
export type FailureCode = z.infer<typeof FailureCode>;

/** `providerCode` is the provider's code as text, `detail` its words: for people, never to branch on. */
export const Failure = z.object({
  code: FailureCode,
  providerCode: z.string().optional(),
  detail: z.string().optional(),
});
export type Failure = z.infer<typeof Failure>;
