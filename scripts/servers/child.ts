import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { guarded } from '../guard.mjs';

const GRACE = 10_000; // ms between the request to stop and SIGKILL
const TAIL = 15; // lines kept to explain a failure

export interface ChildOptions {
  command: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  uid?: number;
  gid?: number;
  /** What asks it to stop; default SIGTERM. */
  endWith?: NodeJS.Signals;
  onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
}

/** A program that ends with us, however we end. */
export interface Child {
  readonly pid: number;
  /** How it ended, in words: `exit code 1`, `signal SIGKILL`. Never rejects. */
  readonly exited: Promise<string>;
  /** Whether it still runs. */
  readonly alive: () => boolean;
  /** The last lines it wrote. */
  readonly tail: () => string;
  /** Asks it to stop, kills it and its group after 10 s, and returns once it is gone. */
  readonly stop: () => Promise<void>;
}

/** @throws when the shell itself cannot be started; a command that is not there is an early exit with code 127 */
export function spawnChild(options: ChildOptions): Child {
  const { args, command, cwd = process.cwd(), endWith = 'SIGTERM', env = process.env, gid, uid } = options;
  const identity = uid === undefined || gid === undefined ? {} : { uid, gid };
  const [shell, shellArgs] = guarded(command, args, endWith);
  const child = spawn(shell, shellArgs, {
    cwd,
    env,
    ...identity,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`no shell to start ${command} with`);

  const lines: string[] = [];
  readLines(child, (line, stream) => {
    lines.splice(0, Math.max(0, lines.push(line) - TAIL));
    options.onLine?.(line, stream);
  });
  let running = true;
  const exited = endOf(child).finally(() => (running = false));
  const stop = async () => {
    if (running) child.kill(endWith);
    const gone = await Promise.race([exited, sleep(GRACE, undefined, { ref: false })]);
    if (gone === undefined) killGroup(pid);
    await exited;
  };
  return { pid, exited, alive: () => running, tail: () => lines.join('\n'), stop };
}

type OnLine = NonNullable<ChildOptions['onLine']>;

function readLines({ stdio }: ChildProcess, onLine: OnLine): void {
  createInterface(stdio[1] as Readable).on('line', (line) => onLine(line, 'stdout'));
  createInterface(stdio[2] as Readable).on('line', (line) => onLine(line, 'stderr'));
}

/** Waits for its last words too, but not for a grandchild that keeps them open. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      child.stdio[3]?.destroy(); // the watcher may go
      const told = () => resolve(signal ? `signal ${signal}` : `exit code ${code}`);
      child.once('close', told);
      setTimeout(told, 300);
    });
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it has just ended
  }
}
