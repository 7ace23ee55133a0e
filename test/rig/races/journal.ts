// Every state that a thread's row went through, and every giving of a message to a thread: written by the database.
import { sql } from 'kysely';
import type { ThreadState } from '../../../domain/contracts/thread.js';
import type { Database } from '../../../store/database.js';
import type { Change } from './evidence.js';

const statements = [
  `create table journal (
     seq bigint generated always as identity,
     at timestamptz not null default clock_timestamp(),
     client_id text not null,
     thread_id text,
     state text,
     agent_id text,
     target_id text,
     entry_id text)`,
  `create function note_thread() returns trigger language plpgsql as $$
   begin
     insert into journal (client_id, thread_id, state, agent_id, target_id)
     values (new.client_id, new.thread_id, new.state, new.agent_id, new.target_id);
     return null;
   end $$`,
  'create trigger journal_threads after insert or update on threads for each row execute function note_thread()',
  `create function note_message() returns trigger language plpgsql as $$
   begin
     insert into journal (client_id, thread_id, entry_id) values (new.client_id, new.thread_id, new.entry_id);
     return null;
   end $$`,
  `create trigger journal_messages after update on messages for each row
     when (new.direction = 'IN' and new.thread_id is distinct from old.thread_id) execute function note_message()`,
];

export async function keepJournal(database: Database): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(database);
}

interface Row {
  seq: number;
  at: Date;
  clientId: string;
  threadId: string | null;
  state: ThreadState | null;
  agentId: string | null;
  targetId: string | null;
  entryId: string | null;
}

export async function readJournal(database: Database): Promise<Change[]> {
  const { rows } = await sql<Row>`
    select seq, at, client_id as "clientId", thread_id as "threadId", state, agent_id as "agentId",
           target_id as "targetId", entry_id as "entryId"
      from journal order by seq`.execute(database);
  return rows.map(({ seq, at, clientId, threadId, state, agentId, targetId, entryId }): Change => {
    const common = { seq, at: at.getTime(), clientId, threadId: threadId ?? 'none' };
    if (entryId !== null) return { ...common, what: 'attached', entryId };
    if (state === null) throw new Error(`line ${seq} of the journal says nothing`);
    return {
      ...common,
      what: 'thread',
      state,
      ...(agentId !== null && { agentId }),
      ...(targetId !== null && { targetId }),
    };
  });
}
