import { accessSync, constants, rmSync, statSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { waitForLock } from '../lock.mjs';
import { say } from './progress.js';

/** A server program that other people make, and every way to come by it. */
export interface ServerBinary {
  /** For people: `the Temporal dev server`. */
  title: string;
  /** Its file name on PATH and in the cache. */
  file: string;
  /** The environment variable that names it. */
  variable: string;
  /** Why this executable will not do; nothing when it will. */
  objection: (path: string) => Promise<string | undefined>;
  /** Ways to make it when it is nowhere, in order; each leaves `file` in the work folder or throws. */
  makers: Maker[];
  /** What a person can do when nothing works, one line each. */
  advice: string[];
}

export interface Maker {
  /** `go install`, for the list of what was tried. */
  name: string;
  make: (place: Workplace) => Promise<void>;
}

export interface Workplace {
  /** An empty folder of this maker's own; what it leaves under `file` is moved into the cache. */
  work: string;
  cache: string;
}

interface Trial {
  source: string;
  result: string;
}

/** Per user and outside the checkout, so that a fresh clone finds it. */
function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'outgoing-messages');
}

/**
 * The path of a usable executable: environment variable, PATH, cache, then whatever makes one.
 * @throws when the variable names something unusable, and when every way has failed, listing them all
 */
export async function resolveBinary(binary: ServerBinary): Promise<string> {
  const explicit = process.env[binary.variable];
  if (explicit) return requireUsable(binary, explicit);

  const trials: Trial[] = [{ source: binary.variable, result: 'not set' }];
  const found = (await findOnPath(binary, trials)) ?? (await findInCache(binary, trials));
  return found ?? make(binary, trials);
}

async function requireUsable(binary: ServerBinary, path: string): Promise<string> {
  const objection = await objectionTo(binary, path);
  if (objection === undefined) return path;
  throw new Error(
    `${binary.variable}=${path} cannot be used: ${objection}. Correct it, or unset it to have ${binary.title} found.`,
  );
}

async function findOnPath(binary: ServerBinary, trials: Trial[]): Promise<string | undefined> {
  const path = onPath(binary.file);
  if (path === undefined) return void trials.push({ source: 'PATH', result: `no ${binary.file} on it` });
  const objection = await objectionTo(binary, path);
  if (objection === undefined) return path;
  say(`${path} is passed over: ${objection}`);
  return void trials.push({ source: 'PATH', result: `${path}: ${objection}` });
}

async function findInCache(binary: ServerBinary, trials: Trial[]): Promise<string | undefined> {
  const path = join(cacheFolder(), binary.file);
  const objection = await objectionTo(binary, path);
  if (objection === undefined) return path;
  return void trials.push({ source: 'cache', result: `${path}: ${objection}` });
}

/** One process makes it, the others wait and take what it has made. */
async function make(binary: ServerBinary, trials: Trial[]): Promise<string> {
  const cache = cacheFolder();
  const lock = join(cache, `${binary.file}.lock`);
  const release = await waitForLock(lock, (pid) => say(`process ${pid} is getting ${binary.title}, waiting for it`));
  try {
    return (await findInCache(binary, [])) ?? (await tryMakers(binary, trials, cache));
  } finally {
    release();
  }
}

async function tryMakers(binary: ServerBinary, trials: Trial[], cache: string): Promise<string> {
  const work = join(cache, `${binary.file}.work`);
  for (const { name, make: run } of binary.makers) {
    try {
      rmSync(work, { recursive: true, force: true });
      await mkdir(work, { recursive: true });
      await run({ work, cache });
      await rename(join(work, binary.file), join(cache, binary.file));
      return await requireMade(binary, join(cache, binary.file));
    } catch (error) {
      trials.push({ source: name, result: (error as Error).message });
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
  throw new Error(failureOf(binary, trials));
}

async function requireMade(binary: ServerBinary, path: string): Promise<string> {
  const objection = await objectionTo(binary, path);
  if (objection !== undefined) throw new Error(`${path}: ${objection}`);
  return path;
}

async function objectionTo(binary: ServerBinary, path: string): Promise<string | undefined> {
  try {
    if (!statSync(path).isFile()) return 'not a file';
  } catch {
    return 'not there';
  }
  return isExecutable(path) ? binary.objection(path) : 'not executable';
}

/** The first executable of that name, as a shell would take it. */
export function onPath(file: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, file)).find((path) => isExecutable(path) && statSync(path).isFile());
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function failureOf(binary: ServerBinary, trials: Trial[]): string {
  const width = Math.max(...trials.map(({ source }) => source.length));
  const tried = trials.map(({ source, result }) => `  ${source.padEnd(width)}  ${result.replaceAll('\n', '\n    ')}`);
  const ways = binary.advice.map((line) => `  - ${line}`);
  return [`${binary.title} could not be had. Tried, in this order:`, ...tried, 'What you can do:', ...ways].join('\n');
}
