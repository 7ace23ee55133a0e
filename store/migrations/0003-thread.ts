// Threads with agents, targets and queues; replies; notes; open wizards; news for those who watch.
import { type Migration, sql } from 'kysely';

/**
 * Who has an open thread cannot be deleted, and nobody who is gone can be given one: the database itself sees to it,
 * whoever is first.
 */
const kept = (column: string, when: string, value: string, references: string) =>
  `alter table threads add column ${column} text
     generated always as (case when state <> 'CLOSED' and ${when} then ${value} end) stored
     references ${references}`;

const target = (kind: string, references: string) =>
  kept(`target_${kind.toLowerCase()}`, `target_kind = '${kind}'`, 'target_id', references);

const statements = [
  `alter table threads
     add column position bigint generated always as identity unique,
     add column target_kind text check (target_kind in ('GROUP', 'SKILL', 'BOT', 'DEPARTMENT')),
     add column target_id text,
     add column waiting_since timestamptz not null default now(),
     add column closes_at timestamptz,
     add check ((target_kind is null) = (target_id is null))`,
  'update threads set waiting_since = opened_at',
  `update threads set agent_id = null
    where state <> 'CLOSED' and not exists (select 1 from agents where agents.agent_id = threads.agent_id)`,
  kept('held_by', 'agent_id is not null', 'agent_id', 'agents'),
  target('GROUP', 'groups'),
  target('SKILL', 'skills'),
  target('BOT', 'bots'),
  target('DEPARTMENT', 'departments'),
  `create index threads_held_by on threads (held_by, waiting_since) where held_by is not null`,
  `create index threads_target on threads (target_kind, target_id, waiting_since, position)
     where state = 'UNASSIGNED' and target_kind is not null`,
  'create index threads_target_group on threads (target_group) where target_group is not null',
  'create index threads_target_skill on threads (target_skill) where target_skill is not null',
  'create index threads_target_bot on threads (target_bot) where target_bot is not null',
  'create index threads_target_department on threads (target_department) where target_department is not null',
  'create index threads_client on threads (client_id, position desc)',
  'create index threads_state on threads (state, position desc)',

  // What agents say of a thread, out of Temporal's sight (INV19).
  `create table thread_notes (
     note_id uuid primary key,
     thread_id text not null references threads,
     text text not null,
     created_at timestamptz not null default now())`,

  `alter table sends alter column action type jsonb using jsonb_build_object('kind', action)`,
  `update sends set action = null where action->'kind' = 'null'`,
  // Of a reply: in which thread, and as whom; a bot's has no agent.
  `alter table sends
     alter column agent_id drop not null,
     add column reply jsonb`,

  `create table wizards (
     wizard_id uuid primary key,
     client_id text not null references clients,
     agent_id text not null,
     is_open boolean not null default true,
     created_at timestamptz not null default now())`,
  'create index wizards_open on wizards (client_id) where is_open',

  // Work that one of all workers does in a while.
  `create table turns (
     name text primary key,
     taken_until timestamptz not null)`,

  // News for whoever watches: ids alone. None of a thread that ends with its send, which is in no queue: commits that
  // notify wait for each other.
  `create function tell_of_thread() returns trigger language plpgsql as $$
   declare concerned text[] := array_remove(array[old.agent_id, new.agent_id], null);
   begin
     if concerned <> '{}' then
       perform pg_notify('news', json_build_object('kind', 'thread', 'threadId', new.thread_id, 'agentIds', concerned)::text);
     end if;
     return null;
   end $$`,
  `create trigger threads_news after insert on threads for each row
     when (new.state <> 'OPENING') execute function tell_of_thread()`,
  `create trigger threads_change_news after update on threads for each row
     when (old.state <> 'OPENING' or new.state <> 'CLOSED') execute function tell_of_thread()`,

  // An author's failures have their places in the order in which they are committed: whoever has seen one has seen all
  // before it.
  `create index messages_failures on messages (agent_id, position)
     where kind = 'SYSTEM' and event->>'code' = 'DELIVERY_FAILED'`,
  `create function order_failures() returns trigger language plpgsql as $$
   begin
     perform pg_advisory_xact_lock(hashtext('failures'), hashtext(new.agent_id));
     new.position := nextval(pg_get_serial_sequence('messages', 'position'));
     return new;
   end $$`,
  `create trigger messages_failures_order before insert on messages for each row
     when (new.agent_id is not null and new.kind = 'SYSTEM' and new.event->>'code' = 'DELIVERY_FAILED')
     execute function order_failures()`,
  `create function tell_of_failure() returns trigger language plpgsql as $$
   begin
     perform pg_notify('news', json_build_object('kind', 'deliveryFailed', 'agentIds', array[new.agent_id])::text);
     return null;
   end $$`,
  `create trigger messages_news after insert on messages for each row
     when (new.agent_id is not null and new.kind = 'SYSTEM' and new.event->>'code' = 'DELIVERY_FAILED')
     execute function tell_of_failure()`,
];

export const thread: Migration = {
  async up(database) {
    await sql`set local statement_timeout = 0`.execute(database);
    for (const statement of statements) await sql.raw(statement).execute(database);
  },
};
