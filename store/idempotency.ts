// The long memory of requests: same token, key and body, same answer (INV12). A send's key is taken by store/send-intake.ts.
import { sql } from 'kysely';
import type { Database } from './database.js';

interface KeyedRequest {
  tokenId: string;
  key: string;
  route: string;
  bodyHash: string;
}

export interface IdempotencyStore {
  /**
   * Takes the key for this request. `first`: nobody works on it, or whoever did has been silent for a minute; `running`:
   * somebody does.
   */
  take(
    request: KeyedRequest,
  ): Promise<
    | { state: 'first' }
    | { state: 'running' }
    | { state: 'reused' }
    | { state: 'answered'; status: number; answer: unknown }
  >;
  /** Gives a key back under which nothing has happened. */
  release(request: { tokenId: string; key: string }): Promise<void>;
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
      const { numInsertedOrUpdatedRows: taken } = await database
        .insertInto('idempotency_keys')
        .values({ token_id: tokenId, key, route, body_hash: bodyHash, status: null })
        .onConflict((conflict) =>
          conflict
            .columns(['token_id', 'key'])
            .doUpdateSet({ created_at: sql<Date>`now()` })
            .where('idempotency_keys.status', 'is', null)
            .where('idempotency_keys.route', '=', route)
            .where('idempotency_keys.body_hash', '=', bodyHash)
            .where('idempotency_keys.created_at', '<', sql<Date>`now() - interval '1 minute'`),
        )
        .executeTakeFirstOrThrow();
      if (taken === 1n) return { state: 'first' };
      const known = await database
        .selectFrom('idempotency_keys')
        .select(['route', 'body_hash', 'status', 'answer'])
        .where('token_id', '=', tokenId)
        .where('key', '=', key)
        .executeTakeFirst();
      if (known === undefined) return { state: 'running' }; // given back just now
      if (known.route !== route || known.body_hash !== bodyHash) return { state: 'reused' };
      const { status, answer } = known;
      return status === null ? { state: 'running' } : { state: 'answered', status, answer };
    },

    async release({ tokenId, key }) {
      await database
        .deleteFrom('idempotency_keys')
        .where('token_id', '=', tokenId)
        .where('key', '=', key)
        .where('status', 'is', null)
        .execute();
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
