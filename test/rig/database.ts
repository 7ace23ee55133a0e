import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { inject } from 'vitest';
import { type Database, openDatabase } from '../../store/database.js';

interface OwnDatabase {
  database: Database;
  url: string;
  drop(): Promise<void>;
}

export interface DatabaseServer {
  /** URL of the maintenance database. */
  url: string;
  /** Name of a database that is migrated already. */
  template: string;
}

const shared = (): DatabaseServer => ({ url: inject('postgres'), template: inject('template') });

/** A database of its own, migrated already. */
export const copyOfTemplate = (server = shared()): Promise<OwnDatabase> => ownDatabase(server);

/** One without any table. */
export const emptyDatabase = (): Promise<OwnDatabase> => ownDatabase({ ...shared(), template: 'template0' });

async function ownDatabase({ url: server, template }: DatabaseServer): Promise<OwnDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(server, `create database ${name} template ${template}`);
  const url = server.replace(/\/[^/]*$/, `/${name}`);
  const database = openDatabase(url, 20, () => {});
  return {
    database,
    url,
    async drop() {
      await database.destroy();
      await onServer(server, `drop database ${name} with (force)`);
    },
  };
}

async function onServer(url: string, statement: string): Promise<void> {
  const server = openDatabase(url, 1, () => {});
  try {
    await sql.raw(statement).execute(server);
  } finally {
    await server.destroy();
  }
}
