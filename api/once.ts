// An `Idempotency-Key` on a POST whose effect may be repeated: the first answer under a key is given again (INV12).
import type { Context } from 'hono';
import { z } from 'zod';
import type { IdempotencyStore } from '../store/idempotency.js';
import { hashOf } from '../store/identity.js';
import { canonical } from './canonical.js';
import { ProblemError } from './problem.js';
import type { ApiVariables } from './route.js';

export const IdempotencyKey = z
  .string('is required')
  .regex(/^[\x20-\x7e]{1,255}$/, 'must be 1 to 255 printable ASCII characters');

export const optionalKey = { headers: z.object({ 'idempotency-key': IdempotencyKey.optional() }) };

export interface Answer<S extends number, T> {
  status: S;
  answer: T;
}

/** Of several at once under one key each may do the work; the answer that is kept first is everybody's. */
export type Once = <S extends number, T>(
  context: Context<ApiVariables>,
  route: string,
  body: unknown,
  work: () => Promise<Answer<S, T>>,
) => Promise<Answer<S, T>>;

export const createOnce =
  (idempotency: IdempotencyStore): Once =>
  async <S extends number, T>(
    context: Context<ApiVariables>,
    route: string,
    body: unknown,
    work: () => Promise<Answer<S, T>>,
  ) => {
    const key = context.req.header('idempotency-key');
    if (key === undefined) return work();
    const { tokenId } = context.var.bearer;
    const taken = await idempotency.take({ tokenId, key, route, bodyHash: hashOf(canonical(body)) });
    switch (taken.state) {
      case 'reused':
        throw new ProblemError('IDEMPOTENCY_KEY_REUSED', 'this key was used with another request');
      case 'answered':
        context.header('idempotency-replayed', 'true');
        return { status: taken.status as S, answer: taken.answer as T };
      case 'open': {
        const done = await work();
        const first = await idempotency.answered({ tokenId, key }, done.status, done.answer);
        return { status: first.status as S, answer: first.answer as T };
      }
    }
  };
