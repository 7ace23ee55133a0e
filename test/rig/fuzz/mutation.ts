// A value with one thing about it changed, somewhere inside.
import { fc } from '@fast-check/vitest';
import { HOSTILE_ENDINGS, HOSTILE_KEYS, HOSTILE_NUMBERS, HOSTILE_STRUCTURES, HOSTILE_TEXTS } from './hostile.js';

type Change =
  | { kind: 'drop' }
  | { kind: 'set'; value: unknown }
  | { kind: 'add'; key: string; value: unknown }
  /** What is a text gets longer by these characters and stays what it looks like. */
  | { kind: 'spoil'; ending: string };

/** @param bounds that lengths, counts and numbers inside must not exceed */
export function mutationsOf(value: unknown, bounds: readonly number[]): fc.Arbitrary<unknown> {
  return fc
    .tuple(fc.constantFrom(...pathsIn(value)), changes(bounds))
    .map(([path, change]) => changed(value, path, change));
}

function changes(bounds: readonly number[]): fc.Arbitrary<Change> {
  const beyond = bounds.flatMap((bound) => [bound - 1, bound, bound + 1]);
  const lengths = beyond.filter((length) => length > 0 && length <= LONGEST);
  const long = fc.constantFrom(...lengths, LONGEST).map((length) => 'x'.repeat(length));
  const hostile = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...HOSTILE_TEXTS) },
    { weight: 1, arbitrary: long },
    { weight: 2, arbitrary: fc.constantFrom(...HOSTILE_NUMBERS, ...beyond) },
    { weight: 2, arbitrary: fc.constantFrom(...HOSTILE_STRUCTURES) },
  );
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant<Change>({ kind: 'drop' }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('set' as const), value: hostile }) },
    { weight: 3, arbitrary: fc.constantFrom(...HOSTILE_ENDINGS.map((ending): Change => ({ kind: 'spoil', ending }))) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('add' as const),
        key: fc.constantFrom(...HOSTILE_KEYS),
        value: hostile,
      }),
    },
  );
}

const LONGEST = 210_000; // characters

type Path = readonly string[];

function pathsIn(value: unknown): Path[] {
  const parts = typeof value === 'object' && value !== null ? Object.entries(value).slice(0, 50) : [];
  return [[], ...parts.flatMap(([key, part]) => pathsIn(part).map((path) => [key, ...path]))];
}

function changed(value: unknown, [key, ...rest]: Path, change: Change): unknown {
  if (key === undefined) return atPlace(value, change);
  const parts = Object.entries(value as object).flatMap(([name, part]): [string, unknown][] => {
    if (name !== key) return [[name, part]];
    return change.kind === 'drop' && rest.length === 0 ? [] : [[name, changed(part, rest, change)]];
  });
  return Array.isArray(value) ? parts.map(([, part]) => part) : Object.fromEntries(parts);
}

function atPlace(value: unknown, change: Change): unknown {
  switch (change.kind) {
    case 'drop':
      return undefined;
    case 'set':
      return change.value;
    case 'spoil':
      return typeof value === 'string' ? value + change.ending : change.ending;
    case 'add':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries([...Object.entries(value), [change.key, change.value]])
        : [value, change.value];
  }
}
