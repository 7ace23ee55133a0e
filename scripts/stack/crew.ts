import type { Log } from './log.js';
import { type Running, type Supervised, supervise } from './supervise.js';

type Member = 'postgres' | 'temporal' | 'simulator' | 'worker' | 'api';

// Whoever asks goes before whoever answers.
const STOP_ORDER: readonly (readonly Member[])[] = [['api', 'worker'], ['simulator'], ['temporal'], ['postgres']];

export interface CrewOptions {
  log?: Log;
  onStep?: (step: string, ms: number) => void;
  signal?: AbortSignal;
}

/** Everything that runs, kept running until it is stopped in order. */
export interface Crew {
  /** Aborted when the start is to be broken off. */
  readonly signal: AbortSignal;
  readonly logOf: (source: string) => (line: string) => void;
  readonly step: <T>(step: string, run: () => Promise<T>) => Promise<T>;
  readonly add: <T extends Running>(name: Member, start: (signal: AbortSignal) => Promise<T>) => Promise<T>;
  /** Like Promise.all; when one fails the others are broken off, and none is under way any more when it rejects. */
  readonly together: <T extends readonly unknown[]>(jobs: { [K in keyof T]: Promise<T[K]> }) => Promise<T>;
  readonly stop: () => Promise<void>;
}

export function createCrew({ log, onStep, signal: outer }: CrewOptions): Crew {
  const members = new Map<Member, Supervised<Running>>();
  const failing = new AbortController();
  const signal = outer ? AbortSignal.any([outer, failing.signal]) : failing.signal;
  const logOf = (source: string) => (line: string) => log?.(source, line);

  return {
    signal,
    logOf,
    async step(step, run) {
      signal.throwIfAborted();
      const begun = Date.now();
      const result = await run();
      onStep?.(step, Date.now() - begun);
      return result;
    },
    async add(name, start) {
      const supervised = await supervise({ start, log: logOf(name), signal });
      members.set(name, supervised);
      return supervised.first;
    },
    async together<T extends readonly unknown[]>(jobs: { [K in keyof T]: Promise<T[K]> }) {
      try {
        return (await Promise.all(jobs)) as unknown as T;
      } catch (error) {
        failing.abort();
        await Promise.allSettled(jobs);
        throw error;
      }
    },
    async stop() {
      for (const names of STOP_ORDER) await Promise.all(names.map(async (name) => members.get(name)?.stop()));
    },
  };
}
