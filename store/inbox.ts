// Facts of providers, stored before they are acknowledged and relayed until it has worked.
import { sql } from 'kysely';
import type { Inbox } from '../activities/ports.js';
import type { IdentifiedFact } from '../domain/provider-fact.js';
import type { Database } from './database.js';

export interface InboxStore extends Inbox {
  /** Durable when it returns; a fact that is there already is kept once. */
  put(channelId: string, facts: readonly IdentifiedFact[]): Promise<void>;
}

export function createInboxStore(database: Database): InboxStore {
  return {
    async put(channelId, facts) {
      if (facts.length === 0) return;
      await database
        .insertInto('inbox')
        .values(
          facts.map(({ identity, orderKey, fact }) => ({
            channel_id: channelId,
            identity,
            order_key: orderKey,
            fact: JSON.stringify(fact),
            relayed_at: null,
          })),
        )
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },

    async take(limit) {
      const rows = await database
        .updateTable('inbox')
        .set({
          attempts: sql<number>`inbox.attempts + 1`,
          due_at: sql<Date>`now() + least(5 * power(2, least(inbox.attempts, 4)), 60) * interval '1 second'`,
        })
        .where('inbox_id', 'in', (has) =>
          has
            .selectFrom('inbox as head')
            .select('head.inbox_id')
            .where('head.relayed_at', 'is', null)
            .where('head.due_at', '<=', sql<Date>`now()`)
            .where(({ not, exists, selectFrom }) =>
              not(
                exists(
                  selectFrom('inbox as earlier')
                    .select('earlier.inbox_id')
                    .where('earlier.relayed_at', 'is', null)
                    .whereRef('earlier.order_key', '=', 'head.order_key')
                    .whereRef('earlier.inbox_id', '<', 'head.inbox_id'),
                ),
              ),
            )
            .orderBy('head.inbox_id')
            .limit(limit)
            .forUpdate()
            .skipLocked(),
        )
        .returning(['inbox_id', 'channel_id', 'identity', 'fact', 'received_at', 'attempts'])
        .execute();
      return rows.map((row) => ({
        inboxId: row.inbox_id,
        channelId: row.channel_id,
        identity: row.identity,
        fact: row.fact,
        receivedAt: row.received_at,
        attempts: row.attempts,
      }));
    },

    async done(inboxId) {
      await database
        .updateTable('inbox')
        .set({ relayed_at: sql<Date>`now()` })
        .where('inbox_id', '=', inboxId)
        .execute();
    },
  };
}
