// Problems: what the API answers instead of a result, RFC 9457 with a code of one closed list (docs/refusals.md).
import { z } from 'zod';
import { Refusal } from './refusal.js';

/** Codes beside the refusals. Retired ones are listed here and never used again; so far none is. */
export const ProblemCode = z.enum([
  'VALIDATION_FAILED',
  'CONTACT_INVALID',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'CONTACT_TAKEN',
  'IN_USE',
  'PROVIDER_REFUSED',
  'IDEMPOTENCY_IN_PROGRESS',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'IDEMPOTENCY_KEY_REUSED',
  'INTERNAL_ERROR',
  'UNAVAILABLE',
]);
export type ProblemCode = z.infer<typeof ProblemCode>;

export const Issue = z.object({ path: z.string(), message: z.string() });
export type Issue = z.infer<typeof Issue>;

export const Problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    requestId: z.string(),
    issues: z.array(Issue).optional(),
    refusals: z.array(Refusal).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;
