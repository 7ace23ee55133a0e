// Many rounds of one race, some at a time, and how often each of the ways in which it can go was met.
import { setTimeout as pause } from 'node:timers/promises';
import { caseOf, complaintsIn } from './check.js';
import type { Evidence } from './evidence.js';
import { inLanes } from './lanes.js';
import type { OperationLog } from './log.js';

/** So many rounds of each race; a run with fewer shows less. */
export const ROUNDS = Number(process.env['RACE_ROUNDS'] ?? 200);

/** Numbers from 0 to 1 that are the same in every run. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An offset between two who race, not a wait for something. */
export const later = async <T>(ms: number, act: () => Promise<T>): Promise<T> => {
  await pause(ms);
  return act();
};

export interface Gate {
  opened: Promise<void>;
  open: () => void;
}

export function createGate(): Gate {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** @param round is given its place and a source of numbers of its own */
export async function inRounds(
  count: number,
  atOnce: number,
  round: (index: number, random: () => number) => Promise<void>,
): Promise<void> {
  const indices = Array.from({ length: count }, (_, index) => index);
  await inLanes(indices, atOnce, (index) => round(index, randomFrom(index + 1)));
}

export interface Tally {
  count(way: string): void;
  of(way: string): number;
  table(): Record<string, number>;
}

/** @param ways all that there are: another one is an error */
export function createTally(ways: readonly string[]): Tally {
  const counts = new Map(ways.map((way) => [way, 0]));
  const of = (way: string) => {
    const found = counts.get(way);
    if (found === undefined) throw new Error(`a way that nobody has thought of: ${way}`);
    return found;
  };
  return { of, count: (way) => void counts.set(way, of(way) + 1), table: () => Object.fromEntries(counts) };
}

/** What the checker says, and what was seen of each client. */
export function judge({ operations }: OperationLog, clients: ReadonlySet<string>, evidence: Evidence, lag?: number) {
  const cases = [...clients].map((clientId) => caseOf(operations, evidence, clientId, lag));
  const judged = cases.map((seen) => ({ seen, complaints: complaintsIn(seen) }));
  const worst = judged.find(({ complaints }) => complaints.length > 0);
  if (worst !== undefined) console.log(JSON.stringify(worst.seen, null, 1)); // for whoever looks for the cause
  return { cases, complaints: judged.flatMap(({ complaints }) => complaints) };
}
