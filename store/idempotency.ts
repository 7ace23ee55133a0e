// The long memory of requests: same token, key and body, same answer (INV12). A send's key is taken by store/send-intake.ts.
import type { Database } from './database.js';

interface KeyedRequest {
  tokenId: string;
  key: string;
  route: string;
  bodyHash: string;
}

export interface IdempotencyStore {
  /** Takes the key for this request. `open`: it has no answer yet, whether it was taken now or before. */
  take(
    request: KeyedRequest,
  ): Promise<{ state: 'open' } | { state: 'reused' } | { state: 'answered'; status: number; answer: unknown }>;
  /** Keeps the answer, unless one is kept already; answers the one that is kept. */
  answered(
    request: { tokenId: string; key: string },
    status: number,
    answer: unknown,
  ): Promise<{ status: number; answer: unknown }>;
}

export function createIdempotencyStore(database: Database): IdempotencyStore {
  return {
    async take({ tokenId, key, route, bodyHash }) {
      await database
        .insertInto('idempotency_keys')
        .values({ token_id: tokenId, key, route, body_hash: bodyHash, status: null })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      const known = await database
        .selectFrom('idempotency_keys')
        .select(['route', 'body_hash', 'status', 'answer'])
        .where('token_id', '=', tokenId)
        .where('key', '=', key)
        .executeTakeFirstOrThrow();
      if (known.route !== route || known.body_hash !== bodyHash) return { state: 'reused' };
      const { status, answer } = known;
      return status === null ? { state: 'open' } : { state: 'answered', status, answer };
    },

    async answered({ tokenId, key }, status, answer) {
      const kept = await database
        .updateTable('idempotency_keys')
        .set({ status, answer: JSON.stringify(answer) })
        .where('token_id', '=', tokenId)
        .where('key', '=', key)
        .where('status', 'is', null)
        .returning('key')
        .executeTakeFirst();
      if (kept !== undefined) return { status, answer };
      const first = await database
        .selectFrom('idempotency_keys')
        .select(['status', 'answer'])
        .where('token_id', '=', tokenId)
        .where('key', '=', key)
        .executeTakeFirstOrThrow();
      return { status: first.status ?? status, answer: first.answer };
    },
  };
}
