// Requests to one operation, made from its description: mostly what it asks for, with one thing wrong in many of them.
import { fc } from '@fast-check/vitest';
import { ACCESS } from '../../../api/access.js';
import type { Role } from '../../../store/token.js';
import type { Operation, Parameter, Schema } from './description.js';
import {
  encoded,
  HOSTILE_ENDINGS,
  HOSTILE_HEADERS,
  HOSTILE_QUERIES,
  HOSTILE_SEGMENTS,
  MALFORMED_JSON,
  WRONG_CONTENT_TYPES,
} from './hostile.js';
import { mutationsOf } from './mutation.js';
import { boundsIn, type Lore, valuesOf } from './schema.js';
import { hostileUploads, usualUploads } from './upload.js';

export type Caller = Role | 'nobody';

export interface Request {
  caller: Caller;
  method: string;
  /** As it goes over the wire, with the query. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body?: Body;
}

interface Body {
  contentType?: string | undefined;
  bytes: Buffer;
}

export interface Knowledge extends Lore {
  /** Bodies that the operation takes, by its key. */
  usual: Readonly<Record<string, readonly unknown[]>>;
}

export function requestsTo(operation: Operation, knowledge: Knowledge): fc.Arbitrary<Request> {
  return fc
    .record({
      caller: callersOf(operation),
      path: fc.tuple(pathsOf(operation, knowledge), queriesOf(operation, knowledge)).map((parts) => parts.join('')),
      headers: headersOf(operation),
      body: fc.option(bodiesOf(operation, knowledge), { nil: undefined, freq: 40 }),
    })
    .map(({ body, ...rest }) => ({ method: operation.method, ...rest, ...(body && operation.body && { body }) }));
}

const ROLES: readonly Role[] = ['integrator', 'agent', 'supervisor', 'operator'];

export const rolesOf = ({ key }: Operation): readonly Role[] => (ACCESS as Record<string, readonly Role[]>)[key] ?? [];

const callersOf = (operation: Operation): fc.Arbitrary<Caller> =>
  fc.oneof(
    { weight: 10, arbitrary: fc.constantFrom(...rolesOf(operation)) },
    { weight: 1, arbitrary: fc.constantFrom<Caller>(...ROLES, 'nobody') },
  );

/** Ids that requests themselves give and take, so that what the chat center was filled with stays. */
const OWN_IDS = ['fuzz-0', 'fuzz-1', 'fuzz-2', 'fuzz-3'];

function pathsOf({ key, method, path, parameters }: Operation, lore: Lore): fc.Arbitrary<string> {
  const isWritten = method === 'put' || method === 'delete';
  const lastName = path.match(/\{(\w+)\}(?!.*\{)/)?.[1];
  const segments = path.split('/').map((segment) => {
    const name = segment.match(/^\{(.*)\}$/)?.[1];
    const parameter = parameters.find((one) => one.in === 'path' && one.name === name);
    if (parameter === undefined) return fc.constant(segment);
    const own = lore.known[`${key} ${parameter.name}`];
    const known = own ?? (isWritten && name === lastName ? [] : (lore.known[parameter.name] ?? []));
    // A POST acts on what is known alone: on what was put, a provider anywhere might be asked.
    const ids = [known, method === 'post' ? [] : OWN_IDS].filter((some) => some.length > 0);
    return segmentsOf(parameter, ids);
  });
  return fc.tuple(...segments).map((parts) => parts.join('/'));
}

const segmentsOf = ({ schema }: Parameter, ids: readonly (readonly string[])[]): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 12, arbitrary: fc.oneof(...ids.map((some) => fc.constantFrom(...some))) },
    { weight: 1, arbitrary: valuesOf(schema, { defs: {}, known: {} }).map(String) },
    { weight: 2, arbitrary: fc.constantFrom(...HOSTILE_SEGMENTS) },
  );

function queriesOf({ parameters }: Operation, lore: Lore): fc.Arbitrary<string> {
  const pairs = parameters
    .filter((parameter) => parameter.in === 'query')
    .map(({ name, schema }) => fc.option(pairsOf(name, valuesOf(schema, lore, name)), { nil: [], freq: 2 }));
  const usual = fc.tuple(...pairs).map((parts) => `?${parts.flat().join('&')}`);
  return fc.oneof(
    { weight: 5, arbitrary: usual.map((query) => (query === '?' ? '' : query)) },
    { weight: 1, arbitrary: fc.tuple(usual, fc.constantFrom(...HOSTILE_QUERIES)).map((parts) => parts.join('')) },
  );
}

/** None where the value cannot be part of an address. */
const pairsOf = (name: string, values: fc.Arbitrary<unknown>): fc.Arbitrary<string[]> =>
  fc
    .oneof(
      { weight: 4, arbitrary: values },
      { weight: 1, arbitrary: fc.tuple(values, fc.constantFrom(...HOSTILE_ENDINGS)).map((parts) => parts.join('')) },
    )
    .map((value) => encoded(`${value as string | number}`).map((text) => `${name}=${text}`));

const HOSTILE_CREDENTIALS = [
  '',
  'Bearer',
  'Bearer ',
  'bearer  x',
  'Basic YTpi',
  `Bearer ${'x'.repeat(5000)}`,
  'Bearer ÿ',
];
const KEYS = fc.oneof(
  { weight: 12, arbitrary: fc.uuid() },
  { weight: 1, arbitrary: fc.constantFrom('key-1', 'key-2') },
  { weight: 1, arbitrary: fc.constantFrom(...HOSTILE_HEADERS) },
);

function headersOf({ parameters }: Operation): fc.Arbitrary<Record<string, string>> {
  const declared = parameters
    .filter((parameter) => parameter.in === 'header')
    .map(({ name }) =>
      fc.option(KEYS, { nil: undefined, freq: 20 }).map((key) => (key === undefined ? {} : { [name]: key })),
    );
  const credentials = fc.oneof(
    { weight: 40, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.constantFrom(...HOSTILE_CREDENTIALS).map((authorization) => ({ authorization })) },
  );
  return fc.tuple(credentials, ...declared).map((parts) => Object.assign({}, ...parts) as Record<string, string>);
}

function bodiesOf(operation: Operation, knowledge: Knowledge): fc.Arbitrary<Body> {
  const { 'application/json': json, 'multipart/form-data': form } = operation.body ?? {};
  if (json?.schema !== undefined) return jsonBodiesOf(json.schema, knowledge, knowledge.usual[operation.key] ?? []);
  if (form === undefined) return fc.constant({ bytes: Buffer.alloc(0) });
  const uploads = fc.oneof({ weight: 1, arbitrary: usualUploads }, { weight: 3, arbitrary: hostileUploads });
  return uploads.map(({ contentType, body }) => ({ contentType, bytes: body }));
}

const JSON_TYPE = 'application/json';

function jsonBodiesOf(schema: Schema, lore: Lore, usual: readonly unknown[]): fc.Arbitrary<Body> {
  const fitting = valuesOf(schema, lore);
  const values = usual.length === 0 ? fitting : fc.oneof(fitting, { weight: 3, arbitrary: fc.constantFrom(...usual) });
  const bounds = boundsIn(schema);
  return fc.oneof(
    { weight: 8, arbitrary: values.map(asJson) },
    { weight: 10, arbitrary: values.chain((value) => mutationsOf(value, bounds)).map(asJson) },
    { weight: 2, arbitrary: fc.constantFrom(...MALFORMED_JSON).map((bytes) => ({ contentType: JSON_TYPE, bytes })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(values.map(asJson), fc.constantFrom(...WRONG_CONTENT_TYPES))
        .map(([{ bytes }, contentType]) => ({ bytes, contentType })),
    },
  );
}

const asJson = (value: unknown): Body => ({
  contentType: JSON_TYPE,
  bytes: Buffer.from(value === undefined ? '' : JSON.stringify(value)),
});
