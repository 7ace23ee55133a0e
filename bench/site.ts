// Everything that is measured, on one set of servers: the whole service, and the bare workflow's worker beside it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { ChatCenter } from '../client/index.js';
import { fillDemoDirectory } from '../scripts/demo-directory.js';
import { type Program, startProgram } from '../scripts/stack/program.js';
import { startStack } from '../scripts/stack.js';
import { type Database, openDatabase } from '../store/database.js';
import { createTokenStore } from '../store/token.js';
import { type Receipts, setReceipts } from './receipts.js';

export interface Site {
  /** As a backend system. */
  crm: ChatCenter;
  temporal: Client;
  temporalAddress: string;
  database: Database;
}

export interface SiteOptions {
  /** Whether PostgreSQL waits for the disk. */
  durable: boolean;
  receipts: Receipts;
  /** Where worker and API leave CPU profiles. */
  profileDir?: string | undefined;
  signal: AbortSignal;
}

/** Takes what must be undone at the end; the last goes first. */
type AtEnd = (undo: () => Promise<unknown>) => void;

/** On throw-away data; nothing is left, however the work ends. */
export async function onSite(options: SiteOptions, work: (site: Site) => Promise<void>): Promise<void> {
  const undone: (() => Promise<unknown>)[] = [];
  try {
    await work(await openSite(options, (undo) => undone.push(undo)));
  } finally {
    for (const undo of undone.toReversed()) await undo();
  }
}

async function openSite({ durable, profileDir, receipts, signal }: SiteOptions, atEnd: AtEnd): Promise<Site> {
  const dataDir = await mkdtemp(join(tmpdir(), 'outgoing-bench-'));
  atEnd(() => rm(dataDir, { recursive: true, force: true }));
  const programs = profileDir === undefined ? {} : profiled(profileDir);
  const stack = await startStack({ dataDir, ports: 'auto', durable, signal, programs });
  atEnd(stack.stop);

  const { addresses } = stack;
  const bareWorker = await startBareWorker(addresses.temporal, signal);
  atEnd(bareWorker.stop);
  await fillDemoDirectory(addresses);
  await setReceipts(addresses.simulator, receipts);

  const database = openDatabase(addresses.database, 2, () => {});
  atEnd(() => database.destroy());
  const token = await createTokenStore(database).create({ role: 'integrator', name: 'benchmark' });
  // Not closed: a call that is still repeated when we are broken off would throw where nobody can catch it.
  const connection = await Connection.connect({ address: addresses.temporal });
  return {
    crm: new ChatCenter({ baseUrl: addresses.api, token }),
    temporal: new Client({ connection }),
    temporalAddress: addresses.temporal,
    database,
  };
}

const profiled = (dir: string): { worker: Program; api: Program } => ({
  worker: ['--cpu-prof', `--cpu-prof-dir=${join(dir, 'worker')}`, '--import', 'tsx', 'worker/main.ts'],
  api: ['--cpu-prof', `--cpu-prof-dir=${join(dir, 'api')}`, '--import', 'tsx', 'api/main.ts'],
});

const startBareWorker = (address: string, signal: AbortSignal) =>
  startProgram({
    title: 'bare worker',
    program: ['--import', 'tsx', 'bench/bare-worker.ts'],
    env: { ...process.env, TEMPORAL_ADDRESS: address },
    log: () => {},
    says: 'bare worker ready',
    signal,
  });
