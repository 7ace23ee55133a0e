// Rows of threads as they stand, for the comparison with what runs (LIV2).
import { type Selectable, sql } from 'kysely';
import type { ThreadRow, ThreadRows } from '../activities/ports.js';
import { type Database, inTransaction, type Tables } from './database.js';

export const createThreadRows = (database: Database): ThreadRows => ({
  async open(age) {
    const rows = await database
      .selectFrom('threads')
      .select(COLUMNS)
      .where('state', '<>', 'CLOSED')
      .where('opened_at', '<', sql<Date>`now() - ${age} * interval '1 second'`)
      .execute();
    return rows.map(rowOf);
  },

  async row(threadId) {
    const row = await database
      .selectFrom('threads')
      .select(COLUMNS)
      .where('thread_id', '=', threadId)
      .executeTakeFirst();
    return row && rowOf(row);
  },

  close: ({ threadId, clientId, channelId, version }) =>
    inTransaction(database, async (tx) => {
      const closed = await tx
        .updateTable('threads')
        .set({ state: 'CLOSED', closed_at: sql<Date>`now()`, close_reason: 'EXTERNAL_CALL_FORCED_CLOSURE' })
        .where('thread_id', '=', threadId)
        .where('version', '=', version)
        .where('state', '<>', 'CLOSED')
        .returning('thread_id')
        .executeTakeFirst();
      if (closed === undefined) return;
      await tx
        .insertInto('messages')
        .values({
          client_id: clientId,
          channel_id: channelId,
          thread_id: threadId,
          kind: 'SYSTEM',
          direction: null,
          event: JSON.stringify({ code: 'THREAD_CLOSED', closeReason: 'EXTERNAL_CALL_FORCED_CLOSURE' }),
          identity: `repair:${threadId}`,
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }),
});

const COLUMNS = [
  'thread_id',
  'client_id',
  'channel_id',
  'version',
  'state',
  'agent_id',
  'target_kind',
  'target_id',
  'minimised',
] as const;

const rowOf = (row: Pick<Selectable<Tables['threads']>, (typeof COLUMNS)[number]>): ThreadRow => ({
  threadId: row.thread_id,
  clientId: row.client_id,
  channelId: row.channel_id,
  version: row.version,
  state: row.state,
  ...(row.agent_id !== null && { agentId: row.agent_id }),
  ...(row.target_kind !== null && row.target_id !== null && { target: { kind: row.target_kind, id: row.target_id } }),
  minimised: row.minimised,
});
