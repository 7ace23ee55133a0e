// From a JSON Schema to values that it allows, its edges among them.
import { fc } from '@fast-check/vitest';
import type { Schema } from './description.js';

export interface Lore {
  defs: Readonly<Record<string, Schema>>;
  /** Ids that exist, by the name of the field or parameter that takes them, or by operation and parameter of a path. */
  known: Readonly<Record<string, readonly string[]>>;
}

/** @param name of the field or parameter that takes the value */
export function valuesOf(schema: Schema, lore: Lore, name = ''): fc.Arbitrary<unknown> {
  const { $ref, nullable, type, ...rest } = schema;
  const inside = (part: Schema) => valuesOf(part, lore, name);
  if ($ref !== undefined) return fc.constant($ref).chain((ref) => inside(lore.defs[ref.replace('#/$defs/', '')] ?? {}));
  if (nullable === true) return fc.option(inside({ ...rest, ...(type !== undefined && { type }) }), { nil: null });
  if (Array.isArray(type)) return fc.oneof(...type.map((one) => inside({ ...rest, type: one })));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const either = schema.anyOf ?? schema.oneOf;
  if (either !== undefined) return fc.oneof(...either.map(inside));
  if (schema.allOf !== undefined)
    return fc.tuple(...schema.allOf.map(inside)).map((parts) => Object.assign({}, ...parts) as unknown);
  switch (type) {
    case 'object':
      return objectsOf(schema, lore);
    case 'array':
      return arraysOf(schema, lore, name.replace(/s$/, ''));
    case 'string':
      return textsOf(schema, lore.known[name] ?? []);
    case 'integer':
    case 'number':
      return numbersOf(schema, type);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue();
  }
}

function objectsOf({ properties = {}, required = [], additionalProperties }: Schema, lore: Lore): fc.Arbitrary<object> {
  const fields = Object.entries(properties).map(([name, field]) => [name, valuesOf(field, lore, name)] as const);
  const declared = fc.record(Object.fromEntries(fields), { requiredKeys: required });
  if (typeof additionalProperties !== 'object') return declared;
  const others = fc.dictionary(fc.string({ maxLength: 8 }), valuesOf(additionalProperties, lore), { maxKeys: 4 });
  return fc.tuple(others, declared).map(([more, object]) => ({ ...more, ...object }));
}

const SOME_ITEMS = 4;

function arraysOf({ items = {}, minItems = 0, maxItems = Infinity }: Schema, lore: Lore, name: string) {
  const values = valuesOf(items, lore, name);
  const some = fc.array(values, { minLength: minItems, maxLength: Math.min(maxItems, minItems + SOME_ITEMS) });
  return maxItems > 1000
    ? some
    : fc.oneof(
        { weight: 15, arbitrary: some },
        { weight: 1, arbitrary: values.map((one) => Array<unknown>(maxItems).fill(one)) },
      );
}

const SOME_CHARACTERS = 30;

function textsOf(schema: Schema, known: readonly string[]): fc.Arbitrary<string> {
  const fitting = schema.format === undefined ? freeTextsOf(schema) : formattedTexts(schema.format);
  return known.length === 0
    ? fitting
    : fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: fitting });
}

function freeTextsOf({ pattern, minLength = 0, maxLength = 1000 }: Schema): fc.Arbitrary<string> {
  const form = pattern === undefined ? undefined : new RegExp(pattern);
  const bound = Math.min(maxLength, minLength + SOME_CHARACTERS);
  const short =
    form === undefined
      ? fc.string({ unit: 'grapheme', minLength, maxLength: bound }).filter((text) => text.length <= maxLength)
      : fc.stringMatching(form, { maxLength: bound }).filter((text) => text.length >= minLength);
  const longest = 'x'.repeat(maxLength);
  if (form !== undefined && !form.test(longest)) return short;
  return fc.oneof({ weight: 15, arbitrary: short }, { weight: 1, arbitrary: fc.constant(longest) });
}

// What RFC 3339 allows at its edges. Not every calendar has the year 0 and the year 10,000 in UTC; no place is more than
// 14 hours from it.
const EDGE_INSTANTS = [
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00+23:59',
  '1969-12-31T23:59:59.999Z',
  '2024-02-29T23:59:59.123456789+14:00',
  '2026-11-24T09:13:00+16:00',
  '9999-12-31T23:59:59.999Z',
  '9999-12-31T23:59:59-23:59',
];

function formattedTexts(format: string): fc.Arbitrary<string> {
  switch (format) {
    case 'date-time':
      return fc.oneof(
        fc.constantFrom(...EDGE_INSTANTS),
        fc
          .date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
          .map((date) => date.toISOString()),
      );
    case 'uri': // of hosts that nobody has, so that nothing leaves this machine
      return fc
        .tuple(fc.constantFrom('http://127.0.0.1:9', 'https://nobody.invalid', 'http://[::1]:9'), fc.webPath())
        .map(([host, path]) => `${host}${path}`);
    case 'uuid':
    case 'guid':
      return fc.uuid();
    case 'email':
      return fc.emailAddress();
    default:
      return fc.string();
  }
}

function numbersOf(schema: Schema, type: 'integer' | 'number'): fc.Arbitrary<number> {
  const step = type === 'integer' ? 1 : Number.EPSILON;
  const { exclusiveMinimum, exclusiveMaximum } = schema;
  const min = schema.minimum ?? (exclusiveMinimum === undefined ? Number.MIN_SAFE_INTEGER : exclusiveMinimum + step);
  const max = schema.maximum ?? (exclusiveMaximum === undefined ? Number.MAX_SAFE_INTEGER : exclusiveMaximum - step);
  const between = type === 'integer' ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true });
  return fc.oneof({ weight: 4, arbitrary: between }, { weight: 1, arbitrary: fc.constantFrom(min, max) });
}

/** Every bound that the schema names: lengths, counts and limits. */
export function boundsIn(schema: unknown): number[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.values(schema).flatMap((part: unknown) => (typeof part === 'number' ? [part] : boundsIn(part)));
}
