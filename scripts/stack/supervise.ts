import { setTimeout as sleep } from 'node:timers/promises';

/** Something that runs and may die. */
export interface Running {
  exited: Promise<string>;
  stop: () => Promise<void>;
}

export interface Supervision<T extends Running> {
  start: (signal: AbortSignal) => Promise<T>;
  /** Told of each death and each new start. */
  log: (line: string) => void;
  /** Breaks off the first start. */
  signal?: AbortSignal;
  /** Waits before the first, second, ... new start in a row, in ms. Default 1, 2, 5, then always 10 s. */
  backOff?: readonly number[];
}

export interface Supervised<T> {
  /** What the first start has given. */
  first: T;
  stop: () => Promise<void>;
}

const BACK_OFF = [1000, 2000, 5000, 10_000] as const;
const STEADY = 30_000; // ms after which a death counts as the first in a row again

/**
 * Starts it and, whenever it has died, starts it again until it is stopped.
 * @throws when the first start fails
 */
export async function supervise<T extends Running>(supervision: Supervision<T>): Promise<Supervised<T>> {
  const { log, signal, start } = supervision;
  const ending = new AbortController();
  const first = await start(signal ? AbortSignal.any([signal, ending.signal]) : ending.signal);
  let current: Running = first;
  const kept = keep();

  async function keep(): Promise<void> {
    for (let deaths = 0; !ending.signal.aborted; deaths++) {
      const begun = Date.now();
      const how = await current.exited;
      if (ending.signal.aborted) return;
      if (Date.now() - begun > STEADY) deaths = 0;
      deaths = await revive(`it has ended with ${how}`, deaths);
    }
  }

  /** Tries until it runs again; returns how many deaths and failed starts there were in a row. */
  async function revive(why: string, deaths: number): Promise<number> {
    const wait = waitAfter(deaths, supervision.backOff ?? BACK_OFF);
    log(`${why}; starting it again in ${wait / 1000} s`);
    try {
      await sleep(wait, undefined, { signal: ending.signal });
      current = await start(ending.signal);
      log('it runs again');
      return deaths;
    } catch (error) {
      return ending.signal.aborted ? deaths : revive((error as Error).message, deaths + 1);
    }
  }

  const stop = async (): Promise<void> => {
    ending.abort();
    await current.stop();
    await kept; // a start that was under way is over by then
    await current.stop();
  };
  return { first, stop };
}

const waitAfter = (deaths: number, backOff: readonly number[]): number =>
  backOff[Math.min(deaths, backOff.length - 1)] ?? 0;
