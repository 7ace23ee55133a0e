import { fileURLToPath } from 'node:url';
import { type Child, spawnChild } from '../servers/child.js';
import { untilReady } from '../servers/until.js';

const DEADLINE = 90_000; // ms for a program of ours to be ready; the worker bundles its workflows first

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A program of ours as arguments for node. */
export type Program = readonly string[];

export interface ProgramOptions {
  /** For people: `API`. */
  title: string;
  program: Program;
  env: NodeJS.ProcessEnv;
  log: (line: string) => void;
  /** Addresses that answer 2xx once it is ready, asked one after the other. */
  healthy?: string[];
  /** Text that it prints once it is ready. */
  says?: string;
  signal?: AbortSignal;
}

/** @throws with its last words when it ends early or is not ready in time */
export async function startProgram(options: ProgramOptions): Promise<Child> {
  const { env, healthy = [], log, program, says, signal, title } = options;
  let said = says === undefined;
  const onLine = (line: string) => {
    if (says !== undefined && line.includes(says)) said = true;
    log(line);
  };
  const child = spawnChild({ command: process.execPath, args: program, cwd: root, env, onLine });
  const isReady = async () => said && (await answersAll(healthy));
  await untilReady(isReady, { what: `${title} is ready`, child, deadline: DEADLINE, every: 100, signal });
  return child;
}

/** @throws with its last words when it fails */
export async function runProgram({ env, log, program, signal, title }: ProgramOptions): Promise<void> {
  const child = spawnChild({ command: process.execPath, args: program, cwd: root, env, onLine: log });
  const stop = () => void child.stop();
  signal?.addEventListener('abort', stop);
  const end = await child.exited;
  signal?.removeEventListener('abort', stop);
  signal?.throwIfAborted();
  if (end !== 'exit code 0') throw new Error(`${title} has failed with ${end}; its last words:\n${child.tail()}`);
}

async function answersAll(urls: string[]): Promise<true> {
  for (const url of urls) {
    const reply = await fetch(url, { signal: AbortSignal.timeout(5000) });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${url} answers ${reply.status} ${text.slice(0, 300)}`);
  }
  return true;
}
