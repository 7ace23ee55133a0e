// `npm run migrate`: brings the schema and Temporal's search attributes to what this version needs.
import { Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { BaseEnvironment, parseEnvironment } from '../store/config.js';
import { openDatabase } from '../store/database.js';
import { migrate } from '../store/migrate.js';
import { registerSearchAttributes } from './search-attributes.js';

async function main(): Promise<void> {
  const { DATABASE_URL } = parseEnvironment(BaseEnvironment, process.env);
  const database = openDatabase(DATABASE_URL, 1, () => {});
  try {
    const applied = await migrate(database);
    console.log(applied.length === 0 ? 'schema: up to date' : `schema: applied ${applied.join(', ')}`);
  } finally {
    await database.destroy();
  }
  const { connectionOptions, namespace } = loadClientConnectConfig();
  const temporal = await Connection.connect(connectionOptions);
  try {
    const added = await registerSearchAttributes(temporal, namespace ?? 'default');
    console.log(added.length === 0 ? 'search attributes: up to date' : `search attributes: added ${added.join(', ')}`);
  } finally {
    await temporal.close();
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
