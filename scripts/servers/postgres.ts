import pg from 'pg';
import { type Child, spawnChild } from './child.js';
import { requireFreePort } from './ports.js';
import { prepareCluster, SUPERUSER } from './postgres-cluster.js';
import { commandAs } from './postgres-user.js';
import { untilReady } from './until.js';

const DEADLINE = 60_000; // ms to answer; a recovery after a crash takes its time
const HOST = '127.0.0.1';
const DATABASE = 'outgoing';
// What it says about our own asking whether it is up.
const KNOCKING = /the database system is (starting up|not yet accepting)|Consistent recovery state has not been/;

export interface PostgresOptions {
  port: number;
  /** Made at the first start; holds the cluster and its password. */
  dataDir: string;
  log: (line: string) => void;
  /** `false` for data that is thrown away: nothing waits for the disk. Default true. */
  durable?: boolean;
  /** How long an earlier server may still take to leave the folder and the port, in ms; default 15000. */
  patience?: number;
  signal?: AbortSignal;
}

export interface RunningPostgres extends Pick<Child, 'pid' | 'exited' | 'stop'> {
  /** Of the database `outgoing`, with the password. */
  url: string;
}

/**
 * A PostgreSQL of our own with an empty database, or with what an earlier run left in the folder, however that run
 * ended. It ends with us.
 * @throws when the port is taken, another server uses the folder, or it does not answer within 60 s
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const { log, patience = 15_000, port, signal } = options;
  const { folder, identity, password, programs } = await prepareCluster(options.dataDir, patience);
  await requireFreePort({ port, purpose: 'PostgreSQL', patience });

  const child = spawnChild({
    ...commandAs(identity, programs.postgres, serverArguments(folder, options)),
    endWith: 'SIGINT', // its fast shutdown; SIGTERM waits for every client to leave
    onLine: (line) => KNOCKING.test(line) || log(line),
  });
  const urlOf = (database: string) => `postgres://${SUPERUSER}:${password}@${HOST}:${port}/${database}`;
  const ready = () => ensureDatabase(urlOf('postgres'));
  await untilReady(ready, { what: 'PostgreSQL answers', child, deadline: DEADLINE, every: 30, signal });
  const { exited, pid, stop } = child;
  return { url: urlOf(DATABASE), pid, exited, stop };
}

function serverArguments(folder: string, { durable = true, port }: PostgresOptions): string[] {
  const settings = {
    listen_addresses: HOST,
    unix_socket_directories: '',
    max_connections: '200',
    log_min_messages: 'fatal', // a refused statement is its caller's business
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  const pairs = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', folder, '-p', `${port}`, ...pairs];
}

async function ensureDatabase(url: string): Promise<true> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => {}); // the server may go while we ask; the query says so too
  try {
    await client.connect();
    const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
    return true;
  } finally {
    await client.end().catch(() => {});
  }
}
