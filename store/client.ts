import type { Selectable } from 'kysely';
import { searchTerms } from '../domain/client-search.js';
import { contactsOf } from '../domain/contact.js';
import type { Client, ClientBody, Contact, Identity } from '../domain/contracts/client.js';
import type { LoginBody } from '../domain/contracts/inbound.js';
import { channelTypesOf, clientWhoLoggedIn, ownerOfAddress, ownerOfExternalId } from './client-identity.js';
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
  /** R8: the client who logged in, created if nobody has this external id or address. */
  logIn(channelId: string, login: LoginBody): Promise<string>;
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

    ofExternalId: (externalId) => ownerOfExternalId(database, externalId),

    create: (contact) => ownerOrCreated(database, contact),

    logIn: (channelId, login) =>
      inTransaction(database, (tx) => clientWhoLoggedIn(tx, channelId, login), isUniqueViolation),
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
