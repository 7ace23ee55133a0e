import { sql } from 'kysely';
import { Settings, type SettingsBody } from '../domain/contracts/settings.js';
import type { Database } from './database.js';

export interface SettingsStore {
  read(): Promise<Settings>;
  /** Absent ones keep their value. */
  change(body: SettingsBody): Promise<Settings>;
  /** Every one to its default. */
  reset(): Promise<void>;
}

export function createSettingsStore(database: Database): SettingsStore {
  return {
    async read() {
      const row = await database.selectFrom('settings').select('body').executeTakeFirst();
      return Settings.parse(row?.body ?? {});
    },
    async change(body) {
      const row = await database
        .insertInto('settings')
        .values({ body: JSON.stringify(body) })
        .onConflict((conflict) =>
          conflict.column('only_row').doUpdateSet({ body: sql<string>`settings.body || excluded.body` }),
        )
        .returning('body')
        .executeTakeFirstOrThrow();
      return Settings.parse(row.body);
    },
    async reset() {
      await database.deleteFrom('settings').execute();
    },
  };
}
