// The long memory of requests: same token, key and body, same answer (INV12). A key is taken by store/send-intake.ts.
import type { Database } from './database.js';

export interface IdempotencyStore {
  /** Keeps the answer, unless one is kept already; answers the one that is kept. */
  answered(
    request: { tokenId: string; key: string },
    status: number,
    answer: unknown,
  ): Promise<{ status: number; answer: unknown }>;
}

export function createIdempotencyStore(database: Database): IdempotencyStore {
  return {
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
