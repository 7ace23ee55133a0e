import { spawnChild } from './child.js';

const REPORT = 10_000; // ms between two lines

export const say = (line: string): void => void process.stderr.write(`[servers] ${line}\n`);

/**
 * Says that a long step begins, every ten seconds that it goes on, and how it ended.
 * @param expected how long it usually takes: `about 3 minutes`
 */
export async function withProgress<T>(step: string, expected: string, run: () => Promise<T>): Promise<T> {
  const begun = Date.now();
  const seconds = () => `${Math.round((Date.now() - begun) / 1000)} s`;
  say(`${step}, ${expected}`);
  const ticker = setInterval(() => say(`${step}: still at it, ${seconds()}`), REPORT);
  try {
    const result = await run();
    say(`${step}: done in ${seconds()}`);
    return result;
  } catch (error) {
    say(`${step}: failed after ${seconds()}`);
    throw error;
  } finally {
    clearInterval(ticker);
  }
}

export interface RunOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  uid?: number;
  gid?: number;
  /** ms; then it is ended and counts as failed. */
  limit: number;
}

/**
 * Runs a program to its end and returns what it wrote last, at most 15 lines.
 * @throws with these lines when it fails or takes too long
 */
export async function runToEnd(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { limit, ...rest } = options;
  const child = spawnChild({ command, args, ...rest });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    void child.stop();
  }, limit);
  const end = await child.exited;
  clearTimeout(timer);
  if (late) throw new Error(`no result within ${limit / 1000} s`);
  if (end !== 'exit code 0') throw new Error(`${end}: ${child.tail() || 'it wrote nothing'}`);
  return child.tail();
}
