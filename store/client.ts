import { type Selectable, sql } from 'kysely';
import { searchTerms } from '../domain/client-search.js';
import { contactsOf, identityAddress } from '../domain/contact.js';
import type { ChannelType } from '../domain/contracts/channel.js';
import type { Client, ClientBody, Contact, Identity } from '../domain/contracts/client.js';
import type { MessageFact } from '../domain/provider-fact.js';
import { searchColumn } from './client-search.js';
import { ContactTakenError, ownerOfContact, ownerOrCreated, takeContacts } from './contact.js';
import { type Database, type Executor, inTransaction, isUniqueViolation, type Tables } from './database.js';

type PutOutcome = { outcome: 'put' } | { outcome: 'taken'; clientId: string };

export interface ClientStore {
  /** Creates or replaces; a phone, e-mail, external id or address that another client has is `taken`. */
  put(clientId: string, body: ClientBody): Promise<PutOutcome>;
  find(clientId: string): Promise<Client | undefined>;
  /** A27: also by the address of an identity. */
  ofContact(contact: Contact): Promise<string | undefined>;
  ofExternalId(externalId: string): Promise<string | undefined>;
  /** One client per contact, however many ask at once: the others get the one that was first. */
  create(contact: Contact): Promise<{ clientId: string; isNew: boolean }>;
}

export function createClientStore(database: Database): ClientStore {
  const ofContact = (contact: Contact) => ownerOfContact(database, contact);
  return {
    ofContact,

    async put(clientId, body) {
      try {
        await inTransaction(database, (tx) => replace(tx, clientId, body));
        return { outcome: 'put' };
      } catch (error) {
        if (error instanceof ContactTakenError) return { outcome: 'taken', clientId: error.clientId };
        const owner = isUniqueViolation(error) ? await ownerOf(database, clientId, body) : undefined;
        if (owner === undefined) throw error;
        return { outcome: 'taken', clientId: owner };
      }
    },

    find: (clientId) => findClient(database, clientId),

    async ofExternalId(externalId) {
      const row = await database
        .selectFrom('clients')
        .select('client_id')
        .where('external_id', '=', externalId)
        .executeTakeFirst();
      return row?.client_id;
    },

    create: (contact) => ownerOrCreated(database, contact),
  };
}

async function findClient(executor: Executor, clientId: string): Promise<Client | undefined> {
  const row = await executor.selectFrom('clients').selectAll().where('client_id', '=', clientId).executeTakeFirst();
  if (row === undefined) return undefined;
  const identities = await executor
    .selectFrom('identities')
    .selectAll()
    .where('client_id', '=', clientId)
    .orderBy('channel_id')
    .orderBy('address')
    .execute();
  return clientOf(row, identities);
}

async function replace(tx: Executor, clientId: string, body: ClientBody): Promise<void> {
  const row = {
    name: body.name ?? null,
    external_id: body.externalId ?? null,
    phone: body.phone ?? null,
    email: body.email ?? null,
    blocked: body.blocked,
    search: searchColumn(searchTerms(body)),
  };
  await tx
    .insertInto('clients')
    .values({ client_id: clientId, ...row })
    .onConflict((conflict) => conflict.column('client_id').doUpdateSet(row))
    .execute();
  await tx.deleteFrom('contacts').where('client_id', '=', clientId).execute();
  await tx.deleteFrom('identities').where('client_id', '=', clientId).execute();
  if (body.identities.length > 0) {
    await tx
      .insertInto('identities')
      .values(body.identities.map((identity) => identityRow(clientId, identity)))
      .execute();
  }
  await takeContacts(tx, clientId, contactsOf(body, await channelTypesOf(tx, body.identities)));
}

async function channelTypesOf(
  tx: Executor,
  identities: readonly { channelId: string }[],
): Promise<Map<string, ChannelType>> {
  if (identities.length === 0) return new Map();
  const ids = identities.map(({ channelId }) => channelId);
  const rows = await tx.selectFrom('channels').select(['channel_id', 'body']).where('channel_id', 'in', ids).execute();
  return new Map(rows.map(({ channel_id, body }) => [channel_id, body.type]));
}

const identityRow = (clientId: string, identity: Identity) => ({
  client_id: clientId,
  channel_id: identity.channelId,
  address: identity.address,
  username: identity.username ?? null,
  blocked: identity.blocked,
  last_inbound_at: identity.lastInboundAt ?? null,
  origin: identity.origin,
});

/** Whose external id or address stood in the way. */
async function ownerOf(database: Database, clientId: string, body: ClientBody): Promise<string | undefined> {
  const byExternalId = await database
    .selectFrom('clients')
    .select('client_id')
    .where('client_id', '!=', clientId)
    .where('external_id', '=', body.externalId ?? null)
    .executeTakeFirst();
  if (byExternalId !== undefined) return byExternalId.client_id;
  for (const { channelId, address } of body.identities) {
    const owner = await ownerOfAddress(database, channelId, address);
    if (owner !== undefined && owner !== clientId) return owner;
  }
  return undefined;
}

async function ownerOfAddress(executor: Executor, channelId: string, address: string): Promise<string | undefined> {
  const row = await executor
    .selectFrom('identities')
    .select('client_id')
    .where('channel_id', '=', channelId)
    .where('address', '=', address)
    .executeTakeFirst();
  return row?.client_id;
}

function clientOf(row: Selectable<Tables['clients']>, identities: Selectable<Tables['identities']>[]): Client {
  return {
    clientId: row.client_id,
    ...(row.name !== null && { name: row.name }),
    ...(row.external_id !== null && { externalId: row.external_id }),
    ...(row.phone !== null && { phone: row.phone }),
    ...(row.email !== null && { email: row.email }),
    blocked: row.blocked,
    identities: identities.map(identityOf),
  };
}

const identityOf = (row: Selectable<Tables['identities']>): Identity => ({
  channelId: row.channel_id,
  address: row.address,
  ...(row.username !== null && { username: row.username }),
  blocked: row.blocked,
  ...(row.last_inbound_at !== null && { lastInboundAt: row.last_inbound_at.toISOString() }),
  origin: row.origin,
});

/**
 * The client behind a message, known by the address on this channel, else by the contact that the address is, else
 * created; the 24 h window opens with the arrival of the message, on the database's time, however often it is relayed
 * (A17).
 */
export async function clientWhoWrote(
  tx: Executor,
  channelId: string,
  receivedAt: Date,
  fact: MessageFact,
): Promise<{ clientId: string; isBlocked: boolean }> {
  const { username } = fact;
  const channelTypes = await channelTypesOf(tx, [{ channelId }]);
  const type = channelTypes.get(channelId);
  const address = type === undefined ? fact.address : identityAddress(type, fact.address);
  const known = await ownerOfAddress(tx, channelId, address);
  const identity = await tx
    .insertInto('identities')
    .values({
      channel_id: channelId,
      address,
      client_id: known ?? (await ownerOrNewClient(tx, { channelId, address }, channelTypes, fact.name)),
      username: username ?? null,
      blocked: false,
      last_inbound_at: receivedAt,
      origin: 'MESSAGE',
    })
    .onConflict((conflict) =>
      conflict
        .columns(['channel_id', 'address'])
        .doUpdateSet({ last_inbound_at: sql<Date>`greatest(identities.last_inbound_at, excluded.last_inbound_at)` }),
    )
    .returning(['client_id', 'blocked'])
    .executeTakeFirstOrThrow();
  const clientId = identity.client_id;
  if (known === undefined) await indexClient(tx, clientId);
  const client = await tx
    .selectFrom('clients')
    .select('blocked')
    .where('client_id', '=', clientId)
    .executeTakeFirstOrThrow();
  return { clientId, isBlocked: identity.blocked || client.blocked };
}

/** By the phone or mail address that the address is; of a client we know, or of one that we know from now on. */
async function ownerOrNewClient(
  tx: Executor,
  identity: { channelId: string; address: string },
  channelTypes: ReadonlyMap<string, ChannelType>,
  name: string | undefined,
): Promise<string> {
  const [contact] = contactsOf({ identities: [identity] }, channelTypes);
  if (contact !== undefined) return (await ownerOrCreated(tx, contact, name)).clientId;
  const created = await tx
    .insertInto('clients')
    .values({ client_id: sql<string>`gen_random_uuid()::text`, name: name ?? null, blocked: false })
    .returning('client_id')
    .executeTakeFirstOrThrow();
  return created.client_id;
}

async function indexClient(tx: Executor, clientId: string): Promise<void> {
  const client = await findClient(tx, clientId);
  if (client === undefined) throw new Error(`client ${clientId} does not exist`);
  await tx
    .updateTable('clients')
    .set({ search: searchColumn(searchTerms(client)) })
    .where('client_id', '=', clientId)
    .execute();
}
