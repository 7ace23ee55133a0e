// `npm run threads`: compares the rows of threads with what runs in Temporal; `-- --repair` mends the rows.
import { Connection, WorkflowClient } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { Command } from 'commander';
import { compareThreads, type Difference, type RepairPorts, repairThread } from '../activities/thread-repair.js';
import { BaseEnvironment, parseEnvironment } from '../store/config.js';
import { openDatabase } from '../store/database.js';
import { createThreadRows } from '../store/thread-row.js';
import { readAddresses } from './stack/addresses.js';

interface Options {
  repair?: boolean;
  data: string;
}

const AGE = 10; // s; younger ones may still be on their way

const program = new Command('threads')
  .description('Compare the rows of threads with what runs in Temporal, which is the truth.')
  .option('--repair', 'mend the rows that differ')
  .option('--data <dir>', 'data folder of the running embedded stack', '.data');

async function main({ repair = false, data }: Options): Promise<number> {
  const { databaseUrl, connectionOptions, namespace } = await addressesOf(data);
  const database = openDatabase(databaseUrl, 4, () => {});
  const connection = await Connection.connect(connectionOptions);
  try {
    const workflows = new WorkflowClient({ connection, ...(namespace !== undefined && { namespace }) });
    const ports = { rows: createThreadRows(database), workflows };
    const found = await compareThreads(ports, AGE, true);
    console.log(`${found.length} differences, among threads that are older than ${AGE} s`);
    for (const difference of found) await tell(ports, difference, repair);
    return repair ? 0 : found.length;
  } finally {
    await connection.close();
    await database.destroy();
  }
}

async function tell(ports: RepairPorts, difference: Difference, repair: boolean): Promise<void> {
  console.log(`thread ${difference.threadId} of client ${difference.clientId}: ${inWords(difference)}`);
  if (!repair) return;
  await repairThread(ports, difference);
  console.log('  mended');
}

function inWords(difference: Difference): string {
  switch (difference.kind) {
    case 'ROW_WITHOUT_RUN':
      return `its row says ${difference.row.state}, but nothing runs; it was ended by hand`;
    case 'RUN_WITHOUT_ROW':
      return 'it runs, but has no row';
    case 'ROW_DIFFERS':
      return `its row says ${JSON.stringify(difference.row)}, but it is ${JSON.stringify(difference.run)}`;
  }
}

/** Those of the environment, else those of the embedded stack that runs on the data folder. */
async function addressesOf(data: string) {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  if (process.env['DATABASE_URL'] !== undefined) {
    const { DATABASE_URL: databaseUrl } = parseEnvironment(BaseEnvironment, process.env);
    return { databaseUrl, connectionOptions, namespace };
  }
  const { database: databaseUrl, temporal } = await readAddresses(data, 'set DATABASE_URL and TEMPORAL_ADDRESS');
  return { databaseUrl, connectionOptions: { address: temporal }, namespace };
}

try {
  process.exitCode = (await main(program.parse().opts<Options>())) === 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
