// What a caller can do wrong, and what the API says: the field, the rule, and nothing changed.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aPerson, aTemplateSend, type Person } from '../rig/people.js';
import { type Service, startService } from '../rig/service.js';
import { createTokenStore } from '../../store/token.js';
import { ledgerOf } from '../rig/simulator.js';

let service: Service;
let token: string;
let person: Person;
beforeAll(async () => {
  service = await startService();
  ({ token } = await service.as('integrator'));
  person = await aPerson(service);
});
afterAll(() => service.stop());

interface Request {
  body?: string;
  headers?: Record<string, string>;
  key?: string;
}

async function post({ body, headers = {}, key = randomUUID() }: Request) {
  const response = await fetch(`${service.api}/v1/sends`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': key,
      ...headers,
    },
    body: body ?? JSON.stringify(aTemplateSend(person.clientId)),
  });
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    problem: (await response.json()) as Record<string, unknown>,
  };
}

const valid = () => aTemplateSend(person.clientId);
const invalid: { what: string; body: () => string; path: string; rule: RegExp }[] = [
  { what: 'malformed JSON', body: () => '{"agentId": ', path: '', rule: /JSON/ },
  {
    what: 'an unknown field',
    body: () => JSON.stringify({ ...valid(), prority: 1 }),
    path: 'prority',
    rule: /unknown/,
  },
  {
    what: 'a key that a parser drops (SEC20)',
    body: () => JSON.stringify(valid()).replace('{', '{"__proto__":{"polluted":1},'),
    path: '__proto__',
    rule: /unknown/,
  },
  { what: 'a wrong type', body: () => JSON.stringify({ ...valid(), agentId: 7 }), path: 'agentId', rule: /string/ },
  {
    what: 'an unknown kind of content',
    body: () => JSON.stringify({ ...valid(), content: { kind: 'FAX' } }),
    path: 'content.kind',
    rule: /Invalid/,
  },
  {
    what: 'an id of another form',
    body: () => JSON.stringify({ ...valid(), clientId: '../etc' }),
    path: 'clientId',
    rule: /A-Z a-z 0-9/,
  },
  {
    what: 'a line break in a subject',
    body: () => JSON.stringify({ ...valid(), content: { kind: 'EMAIL', subject: 'a\nb', text: 'c' } }),
    path: 'content.subject',
    rule: /one line/,
  },
];
it.each(invalid)('$what is 400 and names the field and the rule', async ({ body, path, rule }) => {
  const { status, type, problem } = await post({ body: body() });

  expect({ status, type, code: problem['code'] }).toEqual({
    status: 400,
    type: 'application/problem+json',
    code: 'VALIDATION_FAILED',
  });
  expect(problem['issues']).toEqual([{ path, message: expect.stringMatching(rule) }]);
});

it('half a surrogate pair or a NUL, which cannot be kept, is 400 and not our fault', async () => {
  for (const text of ['cut \ud83d', 'nul \u0000']) {
    const { status, problem } = await post({ body: JSON.stringify({ ...valid(), content: { kind: 'TEXT', text } }) });

    expect({ status, code: problem['code'] }).toEqual({ status: 400, code: 'VALIDATION_FAILED' });
  }
});

const wrongClients = [
  {
    what: 'its phone stands in its id',
    clientId: 'c-38970555666',
    identities: [{ channelId: 'wa-main', address: '38970555666' }],
    path: 'clientId',
  },
  {
    what: 'an address is there twice',
    clientId: 'c-twice',
    identities: [
      { channelId: 'wa-main', address: '1234567' },
      { channelId: 'wa-main', address: '1234567' },
    ],
    path: 'identities',
  },
];
it.each(wrongClients)('a client is refused when $what (SEC05)', async ({ clientId, identities, path }) => {
  const given = identities.map((identity) => ({ ...identity, blocked: false, origin: 'AGENT' as const }));

  const put = service.operator.putClient(clientId, { blocked: false, identities: given });

  await expect(put).rejects.toMatchObject({ problem: { code: 'VALIDATION_FAILED', issues: [{ path }] } });
});

const keys = [
  { key: '', what: 'an empty' },
  { key: 'x'.repeat(256), what: 'a too long' },
];
it.each(keys)('$what idempotency key is 400', async ({ key }) => {
  const { status, problem } = await post({ key });

  expect(status).toBe(400);
  expect(problem['issues']).toMatchObject([{ path: 'idempotency-key' }]);
});

it('a missing idempotency key is 400', async () => {
  const response = await fetch(`${service.api}/v1/sends`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(valid()),
  });

  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    code: 'VALIDATION_FAILED',
    issues: [{ path: 'idempotency-key', message: 'is required' }],
  });
});

it.each(['agentId', 'clientId', 'channelId'])('an unknown %s is 404, and the key stays free (INV12)', async (field) => {
  const key = randomUUID();

  const { status, problem } = await post({ key, body: JSON.stringify({ ...valid(), [field]: 'nobody' }) });

  expect({ status, code: problem['code'], id: problem['id'] }).toEqual({
    status: 404,
    code: 'NOT_FOUND',
    id: 'nobody',
  });
  expect((await post({ key, body: JSON.stringify({ ...valid(), content: { kind: 'TEXT', text: '' } }) })).status).toBe(
    409,
  );
});

it('a body of 2 MB is 413', async () => {
  const { status, problem } = await post({ body: JSON.stringify({ ...valid(), at: 'x'.repeat(2_000_000) }) });

  expect({ status, code: problem['code'] }).toEqual({ status: 413, code: 'BODY_TOO_LARGE' });
});

it('a body that is not declared as JSON is 415', async () => {
  const { status, problem } = await post({ headers: { 'content-type': 'text/plain' } });

  expect({ status, code: problem['code'] }).toEqual({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
});

it.each(['', 'Bearer ', 'Bearer omt_wrong', 'Basic YTpi'])(
  'the credentials "%s" are 401, before the body is read',
  async (authorization) => {
    const { status, problem } = await post({ headers: { authorization }, body: '{' });

    expect({ status, code: problem['code'] }).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
  },
);

it('a revoked token is 401', async () => {
  const { token: revoked } = await service.as('integrator');
  await createTokenStore(service.database).revoke(revoked);

  expect((await post({ headers: { authorization: `Bearer ${revoked}` } })).status).toBe(401);
});

it("an agent's token sends as that agent alone (SEC03)", async () => {
  ({ token } = await service.as('agent', 'boris'));

  const { status, problem } = await post({});

  ({ token } = await service.as('integrator'));
  expect({ status, code: problem['code'] }).toEqual({ status: 403, code: 'FORBIDDEN' });
});

it('an operator does not send, and an agent does not change settings (SEC02)', async () => {
  const { chatCenter: operator } = await service.as('operator');
  const { chatCenter: agent } = await service.as('agent', 'anna');

  await expect(operator.send(valid(), randomUUID())).rejects.toMatchObject({ problem: { code: 'FORBIDDEN' } });
  await expect(agent.putSettings({ verdictSeconds: 9 })).rejects.toMatchObject({ problem: { code: 'FORBIDDEN' } });
});

it('the same key with another body is 422, in whatever order its fields stand (INV12)', async () => {
  const key = randomUUID();
  const refusedBody = { ...valid(), content: { kind: 'TEXT', text: '' } };
  const first = await post({ key, body: JSON.stringify(refusedBody) });

  const reordered = Object.fromEntries(Object.entries(refusedBody).toReversed());
  const same = await post({ key, body: JSON.stringify(reordered) });
  const other = await post({ key, body: JSON.stringify({ ...refusedBody, agentId: 'boris' }) });

  expect(same).toEqual(first);
  expect({ status: other.status, code: other.problem['code'] }).toEqual({
    status: 422,
    code: 'IDEMPOTENCY_KEY_REUSED',
  });
});

it('a refusal lists everything that stands against the send at that moment, and nothing left (A6, INV6)', async () => {
  const { clientId, phone } = await aPerson(service);
  await service.operator.putAgent('offline', {
    name: 'Off',
    login: 'off',
    status: 'OFFLINE',
    groupIds: [],
    skillIds: [],
  });

  const { status, problem } = await post({
    body: JSON.stringify({
      ...aTemplateSend(clientId, {
        agentId: 'offline',
        content: { kind: 'TEMPLATE', templateId: 'order-ready', variables: {} },
      }),
    }),
  });

  expect({ http: status, code: problem['code'], status: problem['status'] }).toEqual({
    http: 409,
    code: 'SENDER_STATUS',
    status: 409,
  });
  expect(problem['refusals']).toEqual([
    { code: 'SENDER_STATUS', status: 'OFFLINE' },
    { code: 'VARIABLES_MISSING', names: ['header.1', '1'] },
  ]);
  expect(await ledgerOf(service, phone)).toEqual([]);
  await expect(service.temporal.workflow.getHandle(`thread:${clientId}`).describe()).rejects.toThrow(/not found/i);
});

const webhooks = [
  { what: 'of an unknown channel', path: 'nowhere', key: 'test-webhook-key', body: '{}', status: 404 },
  { what: 'of a channel with an impossible id', path: '%00', key: 'test-webhook-key', body: '{}', status: 404 },
  { what: 'of a channel without webhooks', path: 'mail-main', key: 'test-webhook-key', body: '{}', status: 404 },
  { what: 'with a wrong key', path: 'wa-main', key: 'wrong', body: '{}', status: 401 },
  { what: 'that is not JSON', path: 'wa-main', key: 'test-webhook-key', body: '<html>', status: 400 },
  { what: 'of an unknown shape', path: 'wa-main', key: 'test-webhook-key', body: '{"hello":1}', status: 200 },
  {
    what: 'of an unknown status',
    path: 'wa-main',
    key: 'test-webhook-key',
    body: '{"requestId":"1","status":"DANCING","statusAt":"2026-11-23T09:14:06Z"}',
    status: 200,
  },
];
it.each(webhooks)('a webhook $what is $status', async ({ path, key, body, status }) => {
  const response = await fetch(`${service.api}/webhooks/${path}`, {
    method: 'POST',
    headers: { 'x-api-key': key },
    body,
  });

  expect(response.status).toBe(status);
});
