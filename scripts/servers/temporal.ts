import { Connection } from '@temporalio/client';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Child, spawnChild } from './child.js';
import { accepts, requireFreePort } from './ports.js';
import { resolveTemporalServer } from './temporal-binary.js';
import { untilReady } from './until.js';

const DEADLINE = 30_000; // ms to answer
const HOST = '127.0.0.1';

export interface TemporalOptions {
  port: number;
  /** Without it there is no UI. */
  uiPort?: number;
  /** Keeps the state over a restart; without it the state is in memory. Its folder is made. */
  dbFile?: string;
  /** Further settings of the server, by name. */
  settings?: Record<string, string | number>;
  log: (line: string) => void;
  /** How long another program may still take to leave the ports, in ms; default 0. */
  patience?: number;
  signal?: AbortSignal;
}

export interface RunningTemporal extends Pick<Child, 'pid' | 'exited' | 'stop'> {
  /** host:port */
  address: string;
  /** URL */
  uiAddress?: string;
}

/**
 * A Temporal dev server that answers for the namespace `default`. It ends with us. Search attributes are not its
 * business: `migrate` registers them.
 * @throws when a port is taken, no server can be had, or it does not answer within 30 s
 */
export async function startTemporal(options: TemporalOptions): Promise<RunningTemporal> {
  const { dbFile, patience = 0, port, signal, uiPort } = options;
  await requireFreePort({ port, purpose: 'Temporal', patience });
  if (uiPort !== undefined) await requireFreePort({ port: uiPort, purpose: "Temporal's UI", patience });
  if (dbFile !== undefined) await mkdir(dirname(dbFile), { recursive: true });

  const command = await resolveTemporalServer();
  const child = spawnChild({ command, args: argumentsFor(options), onLine: options.log });
  const address = `${HOST}:${port}`;
  await untilReady(() => answers(port), { what: 'Temporal answers', child, deadline: DEADLINE, signal });
  const { exited, pid, stop } = child;
  return { address, pid, exited, stop, ...(uiPort === undefined ? {} : { uiAddress: `http://${HOST}:${uiPort}` }) };
}

// A dev server polls its own queues 20 times a second by default, 45 ms for every task; these make it 5 times quicker.
const QUICK = [
  'history.transferProcessorMaxPollRPS=2000',
  'history.timerProcessorMaxPollRPS=2000',
  'history.visibilityProcessorMaxPollRPS=200',
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
];

// A write-ahead log that still waits for the disk at every commit: a third of the server's work less.
const SYNCED = ['journal_mode=wal', 'synchronous=full'];

function argumentsFor({ dbFile, port, uiPort, settings = {} }: TemporalOptions): string[] {
  const listen = ['--ip', HOST, '--port', `${port}`];
  const ui = uiPort === undefined ? ['--headless'] : ['--ui-port', `${uiPort}`];
  const storage =
    dbFile === undefined ? [] : ['--db-filename', dbFile, ...SYNCED.flatMap((pragma) => ['--sqlite-pragma', pragma])];
  const set = [...QUICK, ...Object.entries(settings).map(([name, value]) => `${name}=${value}`)];
  const dynamic = set.flatMap((setting) => ['--dynamic-config-value', setting]);
  return ['server', 'start-dev', ...listen, '--log-level', 'error', ...ui, ...storage, ...dynamic];
}

/** A bare connection first: gRPC waits a second after one that was refused. */
async function answers(port: number): Promise<boolean> {
  if (!(await accepts(port))) return false;
  const connection = await Connection.connect({ address: `${HOST}:${port}`, connectTimeout: 5000 });
  try {
    await connection.workflowService.describeNamespace({ namespace: 'default' });
    return true;
  } finally {
    await connection.close();
  }
}
