// The failures that an agent is told of, in the order in which they became known.
import { sql } from 'kysely';
import type { DeliveryFailed } from '../domain/contracts/agent-event.js';
import type { Database } from './database.js';

/** `position` is the entry's place in the history. */
interface ToldFailure {
  position: number;
  failed: DeliveryFailed;
}

export interface DeliveryFailureStore {
  /** The place of the last failure of this author's sends; 0 when there is none. */
  lastOf(agentId: string): Promise<number>;
  /** Oldest first. Whoever has seen one has seen all before it: an agent's failures are committed in this order. */
  since(agentId: string, position: number, limit: number): Promise<ToldFailure[]>;
}

export function createDeliveryFailureStore(database: Database): DeliveryFailureStore {
  const failuresOf = (agentId: string) =>
    database
      .selectFrom('messages')
      .where('agent_id', '=', agentId)
      .where('kind', '=', 'SYSTEM')
      .where(sql<boolean>`event->>'code' = 'DELIVERY_FAILED'`);
  return {
    async lastOf(agentId) {
      const last = await failuresOf(agentId)
        .select((failure) => failure.fn.max('position').as('position'))
        .executeTakeFirst();
      return last?.position ?? 0;
    },

    async since(agentId, position, limit) {
      const rows = await failuresOf(agentId)
        .select(['position', 'client_id', 'channel_id', 'thread_id', 'at', 'event'])
        .where('position', '>', position)
        .orderBy('position')
        .limit(limit)
        .execute();
      return rows.flatMap((row) => {
        if (row.event?.code !== 'DELIVERY_FAILED') return [];
        const { sendId, failure } = row.event;
        const failed = {
          sendId,
          clientId: row.client_id,
          channelId: row.channel_id,
          ...(row.thread_id !== null && { threadId: row.thread_id }),
          failure,
          at: row.at.toISOString(),
        };
        return [{ position: row.position, failed }];
      });
    },
  };
}
