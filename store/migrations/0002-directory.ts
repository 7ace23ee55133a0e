// The whole directory, contacts that belong to one client, search by trigrams, attachments, response templates.
import { type Kysely, type Migration, sql } from 'kysely';
import { searchTerms } from '../../domain/client-search.js';
import { searchColumn } from '../client-search.js';

const named = (table: string, key: string) =>
  `create table ${table} (
     ${key} text primary key,
     position bigint generated always as identity unique,
     body jsonb not null,
     created_at timestamptz not null default now())`;

/** Lists go by it, newest first. */
const withPosition = (table: string) =>
  `alter table ${table} add column position bigint generated always as identity unique`;

const statements = [
  'create extension if not exists pg_trgm',
  named('groups', 'group_id'),
  named('skills', 'skill_id'),
  named('departments', 'department_id'),
  named('bots', 'bot_id'),
  named('response_templates', 'response_template_id'),
  ...['agents', 'channels', 'clients', 'message_templates'].map(withPosition),
  // An agent may leave while the history still names them.
  'alter table sends drop constraint sends_agent_id_fkey',
  `alter table message_templates drop constraint message_templates_channel_id_fkey,
     add constraint message_templates_channel_id_fkey foreign key (channel_id) references channels on delete cascade`,
  // Kept equal to the provider's account; the others were made by hand and stay.
  'alter table message_templates add column synchronised boolean not null default false',

  // One client per phone and per mail address, also as the address of an identity (A27).
  `create table contacts (
     type text not null check (type in ('PHONE', 'EMAIL')),
     value text not null,
     client_id text not null references clients on delete cascade,
     primary key (type, value))`,
  'create index contacts_client on contacts (client_id)',
  `insert into contacts (type, value, client_id)
     select 'PHONE', phone, client_id from clients where phone is not null
     union all
     select 'EMAIL', lower(email), client_id from clients where email is not null
   on conflict do nothing`,
  `insert into contacts (type, value, client_id)
     select case when channels.body->>'type' = 'EMAIL' then 'EMAIL' else 'PHONE' end, lower(address), client_id
       from identities join channels on channels.channel_id = identities.channel_id
      where channels.body->>'type' = 'EMAIL'
         or (channels.body->>'type' in ('WHATSAPP', 'VIBER') and address ~ '^[0-9]{7,15}$')
   on conflict do nothing`,
  'alter table clients drop constraint clients_phone_key',
  'drop index clients_email',

  `alter table clients add column search text not null default ''`,

  `create table blobs (
     sha256 text primary key,
     size bigint not null,
     created_at timestamptz not null default now())`,
  `create table blob_chunks (
     sha256 text not null references blobs on delete cascade,
     index int not null,
     bytes bytea not null,
     primary key (sha256, index))`,
  `create table attachments (
     attachment_id uuid primary key default gen_random_uuid(),
     sha256 text not null references blobs,
     name text not null,
     type text not null,
     token_id uuid references tokens,
     created_at timestamptz not null default now())`,
  `alter table sends add column attachment_ids jsonb not null default '[]'`,
  `alter table messages add column attachments jsonb not null default '[]'`,
  // Who may see a message may fetch its files.
  'create index messages_attachments on messages using gin (attachments jsonb_path_ops)',
];

export const directory: Migration = {
  async up(database) {
    for (const statement of statements) await sql.raw(statement).execute(database);
    await indexClients(database);
    // Without a list of what is still to be indexed, which every search would read from end to end.
    await sql`create index clients_search on clients using gin (search gin_trgm_ops) with (fastupdate = off)`.execute(
      database,
    );
  },
};

interface IndexedClient {
  clientId: string;
  name: string | null;
  phone: string | null;
  email: string | null;
  externalId: string | null;
  identities: { address: string; username: string | null }[];
}

const BATCH = 1000;

/** Clients of the version before get their search terms. */
async function indexClients(database: Kysely<unknown>): Promise<void> {
  for (let after = ''; ; ) {
    const { rows } = await sql<IndexedClient>`
      select client_id as "clientId", name, phone, email, external_id as "externalId",
             (select coalesce(json_agg(json_build_object('address', address, 'username', username)), '[]')
                from identities where identities.client_id = clients.client_id) as identities
        from clients where client_id > ${after} order by client_id limit ${BATCH}`.execute(database);
    for (const row of rows) {
      const search = searchColumn(searchTerms(present(row)));
      await sql`update clients set search = ${search} where client_id = ${row.clientId}`.execute(database);
    }
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.clientId;
  }
}

const present = ({ name, phone, email, externalId, identities }: IndexedClient) => ({
  name: name ?? undefined,
  phone: phone ?? undefined,
  email: email ?? undefined,
  externalId: externalId ?? undefined,
  identities: identities.map(({ address, username }) => ({ address, username: username ?? undefined })),
});
