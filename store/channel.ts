import type { Channel, ChannelBody, ChannelType, Provider, Secret, StoredSecret } from '../domain/contracts/channel.js';
import { sql } from 'kysely';
import { type Database, isForeignKeyViolation, type StoredChannel, type StoredProvider } from './database.js';
import { createKeyedStore, type Keyed, type Removal } from './keyed.js';
import type { Page, PageRequest } from './page.js';
import type { Sealing } from './sealing.js';

/** A provider's settings with every secret in the open: for its adapter alone, never for an answer or a log. */
type OpenProvider<P extends Provider = Provider> = P extends Provider
  ? { [K in keyof P]: [Secret] extends [P[K]] ? string : P[K] extends Secret | undefined ? string | undefined : P[K] }
  : never;

/** A secret that an operator has named is not there. */
export class SecretMissingError extends Error {
  constructor(variable: string) {
    super(`the environment variable ${variable} is not set`);
  }
}

export interface OpenChannel {
  type: ChannelType;
  provider: OpenProvider;
}

export interface ChannelStore {
  /** Another type than before only while nothing uses the channel: contacts and parts of messages follow from it. */
  put(channelId: string, body: ChannelBody): Promise<'put' | { usedBy: readonly string[] }>;
  find(channelId: string): Promise<Channel | undefined>;
  list(request: PageRequest): Promise<Page<Channel>>;
  /** With its templates. One that clients, sends or the history name is in use; it can be disabled instead. */
  remove(channelId: string): Promise<Removal>;
  /** @throws SecretMissingError, or when the key of a sealed one is not in the ring */
  open(channelId: string): Promise<OpenChannel | undefined>;
}

export function createChannelStore(database: Database, sealing: Sealing, environment: NodeJS.ProcessEnv): ChannelStore {
  const channels = createKeyedStore<'channelId', StoredChannel>(database, {
    table: 'channels',
    column: 'channel_id',
    key: 'channelId',
  });
  return {
    async put(channelId, body) {
      const known = await channels.find(channelId);
      const usedBy = known !== undefined && known.type !== body.type ? await usersOf(database, channelId) : [];
      if (usedBy.length > 0) return { usedBy };
      await channels.put(channelId, { ...body, provider: sealed(body.provider, sealing) });
      return 'put';
    },
    async find(channelId) {
      const channel = await channels.find(channelId);
      return channel && shown(channel);
    },
    async list(request) {
      const { items, next } = await channels.list(request);
      return { items: items.map(shown), next };
    },
    async remove(channelId) {
      const usedBy = await usersOf(database, channelId);
      if (usedBy.length > 0) return { usedBy };
      try {
        return (await channels.remove(channelId)) ? 'removed' : 'missing';
      } catch (error) {
        if (!isForeignKeyViolation(error)) throw error;
        return { usedBy: await usersOf(database, channelId) }; // somebody began to use it just now
      }
    },
    async open(channelId) {
      const channel = await channels.find(channelId);
      return channel && { type: channel.type, provider: opened(channel.provider, sealing, environment) };
    },
  };
}

async function usersOf(database: Database, channelId: string): Promise<string[]> {
  const { rows } = await sql<{ user: string }>`
    select 'IDENTITIES' as user where exists (select 1 from identities where channel_id = ${channelId})
    union all
    select 'THREADS' where exists (select 1 from threads where channel_id = ${channelId})
    union all
    select 'SENDS' where exists (select 1 from sends where channel_id = ${channelId})
    union all
    select 'HISTORY' where exists (select 1 from messages where channel_id = ${channelId})
    union all
    select 'RECEIPTS' where exists (select 1 from inbox where channel_id = ${channelId})
        or exists (select 1 from receipts where channel_id = ${channelId})`.execute(database);
  return rows.map(({ user }) => user);
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isGiven = (value: unknown): value is { value: string } => isObject(value) && typeof value['value'] === 'string';
const isStoredSecret = (value: unknown): value is StoredSecret =>
  isObject(value) && (typeof value['env'] === 'string' || typeof value['sealed'] === 'string');

const mapValues = (provider: { kind: Provider['kind'] }, change: (value: unknown) => unknown) =>
  Object.fromEntries(Object.entries(provider).map(([name, value]) => [name, change(value)])) as StoredProvider;

const sealed = (provider: Provider, sealing: Sealing): StoredProvider =>
  mapValues(provider, (value) => (isGiven(value) ? { sealed: sealing.seal(value.value) } : value));

function opened(provider: StoredProvider, sealing: Sealing, environment: NodeJS.ProcessEnv): OpenProvider {
  return mapValues(provider, (value) => {
    if (!isStoredSecret(value)) return value;
    if ('sealed' in value) return sealing.open(value.sealed);
    const secret = environment[value.env];
    if (secret === undefined || secret === '') throw new SecretMissingError(value.env);
    return secret;
  }) as unknown as OpenProvider;
}

function shown({ provider, ...channel }: Keyed<'channelId', StoredChannel>): Channel {
  const safe = mapValues(provider, (value) => (isStoredSecret(value) ? { isSet: true } : value));
  return { ...channel, provider: safe };
}
