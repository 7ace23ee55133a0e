// Search over clients and their list: tier by tier, so that a page costs no more than what it shows (R7, A34).
import { sql } from 'kysely';
import type { ChannelType } from '../domain/contracts/channel.js';
import type { FoundClient } from '../domain/contracts/client.js';
import type { ActiveThread } from '../domain/contracts/thread.js';
import { patternsOf } from './client-search.js';
import type { Database } from './database.js';
import { type Page, type PageRequest, pageOf } from './page.js';

/** A cursor: how well the last one matched, and its place in the list. */
export const FOUND_CURSOR = /^[0-2]-\d{1,15}$/;

export interface FoundClientStore {
  /** Exact before prefix before inside, then newest first. @param form by `searchForm`; without it all clients */
  search(form: string | undefined, request: PageRequest): Promise<Page<FoundClient>>;
}

interface Hit {
  clientId: string;
  rank: number;
  position: number;
}

export const createFoundClientStore = (database: Database): FoundClientStore => ({
  async search(form, { limit, after }) {
    const hits = await hitsFor(database, form, limit + 1, after);
    const page = pageOf(
      hits,
      limit,
      ({ rank, position }) => `${rank}-${position}`,
      ({ clientId }) => clientId,
    );
    return { items: await show(database, page.items), next: page.next };
  },
});

async function hitsFor(database: Database, form: string | undefined, wanted: number, after = ''): Promise<Hit[]> {
  const [startRank = 0, startPosition] = after === '' ? [] : after.split('-').map(Number);
  const tiers = form === undefined ? [sql`true`] : tiersOf(form);
  const hits: Hit[] = [];
  for (const [rank, matches] of tiers.entries()) {
    if (rank < startRank || hits.length >= wanted) continue;
    const before = rank === startRank ? (startPosition ?? null) : null;
    const { rows } = await sql<Omit<Hit, 'rank'>>`
      select client_id as "clientId", position from clients
       where ${matches} and (${before}::bigint is null or position < ${before}::bigint)
       order by position desc limit ${wanted - hits.length}`.execute(database);
    hits.push(...rows.map((row) => ({ ...row, rank })));
  }
  return hits;
}

/** Each tier without what the one before has shown. */
function tiersOf(form: string) {
  const [exact, prefix, inside] = patternsOf(form);
  return [
    sql`search like ${exact}`,
    sql`search like ${prefix} and search not like ${exact}`,
    sql`search like ${inside} and search not like ${prefix}`,
  ];
}

interface Row {
  clientId: string;
  name: string | null;
  phone: string | null;
  email: string | null;
  externalId: string | null;
  blocked: boolean;
  channelTypes: ChannelType[];
  activeThread: ActiveThread | null;
}

async function show(database: Database, clientIds: string[]): Promise<FoundClient[]> {
  const { rows } = await sql<Row>`
    select client_id as "clientId", name, phone, email, external_id as "externalId", blocked,
           (select coalesce(json_agg(distinct channels.body->>'type'), '[]')
              from identities join channels using (channel_id)
             where identities.client_id = clients.client_id) as "channelTypes",
           (select json_strip_nulls(json_build_object('threadId', thread_id, 'channelId', channel_id,
                                                      'agentId', agent_id, 'state', state))
              from threads where threads.client_id = clients.client_id and state <> 'CLOSED') as "activeThread"
      from unnest(${clientIds}::text[]) with ordinality as hit(client_id, place) join clients using (client_id)
     order by place`.execute(database);
  return rows.map(({ name, phone, email, externalId, ...rest }) => ({
    ...rest,
    ...(name !== null && { name }),
    ...(phone !== null && { phone }),
    ...(email !== null && { email }),
    ...(externalId !== null && { externalId }),
  }));
}
