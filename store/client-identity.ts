// Who is behind an address: the client who wrote from it or logged in, known by whatever is known of them, else created.
import { sql } from 'kysely';
import { searchTerms } from '../domain/client-search.js';
import { contactsOf, identityAddress } from '../domain/contact.js';
import type { ChannelType } from '../domain/contracts/channel.js';
import type { Contact } from '../domain/contracts/client.js';
import type { LoginBody } from '../domain/contracts/inbound.js';
import type { MessageFact } from '../domain/provider-fact.js';
import { searchColumn } from './client-search.js';
import { ownerOnceTaken, ownerOrCreated } from './contact.js';
import type { Executor } from './database.js';

export async function channelTypesOf(
  executor: Executor,
  identities: readonly { channelId: string }[],
): Promise<Map<string, ChannelType>> {
  if (identities.length === 0) return new Map();
  const ids = identities.map(({ channelId }) => channelId);
  const rows = await executor
    .selectFrom('channels')
    .select(['channel_id', 'body'])
    .where('channel_id', 'in', ids)
    .execute();
  return new Map(rows.map(({ channel_id, body }) => [channel_id, body.type]));
}

export async function ownerOfAddress(
  executor: Executor,
  channelId: string,
  address: string,
): Promise<string | undefined> {
  const row = await executor
    .selectFrom('identities')
    .select('client_id')
    .where('channel_id', '=', channelId)
    .where('address', '=', address)
    .executeTakeFirst();
  return row?.client_id;
}

export async function ownerOfExternalId(executor: Executor, externalId: string): Promise<string | undefined> {
  const row = await executor
    .selectFrom('clients')
    .select('client_id')
    .where('external_id', '=', externalId)
    .executeTakeFirst();
  return row?.client_id;
}

/** As it is kept, whoever spells it how. */
export async function clientAt(executor: Executor, channelId: string, address: string): Promise<string | undefined> {
  return ownerOfAddress(executor, channelId, (await addressOn(executor, channelId, address)).address);
}

/** An address as it is kept, with the phone or mail address that it is. */
async function addressOn(executor: Executor, channelId: string, given: string) {
  const channelTypes = await channelTypesOf(executor, [{ channelId }]);
  const type = channelTypes.get(channelId);
  const address = type === undefined ? given : identityAddress(type, given);
  const [contact] = contactsOf({ identities: [{ channelId, address }] }, channelTypes);
  return { address, contact };
}

interface Person {
  contact?: Contact | undefined;
  externalId?: string | undefined;
  name?: string | undefined;
}

/**
 * The client behind a message, known by the address on this channel, else by the external id or the contact that the
 * address is, else created: where the external id is one client's and the address another's, the address wins. The 24 h
 * window opens with the arrival of the message, on the database's time, however often it is relayed (A17).
 */
export async function clientWhoWrote(
  tx: Executor,
  channelId: string,
  receivedAt: Date,
  { address: given, username, externalId, name }: MessageFact,
): Promise<{ clientId: string; isBlocked: boolean }> {
  const { address, contact } = await addressOn(tx, channelId, given);
  const known = await ownerOfAddress(tx, channelId, address);
  const owner = known ?? (await ownerOrNewClient(tx, { contact, externalId, name }));
  const isNewlyKnown = externalId !== undefined && (await giveExternalId(tx, owner, externalId));
  const identity = await tx
    .insertInto('identities')
    .values({
      channel_id: channelId,
      address,
      client_id: owner,
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
  if (known === undefined || isNewlyKnown) await indexClient(tx, clientId);
  const client = await tx
    .selectFrom('clients')
    .select('blocked')
    .where('client_id', '=', clientId)
    .executeTakeFirstOrThrow();
  return { clientId, isBlocked: identity.blocked || client.blocked };
}

/**
 * The client who logged in, known by the external id, else by the address, else created (R8). An address that is another
 * client's stays theirs.
 */
export async function clientWhoLoggedIn(
  tx: Executor,
  channelId: string,
  { address: given, externalId, name }: LoginBody,
): Promise<string> {
  const { address, contact } = await addressOn(tx, channelId, given);
  const clientId =
    (await ownerOfExternalId(tx, externalId)) ??
    (await ownerOfAddress(tx, channelId, address)) ??
    (await ownerOrNewClient(tx, { contact, externalId, name }));
  await giveExternalId(tx, clientId, externalId);
  if (contact === undefined || (await ownerOnceTaken(tx, clientId, contact)) === clientId) {
    await tx
      .insertInto('identities')
      .values({ channel_id: channelId, address, client_id: clientId, username: null, blocked: false, origin: 'LOGIN' })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  await indexClient(tx, clientId);
  return clientId;
}

/** By the external id, else by the phone or mail address that the address is; else one that we know from now on. */
async function ownerOrNewClient(tx: Executor, { contact, externalId, name }: Person): Promise<string> {
  const known = externalId === undefined ? undefined : await ownerOfExternalId(tx, externalId);
  if (known !== undefined) return contact === undefined ? known : ownerOnceTaken(tx, known, contact);
  if (contact !== undefined) return (await ownerOrCreated(tx, contact, name)).clientId;
  const created = await tx
    .insertInto('clients')
    .values({
      client_id: sql<string>`gen_random_uuid()::text`,
      name: name ?? null,
      external_id: externalId ?? null,
      blocked: false,
    })
    .returning('client_id')
    .executeTakeFirstOrThrow();
  return created.client_id;
}

/** Unless the client has one, or another client has this one. */
async function giveExternalId(tx: Executor, clientId: string, externalId: string): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('clients')
    .set({ external_id: externalId })
    .where('client_id', '=', clientId)
    .where('external_id', 'is', null)
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('clients as owner').select('owner.client_id').where('owner.external_id', '=', externalId))),
    )
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Of all who index one client at once each sees what the one before has written. */
async function indexClient(tx: Executor, clientId: string): Promise<void> {
  const client = await tx
    .selectFrom('clients')
    .select(['name', 'external_id', 'phone', 'email'])
    .where('client_id', '=', clientId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  const identities = await tx
    .selectFrom('identities')
    .select(['address', 'username'])
    .where('client_id', '=', clientId)
    .orderBy('channel_id')
    .orderBy('address')
    .execute();
  const terms = searchTerms({
    name: client.name ?? undefined,
    externalId: client.external_id ?? undefined,
    phone: client.phone ?? undefined,
    email: client.email ?? undefined,
    identities: identities.map(({ address, username }) => ({ address, username: username ?? undefined })),
  });
  const search = searchColumn(terms);
  await tx
    .updateTable('clients')
    .set({ search })
    .where('client_id', '=', clientId)
    .where('search', '!=', search)
    .execute();
}
