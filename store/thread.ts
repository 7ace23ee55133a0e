import { type Selectable, sql, type Transaction } from 'kysely';
import type { ProjectAnswer, ThreadLog } from '../activities/ports.js';
import type { HistoryEvent } from '../domain/contracts/history.js';
import type { PersonalQueue, QueueKind, Thread, ThreadState } from '../domain/contracts/thread.js';
import { closeNote, type ThreadNote, type ThreadProjection, type ThreadRecord } from '../domain/thread.js';
import type { Membership } from '../domain/thread-command.js';
import { type Database, inTransaction, type Tables } from './database.js';
import { type Page, type PageRequest, pageOf } from './page.js';
import { isTargetKnown } from './transfer.js';

interface ThreadFilter {
  clientId?: string | undefined;
  state?: ThreadState | undefined;
  /** Only what this agent has, or may take: what nobody has, but for other agents' groups, skills and departments. */
  for?: ({ agentId: string } & Membership) | undefined;
}

/** A cursor of a group's, skill's or department's queue: since when the last one waits, in microseconds, and its place. */
export const QUEUE_CURSOR = /^\d{1,17}-\d{1,15}$/;

export interface ThreadStore extends ThreadLog {
  find(threadId: string): Promise<Thread | undefined>;
  /** Rises with every change that is written down; 0 for a thread that opens, or that nobody has. */
  versionOf(threadId: string): Promise<number>;
  /** Newest first. */
  list(filter: ThreadFilter, request: PageRequest): Promise<Page<Thread>>;
  personalQueue(agentId: string): Promise<PersonalQueue>;
  /** Longest waiting first. */
  queue(target: { kind: QueueKind; id: string }, request: PageRequest): Promise<Page<Thread>>;
  /** Whether a thread was closed by this command. */
  isEndedBy(channelId: string, commandId: string): Promise<boolean>;
  /** What an agent says of a thread, before the command that carries its id. */
  addNote(note: { noteId: string; threadId: string; text: string }): Promise<void>;
}

export function createThreadStore(database: Database): ThreadStore {
  const rowOf = (threadId: string) =>
    database.selectFrom('threads').selectAll().where('thread_id', '=', threadId).executeTakeFirst();
  return {
    project: (thread, projection) =>
      inTransaction(database, async (tx) => {
        await sql`with ${firstRow(thread, projection)} select thread_id from thread`.execute(tx);
        const answer = await write(tx, thread, projection);
        if (projection.blocks === true) await blockIdentity(tx, thread);
        await attach(tx, thread, projection.entryIds);
        for (const note of projection.notes ?? []) await writeNote(tx, thread, note);
        return answer;
      }),

    async isClosed(threadId) {
      const row = await rowOf(threadId);
      return row?.state === 'CLOSED';
    },

    async find(threadId) {
      const row = await rowOf(threadId);
      return row && threadOf(row);
    },

    async versionOf(threadId) {
      const row = await rowOf(threadId);
      return row === undefined || row.state === 'OPENING' ? 0 : row.version;
    },

    async list({ clientId, state, for: agent }, { limit, after }) {
      const rows = await database
        .selectFrom('threads')
        .selectAll()
        .$if(clientId !== undefined, (query) => query.where('client_id', '=', clientId!))
        .$if(state !== undefined, (query) => query.where('state', '=', state!))
        .$if(agent !== undefined, (query) => query.where(concerns(agent!)))
        .$if(after !== undefined, (query) => query.where('position', '<', Number(after)))
        .orderBy('position', 'desc')
        .limit(limit + 1)
        .execute();
      return pageOf(rows, limit, ({ position }) => String(position), threadOf);
    },

    async personalQueue(agentId) {
      const rows = await database
        .selectFrom('threads')
        .selectAll()
        .where('held_by', '=', agentId)
        .where('state', '<>', 'OPENING')
        .orderBy('waiting_since')
        .orderBy('position')
        .execute();
      const isForClient = ({ state }: { state: ThreadState }) => state === 'WAITING';
      return {
        waitingForAgent: rows.filter((row) => !isForClient(row)).map(threadOf),
        waitingForClient: rows.filter(isForClient).toReversed().map(threadOf),
      };
    },

    async queue({ kind, id }, { limit, after }) {
      const since = sql<number>`(extract(epoch from waiting_since) * 1000000)::bigint`;
      const isLater = (from = 0, place = 0) =>
        sql<boolean>`(waiting_since, position) > (timestamptz 'epoch' + ${from} * interval '1 microsecond', ${place}::bigint)`;
      const rows = await database
        .selectFrom('threads')
        .selectAll()
        .select(since.as('since'))
        .where('state', '=', 'UNASSIGNED')
        .where('target_kind', '=', kind)
        .where('target_id', '=', id)
        .$if(after !== undefined, (query) => query.where(isLater(...after!.split('-').map(Number))))
        .orderBy('waiting_since')
        .orderBy('position')
        .limit(limit + 1)
        .execute();
      return pageOf(rows, limit, (row) => `${row.since}-${row.position}`, threadOf);
    },

    async isEndedBy(channelId, commandId) {
      const note = await database
        .selectFrom('messages')
        .select('entry_id')
        .where('channel_id', '=', channelId)
        .where('identity', '=', closeNote(commandId))
        .executeTakeFirst();
      return note !== undefined;
    },

    async addNote({ noteId, threadId, text }) {
      await database
        .insertInto('thread_notes')
        .values({ note_id: noteId, thread_id: threadId, text })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
  };
}

const concerns = ({ agentId, groupIds, skillIds, departmentId }: NonNullable<ThreadFilter['for']>) => sql<boolean>`
  state <> 'CLOSED' and (
    agent_id = ${agentId}
    or agent_id is null and (
      target_kind is null
      or target_kind = 'GROUP' and target_id = any(${groupIds}::text[])
      or target_kind = 'SKILL' and target_id = any(${skillIds}::text[])
      or target_kind = 'DEPARTMENT' and target_id = ${departmentId ?? null}))`;

/** `vanished`: not written, since whoever has the thread by it is gone; a closed one needs nobody. */
async function write(
  tx: Transaction<Tables>,
  { threadId }: ThreadRecord,
  { version, state, agentId, target, minimised, closeReason, waitingSince, closesAt }: ThreadProjection,
): Promise<ProjectAnswer> {
  const isHeld = state !== 'CLOSED' && (agentId !== undefined || target !== undefined);
  const holder = target ?? { kind: 'EMPLOYEE' as const, id: agentId ?? '' };
  if (isHeld && !(await isTargetKnown(tx, holder))) return { outcome: 'vanished' };
  await tx
    .updateTable('threads')
    .set({
      version,
      state,
      agent_id: agentId ?? null,
      target_kind: target?.kind ?? null,
      target_id: target?.id ?? null,
      minimised,
      close_reason: closeReason ?? null,
      closes_at: closesAt === undefined ? null : new Date(closesAt),
      closed_at: state === 'CLOSED' ? sql<Date>`now()` : null,
      ...(waitingSince !== undefined && { waiting_since: new Date(waitingSince) }),
    })
    .where('thread_id', '=', threadId)
    .where('version', '<', version)
    .execute();
  return { outcome: 'written' };
}

async function attach(tx: Transaction<Tables>, { threadId }: ThreadRecord, entryIds: string[]): Promise<void> {
  if (entryIds.length === 0) return;
  await tx
    .updateTable('messages')
    .set({ thread_id: threadId })
    .where('entry_id', 'in', entryIds)
    .where('thread_id', 'is', null)
    .execute();
}

/**
 * The identity that the thread runs on: where it was written to last, else from where the client has written last. What
 * comes from there is kept and opens nothing (R37). One who was written to by phone and never answered has none yet.
 */
async function blockIdentity(tx: Transaction<Tables>, { threadId, clientId, channelId }: ThreadRecord): Promise<void> {
  await sql`
    with written_to as (
      select address from sends where thread_id = ${threadId} and address is not null order by created_at desc limit 1),
    wrote as (
      select address from identities where client_id = ${clientId} and channel_id = ${channelId}
       order by last_inbound_at desc nulls last, address limit 1)
    insert into identities (channel_id, address, client_id, blocked, origin)
    select ${channelId}, coalesce((select address from written_to), (select address from wrote)), ${clientId}, true, 'AGENT'
     where exists (select 1 from written_to) or exists (select 1 from wrote)
    on conflict (channel_id, address) do update set blocked = true`.execute(tx);
}

/** Once, however often: a note is known by its identity. */
export async function writeNote(
  tx: Transaction<Tables>,
  thread: Pick<ThreadRecord, 'threadId' | 'clientId' | 'channelId'>,
  note: ThreadNote,
): Promise<void> {
  await tx
    .insertInto('messages')
    .values({
      client_id: thread.clientId,
      channel_id: thread.channelId,
      thread_id: thread.threadId,
      kind: 'SYSTEM',
      direction: null,
      agent_id: note.agentId ?? null,
      event: JSON.stringify(await eventOf(tx, note)),
      identity: note.identity,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function eventOf(tx: Transaction<Tables>, note: ThreadNote): Promise<HistoryEvent> {
  const { code } = note;
  switch (code) {
    case 'TRANSFERRED': {
      const comment = await commentOf(tx, note);
      return { code, target: note.target, ...(comment !== undefined && { comment }) };
    }
    case 'TRANSFER_FAILED':
      return { code, target: note.target, reason: note.reason };
    case 'THREAD_CLOSED': {
      const reason = await commentOf(tx, note);
      return { code, closeReason: note.closeReason, ...(reason !== undefined && { reason }) };
    }
  }
}

/** The words of an agent, which stand with their command or with their send. */
export async function commentOf(
  executor: Database | Transaction<Tables>,
  { noteId, sendId }: { noteId?: string; sendId?: string },
): Promise<string | undefined> {
  if (noteId !== undefined) {
    const note = await executor
      .selectFrom('thread_notes')
      .select('text')
      .where('note_id', '=', noteId)
      .executeTakeFirst();
    return note?.text;
  }
  if (sendId === undefined) return undefined;
  const send = await executor.selectFrom('sends').select('action').where('send_id', '=', sendId).executeTakeFirst();
  return send?.action?.kind === 'TRANSFER' ? send.action.comment : undefined;
}

function threadOf(row: Selectable<Tables['threads']>): Thread {
  return {
    threadId: row.thread_id,
    clientId: row.client_id,
    channelId: row.channel_id,
    state: row.state,
    ...(row.agent_id !== null && { agentId: row.agent_id }),
    ...targetOf(row),
    minimised: row.minimised,
    openedBy: { kind: row.opener_kind, id: row.opener_id },
    openedAt: row.opened_at.toISOString(),
    waitingSince: row.waiting_since.toISOString(),
    ...(row.closes_at !== null && { closesAt: row.closes_at.toISOString() }),
    ...(row.closed_at !== null && { closedAt: row.closed_at.toISOString() }),
    ...(row.close_reason !== null && { closeReason: row.close_reason }),
  };
}

export const targetOf = ({
  target_kind,
  target_id,
}: Pick<Selectable<Tables['threads']>, 'target_kind' | 'target_id'>) =>
  target_kind !== null && target_id !== null && { target: { kind: target_kind, id: target_id } };

/**
 * The tables `stale` and `thread` of a statement that writes a thread's first row or keeps the one there. Whoever writes
 * holds `thread:<clientId>`, so another open row of that client belongs to a run that was ended by hand: it is closed
 * first (F71).
 */
export function firstRow(
  { threadId, clientId, channelId, runId, openedBy }: ThreadRecord,
  { state, minimised }: Pick<ThreadProjection, 'state' | 'minimised'>,
  agentId?: string,
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
