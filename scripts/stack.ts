import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { tryLock } from './lock.mjs';
import { type Addresses, addressesOf, removeAddresses, writeAddresses } from './stack/addresses.js';
import { type Crew, createCrew } from './stack/crew.js';
import { environmentFor } from './stack/environment.js';
import type { Log } from './stack/log.js';
import { neededPorts, startPrograms, startServers } from './stack/members.js';
import { payloadKeys } from './stack/payload-keys.js';
import { planPorts, type Ports, requireFree } from './stack/port-plan.js';
import { type Program, runProgram } from './stack/program.js';

/** The programs of ours that a stack runs, as arguments for node. */
export interface Programs {
  migrate: Program;
  simulator: Program;
  worker: Program;
  api: Program;
}

const ours = (file: string): Program => ['--import', 'tsx', file];
const PROGRAMS: Programs = {
  migrate: ours('scripts/migrate.ts'),
  simulator: ours('simulator/main.ts'),
  worker: ours('worker/main.ts'),
  api: ours('api/main.ts'),
};

export interface StackOptions {
  /** Where the state lives; made if need be. One stack at a time. */
  dataDir: string;
  /** `auto` takes free ones. Default: the usual ones, save those given. */
  ports?: 'auto' | Partial<Ports>;
  /** `false` for state that is thrown away: PostgreSQL does not wait for the disk, Temporal uses none. Default true. */
  durable?: boolean;
  /** Takes what the processes write. Default: nobody. */
  log?: Log;
  /** Told of each step that is done, with the ms it took. */
  onStep?: (step: string, ms: number) => void;
  /** Breaks off the start; what has begun is stopped before startStack rejects. */
  signal?: AbortSignal;
  programs?: Partial<Programs>;
}

export interface Stack {
  addresses: Addresses;
  payloadKeys: string;
  /** Stops everything in order and returns once nothing is left running. */
  stop: () => Promise<void>;
}

/**
 * Starts everything that the service needs, on this machine, and keeps it running. `DATABASE_URL` and
 * `TEMPORAL_ADDRESS`, if set, name servers that are used instead of our own.
 * @throws when a port is taken, another stack uses the folder, or anything does not come up; nothing is left running
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const dataDir = resolve(options.dataDir);
  await mkdir(dataDir, { recursive: true });
  const release = lockFolder(dataDir);
  const crew = createCrew(options);
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= removeAddresses(dataDir).then(crew.stop).finally(release));
  try {
    return { ...(await bringUp(crew, { ...options, dataDir })), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function lockFolder(dataDir: string): () => void {
  const lock = tryLock(join(dataDir, 'lock'));
  if (lock.release) return lock.release;
  throw new Error(
    `${dataDir} is in use by process ${lock.holder}, which has been started already: stop that one, ` +
      'or take another folder with --data DIR and other ports with --ports auto.',
  );
}

async function bringUp(crew: Crew, options: StackOptions): Promise<Omit<Stack, 'stop'>> {
  const { dataDir } = options;
  const ports = await planPorts(options.ports ?? {});
  const wasCutShort = await removeAddresses(dataDir);
  // What a killed run has left behind ends by itself, within ten seconds.
  await requireFree(ports, neededPorts(), wasCutShort ? 15_000 : 1000);

  const servers = await startServers(crew, { dataDir, ports, durable: options.durable ?? true });
  const addresses = addressesOf(ports, servers);
  const keys = process.env['PAYLOAD_KEYS'] || (await payloadKeys(dataDir));
  const env = environmentFor({ ports, addresses, payloadKeys: keys });
  const programs = { ...PROGRAMS, ...options.programs };
  await crew.step('tables and search attributes', () =>
    runProgram({ title: 'migrate', program: programs.migrate, env, log: crew.logOf('migrate'), signal: crew.signal }),
  );
  await startPrograms(crew, { programs, env, addresses });
  await writeAddresses(dataDir, addresses);
  return { addresses, payloadKeys: keys };
}
