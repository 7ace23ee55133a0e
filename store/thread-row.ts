// Rows of threads as they stand, for the comparison with what runs (LIV2).
import { type Selectable, sql } from 'kysely';
import type { ThreadRow, ThreadRows } from '../activities/ports.js';
import { type Database, inTransaction, type Tables } from './database.js';
import { targetOf, writeNote } from './thread.js';

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
      const thread = { threadId, clientId, channelId };
      const identity = `repair:${threadId}`;
      await writeNote(tx, thread, { code: 'THREAD_CLOSED', closeReason: 'EXTERNAL_CALL_FORCED_CLOSURE', identity });
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
  ...targetOf(row),
  minimised: row.minimised,
});
