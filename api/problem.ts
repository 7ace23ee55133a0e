// From codes to HTTP: the one map. A problem is answered as RFC 9457, without stack, SQL or a provider's words (SEC33).
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Issue, ProblemCode } from '../domain/contracts/problem.js';
import type { Refusal } from '../domain/contracts/refusal.js';

export const PROBLEMS: Record<ProblemCode, { status: ContentfulStatusCode; title: string }> = {
  VALIDATION_FAILED: { status: 400, title: 'The request is not what the contract says' },
  CONTACT_INVALID: { status: 400, title: 'The contact breaks the grammar of phones or addresses' },
  UNAUTHENTICATED: { status: 401, title: 'No valid token or key' },
  FORBIDDEN: { status: 403, title: 'This token may not do that' },
  NOT_FOUND: { status: 404, title: 'There is no such thing' },
  CONTACT_TAKEN: { status: 409, title: 'Another client has this phone, address or id' },
  IN_USE: { status: 409, title: 'It is still needed' },
  PROVIDER_REFUSED: { status: 409, title: 'The provider refuses our settings' },
  IDEMPOTENCY_IN_PROGRESS: { status: 409, title: 'The first request under this key is still running' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The body has the wrong media type' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: 'The key was used with another request' },
  INTERNAL_ERROR: { status: 500, title: 'Something is broken on our side' },
  UNAVAILABLE: { status: 503, title: 'A part of the service is away' },
};

/** Why a request is not answered with a result. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly fields: Record<string, unknown>;

  constructor(code: ProblemCode, detail: string, fields: Record<string, unknown> = {}) {
    super(detail);
    this.code = code;
    this.fields = fields;
  }
}

/** The "no" that was told first under a key, its request id included. */
export class ReplayedError extends Error {
  readonly answer: { status: number };

  constructor(answer: unknown) {
    super('told before');
    this.answer = answer as { status: number };
  }
}

/** A rule of the chat center forbids it now. */
export class RefusedError extends Error {
  readonly refusals: readonly [Refusal, ...Refusal[]];

  constructor(refusals: readonly [Refusal, ...Refusal[]]) {
    super(`refused: ${refusals.map(({ code }) => code).join(', ')}`);
    this.refusals = refusals;
  }
}

const MOST_ISSUES = 100;

export function invalid(all: Issue[]): ProblemError {
  const issues = all.slice(0, MOST_ISSUES);
  return new ProblemError('VALIDATION_FAILED', issues.map(({ path, message }) => `${path}: ${message}`).join('; '), {
    issues,
  });
}

export const notFound = (what: string, id: string): ProblemError =>
  new ProblemError('NOT_FOUND', `there is no ${what} ${id}`, { what, id });

/** @param wayOut what its owner can do instead */
export const inUse = (usedBy: readonly string[], wayOut: string): ProblemError =>
  new ProblemError('IN_USE', `still used by ${usedBy.join(', ').toLowerCase()}: ${wayOut}`, { usedBy });

const RETRY_AFTER = '2'; // s

export function problemBody(requestId: string, { code, message, fields }: ProblemError) {
  const { status, title } = PROBLEMS[code];
  return { type: `urn:outgoing-messages:${code}`, title, status, detail: message, code, requestId, ...fields };
}

/** A rule of the chat center forbids it now: the first refusal is the code, all of them are listed. */
export function refusalBody(requestId: string, refusals: readonly [Refusal, ...Refusal[]]) {
  const [{ code, ...fields }] = refusals;
  return {
    ...fields, // first, since SENDER_STATUS has a field `status` and a problem has its own
    type: `urn:outgoing-messages:${code}`,
    title: 'A rule of the chat center forbids it now',
    status: 409,
    detail: `refused: ${refusals.map((refusal) => refusal.code).join(', ')}`,
    code,
    requestId,
    refusals,
  };
}

export function respond(context: Context, body: { status: number }): Response {
  const mayComeBack = body.status === 503 || ('code' in body && body.code === 'IDEMPOTENCY_IN_PROGRESS');
  return context.json(body, body.status as ContentfulStatusCode, {
    'content-type': 'application/problem+json',
    ...(mayComeBack && { 'retry-after': RETRY_AFTER }),
  });
}
