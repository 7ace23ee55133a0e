// The long memory of requests: same token, key and body, same answer (INV12). A key is taken by store/send-intake.ts.
import type { Database } from './database.js';

export interface IdempotencyStore {
  /** The first answer stays. */
  answered(request: { tokenId: string; key: string }, status: number, answer: unknown): Promise<void>;
}

export function createIdempotencyStore(database: Database): IdempotencyStore {
  return {
    async answered({ tokenId, key }, status, answer) {
      await database
        .updateTable('idempotency_keys')
        .set({ status, answer: JSON.stringify(answer) })
        .where('token_id', '=', tokenId)
        .where('key', '=', key)
        .where('status', 'is', null)
        .execute();
    },
  };
}
