// `npm run --silent token -- --role integrator --name crm`: makes a token and prints it, and nothing else, once.
import { Command, Option } from 'commander';
import { BaseEnvironment, parseEnvironment } from '../store/config.js';
import { openDatabase } from '../store/database.js';
import { createTokenStore, ROLES, type Role } from '../store/token.js';
import { readAddresses } from './stack/addresses.js';

interface Options {
  role: Role;
  name: string;
  agent?: string;
  data: string;
}

const program = new Command('token')
  .description('Make an API token. Only its hash is stored, so it is shown this once.')
  .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).makeOptionMandatory())
  .requiredOption('--name <name>', 'what it is for, e.g. the system that uses it')
  .option('--agent <agentId>', 'whom an agent or supervisor token speaks for')
  .option('--data <dir>', 'data folder of the running embedded stack', '.data');

/** `DATABASE_URL`, else the database of the embedded stack that runs on the data folder. */
async function databaseUrl(data: string): Promise<string> {
  if (process.env['DATABASE_URL'] !== undefined) return parseEnvironment(BaseEnvironment, process.env).DATABASE_URL;
  return (await readAddresses(data, 'set DATABASE_URL')).database;
}

async function main({ role, name, agent, data }: Options): Promise<void> {
  const needsAgent = role === 'agent' || role === 'supervisor';
  if (needsAgent !== (agent !== undefined)) {
    throw new Error(needsAgent ? `a token of role ${role} needs --agent` : `a token of role ${role} takes no --agent`);
  }
  const database = openDatabase(await databaseUrl(data), 1, () => {});
  try {
    const tokens = createTokenStore(database);
    process.stdout.write(`${await tokens.create({ role, name, ...(agent !== undefined && { agentId: agent }) })}\n`);
  } finally {
    await database.destroy();
  }
}

try {
  await main(program.parse().opts<Options>());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
