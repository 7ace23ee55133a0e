import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from './child.js';

export interface UntilOptions {
  /** What is waited for, for the message: `the API answers`. */
  what: string;
  /** ms; at least one attempt is made. */
  deadline: number;
  /** ms between two attempts; default 50. */
  every?: number;
  signal?: AbortSignal | undefined;
}

/**
 * Asks until the answer is neither `undefined` nor `false`.
 * @throws once the deadline has passed, with what the last attempt threw as its cause, or when the signal is aborted
 */
export async function until<T>(ask: () => Promise<T> | T, options: UntilOptions): Promise<NonNullable<T>> {
  const end = Date.now() + options.deadline;
  for (;;) {
    options.signal?.throwIfAborted();
    const { answer, error } = await attempt(ask);
    if (answer !== undefined && answer !== null && answer !== false) return answer;
    if (Date.now() >= end)
      throw new Error(`${options.what}: not within ${options.deadline / 1000} s`, { cause: error });
    await sleep(options.every ?? 50);
  }
}

/**
 * Waits for a program that has just been started to be of use, and stops it when it is not.
 * @throws with its last words when it ends early or the deadline passes
 */
export async function untilReady<T>(
  ask: () => Promise<T> | T,
  { child, ...options }: UntilOptions & { child: Child },
): Promise<void> {
  try {
    await until(() => !child.alive() || ask(), options);
    if (!child.alive()) throw new Error(`${options.what}: it has ended with ${await child.exited}`);
  } catch (error) {
    await child.stop();
    const words = child.tail() && `; its last words:\n${child.tail()}`;
    throw new Error(`${(error as Error).message}${words}`, { cause: error });
  }
}

async function attempt<T>(ask: () => Promise<T> | T): Promise<{ answer?: T; error?: unknown }> {
  try {
    return { answer: await ask() };
  } catch (error) {
    return { error };
  }
}
