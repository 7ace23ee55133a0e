import { sql } from 'kysely';
import type { ThreadLog } from '../activities/ports.js';
import type { Thread } from '../domain/contracts/thread.js';
import type { ThreadProjection, ThreadRecord } from '../domain/thread.js';
import { type Database, type Executor, inTransaction } from './database.js';

export interface ThreadStore extends ThreadLog {
  find(threadId: string): Promise<Thread | undefined>;
}

export function createThreadStore(database: Database): ThreadStore {
  const rowOf = (threadId: string) =>
    database.selectFrom('threads').selectAll().where('thread_id', '=', threadId).executeTakeFirst();
  return {
    project: (thread, projection) =>
      inTransaction(database, async (tx) => {
        await insertThread(tx, thread, projection);
        await tx
          .updateTable('threads')
          .set({
            version: projection.version,
            state: projection.state,
            agent_id: projection.agentId ?? null,
            minimised: projection.minimised,
            close_reason: projection.closeReason ?? null,
            closed_at: projection.state === 'CLOSED' ? sql<Date>`now()` : null,
          })
          .where('thread_id', '=', thread.threadId)
          .where('version', '<', projection.version)
          .execute();
        if (projection.entryIds.length === 0) return;
        await tx
          .updateTable('messages')
          .set({ thread_id: thread.threadId })
          .where('entry_id', 'in', projection.entryIds)
          .where('thread_id', 'is', null)
          .execute();
      }),

    async isClosed(threadId) {
      const row = await rowOf(threadId);
      return row?.state === 'CLOSED';
    },

    async find(threadId) {
      const row = await rowOf(threadId);
      if (row === undefined) return undefined;
      return {
        threadId,
        clientId: row.client_id,
        channelId: row.channel_id,
        state: row.state,
        ...(row.agent_id !== null && { agentId: row.agent_id }),
        minimised: row.minimised,
        openedBy: { kind: row.opener_kind, id: row.opener_id },
        openedAt: row.opened_at.toISOString(),
        ...(row.closed_at !== null && { closedAt: row.closed_at.toISOString() }),
        ...(row.close_reason !== null && { closeReason: row.close_reason }),
      };
    },
  };
}

/**
 * Inserts the row or keeps the one there. Whoever inserts holds `thread:<clientId>`, so another open row of that client
 * belongs to a run that was ended by hand: it is closed (F71).
 */
export async function insertThread(tx: Executor, thread: ThreadRecord, beginning: Beginning): Promise<void> {
  if (await tryInsert(tx, thread, beginning)) return;
  const { threadId, clientId } = thread;
  const known = await tx.selectFrom('threads').select('thread_id').where('thread_id', '=', threadId).executeTakeFirst();
  if (known !== undefined) return;
  await tx
    .updateTable('threads')
    .set({ state: 'CLOSED', closed_at: sql<Date>`now()`, close_reason: 'EXTERNAL_CALL_FORCED_CLOSURE' })
    .where('client_id', '=', clientId)
    .where('state', '!=', 'CLOSED')
    .execute();
  await tryInsert(tx, thread, beginning);
}

type Beginning = Pick<ThreadProjection, 'state' | 'agentId' | 'minimised'>;

async function tryInsert(
  tx: Executor,
  { threadId, clientId, channelId, runId, openedBy }: ThreadRecord,
  { state, agentId, minimised }: Beginning,
): Promise<boolean> {
  const inserted = await tx
    .insertInto('threads')
    .values({
      thread_id: threadId,
      client_id: clientId,
      channel_id: channelId,
      run_id: runId,
      version: 0,
      state: state === 'CLOSED' ? 'OPENING' : state,
      agent_id: agentId ?? null,
      minimised,
      opener_kind: openedBy.kind,
      opener_id: openedBy.id,
      closed_at: null,
      close_reason: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('thread_id')
    .executeTakeFirst();
  return inserted !== undefined;
}
