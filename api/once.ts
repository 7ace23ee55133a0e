// An `Idempotency-Key` on a POST: the first answer under a key is given again, and whoever comes meanwhile waits for it
// (INV12). What is done under a key may be done again when its worker was silent for a minute.
import { setTimeout as pause } from 'node:timers/promises';
import type { Context } from 'hono';
import { z } from 'zod';
import type { IdempotencyStore } from '../store/idempotency.js';
import { hashOf } from '../store/identity.js';
import { canonical } from './canonical.js';
import { ProblemError, problemBody, RefusedError, ReplayedError, refusalBody } from './problem.js';
import type { ApiVariables } from './route.js';

export const IdempotencyKey = z
  .string('is required')
  .regex(/^[\x20-\x7e]{1,255}$/, 'must be 1 to 255 printable ASCII characters');

export const optionalKey = { headers: z.object({ 'idempotency-key': IdempotencyKey.optional() }) };

export interface Answer<S extends number, T> {
  status: S;
  answer: T;
}

export type Once = <S extends number, T>(
  context: Context<ApiVariables>,
  route: string,
  body: unknown,
  work: () => Promise<Answer<S, T>>,
) => Promise<Answer<S, T>>;

const LONGEST_WAIT = 30_000; // ms
const PAUSE = 50; // ms

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
    const own = { tokenId: context.var.bearer.tokenId, key };
    const request = { ...own, route, bodyHash: hashOf(canonical(body)) };
    const giveUpAt = Date.now() + LONGEST_WAIT;
    for (;;) {
      const taken = await idempotency.take(request);
      switch (taken.state) {
        case 'first':
          return remembered(idempotency, context, own, work);
        case 'answered':
          context.header('idempotency-replayed', 'true');
          if (taken.status >= 400) throw new ReplayedError(taken.answer);
          return { status: taken.status as S, answer: taken.answer as T };
        case 'reused':
          throw new ProblemError('IDEMPOTENCY_KEY_REUSED', 'this key was used with another request');
        case 'running':
          if (Date.now() > giveUpAt)
            throw new ProblemError('IDEMPOTENCY_IN_PROGRESS', 'the first request under this key is still running');
          await pause(PAUSE);
      }
    }
  };

/** An answer of 5xx is not remembered: the key is free again. */
async function remembered<S extends number, T>(
  idempotency: IdempotencyStore,
  context: Context<ApiVariables>,
  own: { tokenId: string; key: string },
  work: () => Promise<Answer<S, T>>,
): Promise<Answer<S, T>> {
  try {
    const { status, answer } = await work();
    await idempotency.answered(own, status, answer);
    return { status, answer };
  } catch (error) {
    const problem = problemIn(error, context.var.requestId);
    if (problem !== undefined && problem.status < 500) await idempotency.answered(own, problem.status, problem);
    else await idempotency.release(own);
    throw error;
  }
}

function problemIn(error: unknown, requestId: string): { status: number } | undefined {
  if (error instanceof RefusedError) return refusalBody(requestId, error.refusals);
  return error instanceof ProblemError ? problemBody(requestId, error) : undefined;
}
