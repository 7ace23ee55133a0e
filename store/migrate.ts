import { type Migration, Migrator } from 'kysely';
import type { Database } from './database.js';
import { outgoingSend } from './migrations/0001-outgoing-send.js';
import { directory } from './migrations/0002-directory.js';
import { thread } from './migrations/0003-thread.js';

const migrations: Record<string, Migration> = {
  '0001-outgoing-send': outgoingSend,
  '0002-directory': directory,
  '0003-thread': thread,
};

const migratorOf = (database: Database) =>
  new Migrator({ db: database, provider: { getMigrations: async () => migrations } });

/** Brings the schema to the newest version; answers the names of what was applied. */
export async function migrate(database: Database): Promise<string[]> {
  const { error, results } = await migratorOf(database).migrateToLatest();
  if (error !== undefined) throw error;
  return (results ?? []).map(({ migrationName }) => migrationName);
}

export async function isMigrated(database: Database): Promise<boolean> {
  const known = await migratorOf(database).getMigrations();
  return known.every(({ executedAt }) => executedAt !== undefined);
}
