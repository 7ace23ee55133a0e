import type { Channel, ChannelBody, ChannelType, Provider, Secret, StoredSecret } from '../domain/contracts/channel.js';
import type { Database, StoredChannel, StoredProvider } from './database.js';
import { type Page, type PageRequest, pageOf } from './page.js';
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
  /** @throws when a secret's environment variable is not set or its key is not in the ring */
  open(channelId: string): Promise<OpenChannel | undefined>;
}

export function createChannelStore(database: Database, sealing: Sealing, environment: NodeJS.ProcessEnv): ChannelStore {
  const rowOf = (channelId: string) =>
    database.selectFrom('channels').selectAll().where('channel_id', '=', channelId).executeTakeFirst();
  return {
    async put(channelId, body) {
      const stored: StoredChannel = { ...body, provider: sealed(body.provider, sealing) };
      await database
        .insertInto('channels')
        .values({ channel_id: channelId, body: JSON.stringify(stored) })
        .onConflict((conflict) => conflict.column('channel_id').doUpdateSet({ body: JSON.stringify(stored) }))
        .execute();
    },
    async find(channelId) {
      const row = await rowOf(channelId);
      return row && shown(row.channel_id, row.body);
    },
    async list({ limit, after }) {
      const rows = await database
        .selectFrom('channels')
        .selectAll()
        .where('channel_id', '>', after ?? '')
        .orderBy('channel_id')
        .limit(limit + 1)
        .execute();
      return pageOf(
        rows,
        limit,
        (row) => row.channel_id,
        (row) => shown(row.channel_id, row.body),
      );
    },
    async open(channelId) {
      const row = await rowOf(channelId);
      return row && { type: row.body.type, provider: opened(row.body.provider, sealing, environment) };
    },
  };
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

function shown(channelId: string, { provider, ...body }: StoredChannel): Channel {
  const safe = mapValues(provider, (value) =>
    isStoredSecret(value) ? ('sealed' in value ? { isSet: true } : value) : value,
  );
  return { channelId, ...body, provider: safe };
}
