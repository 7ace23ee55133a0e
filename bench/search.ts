// Search over HTTP in a directory of 100,000 clients (R7): what an agent waits for after a key press.
import { sql } from 'kysely';
import { searchTerms } from '../domain/client-search.js';
import { searchColumn } from '../store/client-search.js';
import type { Database } from '../store/database.js';
import type { Site } from './site.js';
import { percentile } from './statistics.js';

export const CLIENTS = 100_000;
const BATCH = 1000;
const ROUNDS = 20;

/** In ms. */
export interface SearchLine {
  p50: number;
  p95: number;
  slowest: { q: string; median: number };
}

// Names, phones and addresses as they are typed: rare and frequent ones, beginnings and insides, one that fits everybody.
const QUERIES = [
  'mila',
  'Horvat1',
  'Анна',
  'петров',
  'petra novak',
  'ana',
  'mar',
  'ope',
  'нет такого',
  '+389 (71)',
  '38971000',
  '7 10',
  '0456',
  'user.1',
  'user.12x@',
  'client.example',
  'ext-',
  'ext-99',
  'ext-99999',
  '@u1a',
  '@u25s',
  'zzzzzz',
]; // prettier-ignore

export async function measureSearch({ crm, database }: Pick<Site, 'crm' | 'database'>): Promise<SearchLine> {
  await fill(database);
  await Promise.all(QUERIES.map((q) => crm.search(q))); // warm
  const perQuery = new Map<string, number[]>(QUERIES.map((q) => [q, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [q, times] of perQuery) times.push(await timeOf(() => crm.search(q)));
  }
  const all = [...perQuery.values()].flat();
  const medians = [...perQuery].map(([q, times]) => ({ q, median: percentile(times, 0.5) }));
  return {
    p50: percentile(all, 0.5),
    p95: percentile(all, 0.95),
    slowest: medians.reduce((one, other) => (other.median > one.median ? other : one)),
  };
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const begunAt = performance.now();
  await work();
  return performance.now() - begunAt;
}

const FIRST = [
  'Mila',
  'Ivo',
  'Nada',
  'Luka',
  'Petra',
  'Ana',
  'Marko',
  'Анна',
  'Иван',
  'Елена',
  'Nikos',
  'Зоран',
  'José',
];
const LAST = ['Horvat', 'Kovac', 'Babic', 'Juric', 'Петров', 'Novak', 'Ivanova', 'Smith'];

async function fill(database: Database): Promise<void> {
  for (let first = 0; first < CLIENTS; first += BATCH) {
    const rows = Array.from({ length: BATCH }, (_, index) => rowOf(first + index));
    await database.insertInto('clients').values(rows).execute();
  }
  await sql`vacuum analyze clients`.execute(database); // as PostgreSQL does by itself a minute later
}

function rowOf(index: number) {
  const tail = index.toString(36);
  const client = {
    name: `${FIRST[index % FIRST.length]} ${LAST[index % LAST.length]}${(index * 7919) % 2000}`,
    phone: `3897${1_000_000 + ((index * 13) % 8_999_999)}`,
    email: `user.${tail}@client.example`,
    externalId: `ext-${index}`,
  };
  const search = searchColumn(
    searchTerms({ ...client, identities: [{ address: client.phone, username: `@u${tail}` }] }),
  );
  const { externalId: external_id, ...rest } = client;
  return { client_id: `bench-${index}`, ...rest, external_id, blocked: false, search };
}
