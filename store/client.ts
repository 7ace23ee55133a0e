import { type Selectable, sql } from 'kysely';
import type { Client, ClientBody, Identity } from '../domain/contracts/client.js';
import type { MessageFact } from '../domain/provider-fact.js';
import { type Database, type Executor, inTransaction, isUniqueViolation, type Tables } from './database.js';
import { type Page, type PageRequest, pageOf } from './page.js';

type PutOutcome = { outcome: 'put' } | { outcome: 'taken'; clientId: string };

export interface ClientStore {
  /** Creates or replaces; a phone, e-mail, external id or address that another client has is `taken`. */
  put(clientId: string, body: ClientBody): Promise<PutOutcome>;
  find(clientId: string): Promise<Client | undefined>;
  list(request: PageRequest): Promise<Page<Client>>;
}

export function createClientStore(database: Database): ClientStore {
  return {
    async put(clientId, body) {
      try {
        await inTransaction(database, (tx) => replace(tx, clientId, body));
        return { outcome: 'put' };
      } catch (error) {
        const owner = isUniqueViolation(error) ? await ownerOf(database, clientId, body) : undefined;
        if (owner === undefined) throw error;
        return { outcome: 'taken', clientId: owner };
      }
    },
    async find(clientId) {
      const row = await database.selectFrom('clients').selectAll().where('client_id', '=', clientId).executeTakeFirst();
      if (row === undefined) return undefined;
      return clientOf(row, await identitiesOf(database, [clientId]));
    },
    async list({ limit, after }) {
      const rows = await database
        .selectFrom('clients')
        .selectAll()
        .where('client_id', '>', after ?? '')
        .orderBy('client_id')
        .limit(limit + 1)
        .execute();
      const identities = await identitiesOf(
        database,
        rows.map((row) => row.client_id),
      );
      return pageOf(
        rows,
        limit,
        (row) => row.client_id,
        (row) => clientOf(row, identities),
      );
    },
  };
}

async function replace(tx: Executor, clientId: string, body: ClientBody): Promise<void> {
  const row = {
    name: body.name ?? null,
    external_id: body.externalId ?? null,
    phone: body.phone ?? null,
    email: body.email ?? null,
    blocked: body.blocked,
  };
  await tx
    .insertInto('clients')
    .values({ client_id: clientId, ...row })
    .onConflict((conflict) => conflict.column('client_id').doUpdateSet(row))
    .execute();
  await tx.deleteFrom('identities').where('client_id', '=', clientId).execute();
  if (body.identities.length === 0) return;
  await tx
    .insertInto('identities')
    .values(body.identities.map((identity) => identityRow(clientId, identity)))
    .execute();
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

async function ownerOf(database: Database, clientId: string, body: ClientBody): Promise<string | undefined> {
  const byContact = await database
    .selectFrom('clients')
    .select('client_id')
    .where('client_id', '!=', clientId)
    .where((is) =>
      is.or([
        is('phone', '=', body.phone ?? null),
        is('external_id', '=', body.externalId ?? null),
        is(sql`lower(email)`, '=', body.email?.toLowerCase() ?? null),
      ]),
    )
    .executeTakeFirst();
  if (byContact !== undefined) return byContact.client_id;
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

const identitiesOf = (database: Database, clientIds: string[]) =>
  clientIds.length === 0
    ? Promise.resolve([])
    : database.selectFrom('identities').selectAll().where('client_id', 'in', clientIds).orderBy('channel_id').execute();

function clientOf(row: Selectable<Tables['clients']>, identities: Selectable<Tables['identities']>[]): Client {
  return {
    clientId: row.client_id,
    ...(row.name !== null && { name: row.name }),
    ...(row.external_id !== null && { externalId: row.external_id }),
    ...(row.phone !== null && { phone: row.phone }),
    ...(row.email !== null && { email: row.email }),
    blocked: row.blocked,
    identities: identities.filter((identity) => identity.client_id === row.client_id).map(identityOf),
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
 * The client behind a message, known by the address on this channel, else by the phone, else created; the 24 h window
 * opens with the arrival of the message, on the database's time, however often it is relayed (A17).
 */
export async function clientWhoWrote(
  tx: Executor,
  channelId: string,
  receivedAt: Date,
  { address, name, username }: MessageFact,
): Promise<{ clientId: string; isBlocked: boolean }> {
  const clientId = (await ownerOfAddress(tx, channelId, address)) ?? (await ownerOfPhone(tx, address, name));
  const identity = await tx
    .insertInto('identities')
    .values({
      channel_id: channelId,
      address,
      client_id: clientId,
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
  const client = await tx
    .selectFrom('clients')
    .select('blocked')
    .where('client_id', '=', identity.client_id)
    .executeTakeFirstOrThrow();
  return { clientId: identity.client_id, isBlocked: identity.blocked || client.blocked };
}

/** An address of digits is a phone: of a client we know, or of one that we know from now on. */
async function ownerOfPhone(tx: Executor, address: string, name: string | undefined): Promise<string> {
  const phone = /^\d{7,15}$/.test(address) ? address : null;
  const created = await tx
    .insertInto('clients')
    .values({ client_id: sql<string>`gen_random_uuid()::text`, name: name ?? null, phone, blocked: false })
    .onConflict((conflict) => conflict.column('phone').doUpdateSet({ phone }))
    .returning('client_id')
    .executeTakeFirstOrThrow();
  return created.client_id;
}
