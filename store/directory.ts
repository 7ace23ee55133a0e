// Groups, skills, departments and bots. Deleting a group, skill or department takes it from its members too.
import { type RawBuilder, sql } from 'kysely';
import type { BotBody, NamedBody } from '../domain/contracts/directory.js';
import type { Database } from './database.js';
import { createKeyedStore, type KeyedStore, type KeyedTable, type Removal, removalOf } from './keyed.js';

/** One that has threads stays. */
export interface Shelf<Key extends string, Body> extends Omit<KeyedStore<Key, Body>, 'remove'> {
  remove(id: string): Promise<Removal>;
}

export interface Directory {
  groups: Shelf<'groupId', NamedBody>;
  skills: Shelf<'skillId', NamedBody>;
  departments: Shelf<'departmentId', NamedBody>;
  bots: Shelf<'botId', BotBody>;
}

export const createDirectory = (database: Database): Directory => ({
  groups: shelf(database, { table: 'groups', column: 'group_id', key: 'groupId' }, (id) => leave('groupIds', id)),
  skills: shelf(database, { table: 'skills', column: 'skill_id', key: 'skillId' }, (id) => leave('skillIds', id)),
  departments: shelf(
    database,
    { table: 'departments', column: 'department_id', key: 'departmentId' },
    (id) => sql`update agents set body = body - 'departmentId' where body->>'departmentId' = ${id}`,
  ),
  bots: shelf(database, { table: 'bots', column: 'bot_id', key: 'botId' }),
});

const leave = (list: 'groupIds' | 'skillIds', id: string) =>
  sql`update agents set body = jsonb_set(body, array[${list}::text], (body->${list}::text) - ${id}::text)
       where body->${list}::text ? ${id}`;

const shelf = <Key extends string, Body>(
  database: Database,
  table: KeyedTable<Key>,
  takeFromMembers?: (id: string) => RawBuilder<unknown>,
): Shelf<Key, Body> => ({
  ...createKeyedStore(database, table),
  remove: (id) =>
    removalOf(database, async (tx) => {
      await takeFromMembers?.(id).execute(tx);
      return (await createKeyedStore(tx, table).remove(id)) ? 'removed' : 'missing';
    }),
});
