import { sql } from 'kysely';
import type { ThreadLog } from '../activities/ports.js';
import type { Thread } from '../domain/contracts/thread.js';
import type { ThreadProjection, ThreadRecord } from '../domain/thread.js';
import { type Database, inTransaction } from './database.js';

export interface ThreadStore extends ThreadLog {
  find(threadId: string): Promise<Thread | undefined>;
}

export function createThreadStore(database: Database): ThreadStore {
  const rowOf = (threadId: string) =>
    database.selectFrom('threads').selectAll().where('thread_id', '=', threadId).executeTakeFirst();
  return {
    project: (thread, projection) =>
      inTransaction(database, async (tx) => {
        await sql`with ${firstRow(thread, projection)} select thread_id from thread`.execute(tx);
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

type Beginning = Pick<ThreadProjection, 'state' | 'agentId' | 'minimised'>;

/**
 * The tables `stale` and `thread` of a statement that writes a thread's first row or keeps the one there. Whoever writes
 * holds `thread:<clientId>`, so another open row of that client belongs to a run that was ended by hand: it is closed
 * first (F71).
 */
export function firstRow(
  { threadId, clientId, channelId, runId, openedBy }: ThreadRecord,
  { state, agentId, minimised }: Beginning,
) {
  return sql`
    stale as (
      update threads set state = 'CLOSED', closed_at = now(), close_reason = 'EXTERNAL_CALL_FORCED_CLOSURE'
       where client_id = ${clientId} and state <> 'CLOSED' and thread_id <> ${threadId}
         and not exists (select 1 from threads where thread_id = ${threadId})
      returning thread_id),
    thread as (
      insert into threads (thread_id, client_id, channel_id, run_id, version, state, agent_id, minimised, opener_kind, opener_id)
      select ${threadId}, ${clientId}, ${channelId}, ${runId}, 0, ${state === 'CLOSED' ? 'OPENING' : state}, ${agentId ?? null},
             ${minimised}, ${openedBy.kind}, ${openedBy.id}
        from (select count(*) from stale) as after_stale
      on conflict do nothing returning thread_id)`;
}
