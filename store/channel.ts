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

export interface OpenChannel {
  type: ChannelType;
  provider: OpenProvider;
}

export interface ChannelStore {
  put(channelId: string, body: ChannelBody): Promise<void>;
  find(channelId: string): Promise<Channel | undefined>;
  list(request: PageRequest): Promise<Page<Channel>>;
  /** With its templates. One that clients, sends or the history name is in use; it can be disabled instead. */
  remove(channelId: string): Promise<Removal>;
  /** @throws when a secret's environment variable is not set or its key is not in the ring */
  open(channelId: string): Promise<OpenChannel | undefined>;
}

export function createChannelStore(database: Database, sealing: Sealing, environment: NodeJS.ProcessEnv): ChannelStore {
  const channels = createKeyedStore<'channelId', StoredChannel>(database, {
    table: 'channels',
    column: 'channel_id',
    key: 'channelId',
  });
  return {
    put: (channelId, body) => channels.put(channelId, { ...body, provider: sealed(body.provider, sealing) }),
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
    if (secret === undefined || secret === '') throw new Error(`the environment variable ${value.env} is not set`);
    return secret;
  }) as unknown as OpenProvider;
}

function shown({ provider, ...channel }: Keyed<'channelId', StoredChannel>): Channel {
  const safe = mapValues(provider, (value) =>
    isStoredSecret(value) ? ('sealed' in value ? { isSet: true } : value) : value,
  );
  return { ...channel, provider: safe };
}
