// The whole directory, contacts that belong to one client, search by trigrams, attachments, response templates.
import { type Kysely, type Migration, sql } from 'kysely';
import { searchTerms } from '../../domain/client-search.js';
import { contactsOf, identityAddress } from '../../domain/contact.js';
import type { ChannelType } from '../../domain/contracts/channel.js';
import type { MessageTemplateBody } from '../../domain/contracts/message-template.js';
import { withAllVariables } from '../../domain/message-template.js';
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

  // When the list that is kept was asked for; an older one that comes later changes nothing.
  'alter table channels add column templates_asked_at timestamptz',
  `create table wanted_templates (
     channel_id text primary key references channels on delete cascade,
     wanted int not null default 1,
     attempts int not null default 0,
     due_at timestamptz not null default now())`,

  // One client per phone and per mail address, also as the address of an identity (A27).
  `create table contacts (
     type text not null check (type in ('PHONE', 'EMAIL')),
     value text not null,
     client_id text not null references clients on delete cascade,
     primary key (type, value))`,
  'create index contacts_client on contacts (client_id)',
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
    await sql`set local statement_timeout = 0`.execute(database);
    for (const statement of statements) await sql.raw(statement).execute(database);
    await readClientsAnew(database);
    await describeTemplates(database);
    // Without a list of what is still to be indexed, which every search would read from end to end.
    await sql`create index clients_search on clients using gin (search gin_trgm_ops) with (fastupdate = off)`.execute(
      database,
    );
  },
};

interface OldClient {
  clientId: string;
  name: string | null;
  phone: string | null;
  email: string | null;
  externalId: string | null;
  identities: { channelId: string; type: ChannelType; address: string; username: string | null }[];
}

const BATCH = 1000;

/** Addresses as they are kept now, contacts, and search terms of every client; of two with one contact the elder has it. */
async function readClientsAnew(database: Kysely<unknown>): Promise<void> {
  for (let after = 0; ; ) {
    const { rows } = await sql<OldClient & { position: number }>`
      select position, client_id as "clientId", name, phone, email, external_id as "externalId",
             (select coalesce(json_agg(json_build_object('channelId', identities.channel_id, 'address', address,
                                                         'username', username, 'type', channels.body->'type')), '[]')
                from identities join channels using (channel_id)
               where identities.client_id = clients.client_id) as identities
        from clients where position > ${after} order by position limit ${BATCH}`.execute(database);
    for (const row of rows) await readAnew(database, row);
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.position;
  }
}

async function readAnew(database: Kysely<unknown>, { clientId, ...row }: OldClient): Promise<void> {
  const identities = row.identities.map(({ username, ...identity }) => ({
    ...identity,
    username: username ?? undefined,
    address: identityAddress(identity.type, identity.address),
  }));
  for (const [index, { channelId, address }] of identities.entries()) {
    const before = row.identities[index]?.address;
    if (address === before) continue;
    await sql`update identities set address = ${address} where channel_id = ${channelId} and address = ${before}
                and not exists (select 1 from identities where channel_id = ${channelId} and address = ${address})`.execute(
      database,
    );
  }
  const client = {
    name: row.name ?? undefined,
    phone: row.phone ?? undefined,
    email: row.email ?? undefined,
    externalId: row.externalId ?? undefined,
    identities,
  };
  await sql`update clients set search = ${searchColumn(searchTerms(client))} where client_id = ${clientId}`.execute(
    database,
  );
  const channelTypes = new Map(identities.map(({ channelId, type }) => [channelId, type]));
  for (const { type, value } of contactsOf(client, channelTypes)) {
    await sql`insert into contacts (type, value, client_id) values (${type}, ${value}, ${clientId})
              on conflict do nothing`.execute(database);
  }
}

/** A placeholder that no variable describes is typed text from now on (R22). */
async function describeTemplates(database: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ channelId: string; templateId: string; body: MessageTemplateBody }>`
    select channel_id as "channelId", template_id as "templateId", body from message_templates`.execute(database);
  for (const { channelId, templateId, body } of rows) {
    await sql`update message_templates set body = ${JSON.stringify(withAllVariables(body))}::jsonb
               where channel_id = ${channelId} and template_id = ${templateId}`.execute(database);
  }
}
