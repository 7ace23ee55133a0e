// Things that are kept as they were put, each under an id that its owner chose; lists go newest first.
import { type RawBuilder, sql } from 'kysely';
import { type Database, type Executor, inTransaction, isForeignKeyViolation } from './database.js';
import { type Page, type PageRequest, pageOf } from './page.js';

export interface KeyedTable<Key extends string> {
  table: 'agents' | 'groups' | 'skills' | 'departments' | 'bots' | 'response_templates' | 'channels';
  column: string;
  /** What the id is called in an answer. */
  key: Key;
}

export type Keyed<Key extends string, Body> = Body & Record<Key, string>;

export interface KeyedStore<Key extends string, Body> {
  /** Creates or replaces; what is replaced keeps its place in the list. */
  put(id: string, body: Body): Promise<void>;
  find(id: string): Promise<Keyed<Key, Body> | undefined>;
  /** Those of which `holds` is true; all of them without it. */
  list(request: PageRequest, holds?: RawBuilder<boolean>): Promise<Page<Keyed<Key, Body>>>;
  /** @returns whether there was one */
  remove(id: string): Promise<boolean>;
}

interface Row<Body> {
  id: string;
  position: number;
  body: Body;
}

export function createKeyedStore<Key extends string, Body>(
  database: Executor,
  { table, column, key }: KeyedTable<Key>,
): KeyedStore<Key, Body> {
  const [from, id] = [sql.table(table), sql.ref(column)];
  const itemOf = (row: Row<Body>) => ({ [key]: row.id, ...row.body }) as Keyed<Key, Body>;
  return {
    async put(given, body) {
      await sql`insert into ${from} (${id}, body) values (${given}, ${JSON.stringify(body)}::jsonb)
                on conflict (${id}) do update set body = excluded.body`.execute(database);
    },
    async find(given) {
      const { rows } = await sql<Row<Body>>`
        select ${id} as id, position, body from ${from} where ${id} = ${given}`.execute(database);
      return rows[0] && itemOf(rows[0]);
    },
    async list({ limit, after }, holds = sql<boolean>`true`) {
      const { rows } = await sql<Row<Body>>`
        select ${id} as id, position, body from ${from}
         where ${holds} and (${after ?? null}::bigint is null or position < ${after ?? null}::bigint)
         order by position desc limit ${limit + 1}`.execute(database);
      return pageOf(rows, limit, ({ position }) => String(position), itemOf);
    },
    async remove(given) {
      const { numAffectedRows } = await sql`delete from ${from} where ${id} = ${given}`.execute(database);
      return numAffectedRows === 1n;
    },
  };
}

/** Why something is not removed: what still needs it. */
export type Removal = 'removed' | 'missing' | { usedBy: readonly string[] };

/** Of whom or what may have threads: the database refuses while one is open, whoever is first. */
export async function removalOf(
  database: Database,
  remove: (tx: Executor) => Promise<'removed' | 'missing'>,
): Promise<Removal> {
  try {
    return await inTransaction(database, remove);
  } catch (error) {
    if (!isForeignKeyViolation(error)) throw error;
    return { usedBy: ['THREADS'] };
  }
}
