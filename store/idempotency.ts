// The long memory of requests: same token, key and body, same answer (INV12).
import type { Database, Executor } from './database.js';

export interface RequestKey {
  tokenId: string;
  key: string;
}

export type KnownRequest =
  | { state: 'first' }
  | { state: 'running' }
  | { state: 'answered'; status: number; answer: unknown }
  | { state: 'reused' };

export interface IdempotencyStore {
  answered(request: RequestKey, status: number, answer: unknown): Promise<void>;
}

/** Takes the key for this request, or tells what became of the one that has it. */
export async function takeKey(
  executor: Executor,
  { tokenId, key }: RequestKey,
  route: string,
  bodyHash: string,
): Promise<KnownRequest> {
  const taken = await executor
    .insertInto('idempotency_keys')
    .values({ token_id: tokenId, key, route, body_hash: bodyHash, status: null })
    .onConflict((conflict) => conflict.doNothing())
    .returning('key')
    .executeTakeFirst();
  if (taken !== undefined) return { state: 'first' };
  const known = await executor
    .selectFrom('idempotency_keys')
    .selectAll()
    .where('token_id', '=', tokenId)
    .where('key', '=', key)
    .executeTakeFirstOrThrow();
  if (known.route !== route || known.body_hash !== bodyHash) return { state: 'reused' };
  if (known.status === null) return { state: 'running' };
  return { state: 'answered', status: known.status, answer: known.answer };
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
