// Groups, skills, departments and bots. Deleting a group, skill or department takes it from its members too.
import { type RawBuilder, sql } from 'kysely';
import type { BotBody, NamedBody } from '../domain/contracts/directory.js';
import { type Database, inTransaction } from './database.js';
import { createKeyedStore, type KeyedStore, type KeyedTable } from './keyed.js';

export interface Directory {
  groups: KeyedStore<'groupId', NamedBody>;
  skills: KeyedStore<'skillId', NamedBody>;
  departments: KeyedStore<'departmentId', NamedBody>;
  bots: KeyedStore<'botId', BotBody>;
}

export const createDirectory = (database: Database): Directory => ({
  groups: withMembers(database, { table: 'groups', column: 'group_id', key: 'groupId' }, (id) => leave('groupIds', id)),
  skills: withMembers(database, { table: 'skills', column: 'skill_id', key: 'skillId' }, (id) => leave('skillIds', id)),
  departments: withMembers(
    database,
    { table: 'departments', column: 'department_id', key: 'departmentId' },
    (id) => sql`update agents set body = body - 'departmentId' where body->>'departmentId' = ${id}`,
  ),
  bots: createKeyedStore(database, { table: 'bots', column: 'bot_id', key: 'botId' }),
});

const leave = (list: 'groupIds' | 'skillIds', id: string) =>
  sql`update agents set body = jsonb_set(body, array[${list}::text], (body->${list}::text) - ${id}::text)
       where body->${list}::text ? ${id}`;

const withMembers = <Key extends string>(
  database: Database,
  table: KeyedTable<Key>,
  takeFromMembers: (id: string) => RawBuilder<unknown>,
): KeyedStore<Key, NamedBody> => ({
  ...createKeyedStore(database, table),
  remove: (id) =>
    inTransaction(database, async (tx) => {
      await takeFromMembers(id).execute(tx);
      return createKeyedStore(tx, table).remove(id);
    }),
});
