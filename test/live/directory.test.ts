// The directory through the API: everything can be put, read, listed page by page, and deleted unless it is in use.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aMail, aPerson, aTemplateSend } from '../rig/people.js';
import { make } from '../rig/sends.js';
import { type Service, startService } from '../rig/service.js';

let service: Service;
let token: string;
beforeAll(async () => {
  service = await startService();
  ({ token } = await service.as('operator'));
});
afterAll(() => service.stop());

async function ask(method: string, path: string, body?: unknown) {
  const response = await fetch(`${service.api}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
}

const anAgent = { name: 'Eva', login: 'eva', status: 'ACTIVE', groupIds: [], skillIds: [] };
const attachments = { allowed: false, maxCount: 0, maxBytes: 0, types: [] };
const aChannel = {
  type: 'WEB_CHAT',
  name: 'Web chat',
  enabled: true,
  provider: { kind: 'INTERNAL' },
  templatePolicy: 'NEVER',
  windowSeconds: 86_400,
  attachments,
  maxText: 2000,
};
const aTemplate = {
  name: 'welcome',
  language: 'en',
  kind: 'USER',
  status: 'APPROVED',
  locked: false,
  body: 'Welcome',
  buttons: [],
  variables: [],
};
const resources = [
  { path: '/v1/groups', key: 'groupId', body: { name: 'Sales' }, other: { name: 'Sales EU' } },
  { path: '/v1/skills', key: 'skillId', body: { name: 'French' }, other: { name: 'French, fluent' } },
  { path: '/v1/departments', key: 'departmentId', body: { name: 'Returns' }, other: { name: 'Refunds' } },
  {
    path: '/v1/bots',
    key: 'botId',
    body: { name: 'Tracker', url: 'http://bots.northwind.example/t', enabled: true },
    other: { name: 'Tracker', url: 'https://bots.northwind.example/t', enabled: false },
  },
  {
    path: '/v1/response-templates',
    key: 'responseTemplateId',
    body: { title: 'Hours', text: 'We are open from 9 to 18.', scope: 'DIRECTORY' },
    other: { title: 'Hours', text: 'Open from 9.', scope: 'MINE', agentId: 'anna' },
  },
  {
    path: '/v1/agents',
    key: 'agentId',
    body: anAgent,
    other: { ...anAgent, status: 'INACTIVE', inactiveReason: 'Lunch' },
  },
  { path: '/v1/channels', key: 'channelId', body: aChannel, other: { ...aChannel, enabled: false } },
  {
    path: '/v1/channels/wa-hint/templates',
    key: 'templateId',
    body: aTemplate,
    other: { ...aTemplate, locked: true },
  },
] as const;

describe.each(resources)('$path', ({ path, key, body, other }) => {
  it('is put, replaced, read and deleted', async () => {
    const id = `x-${randomUUID()}`;

    const created = await ask('PUT', `${path}/${id}`, body);
    const replaced = await ask('PUT', `${path}/${id}`, other);
    const read = await ask('GET', `${path}/${id}`);
    const deleted = await ask('DELETE', `${path}/${id}`);
    const gone = await Promise.all([ask('GET', `${path}/${id}`), ask('DELETE', `${path}/${id}`)]);

    expect(created).toMatchObject({ status: 200, body: { [key]: id, ...body } });
    expect(replaced).toMatchObject({ status: 200, body: { [key]: id, ...other } });
    expect(read).toEqual(replaced);
    expect(deleted).toEqual({ status: 204, body: {} });
    expect(gone.map(({ status }) => status)).toEqual([404, 404]);
  });

  it('is listed newest first, page by page, each once, and a replaced one keeps its place', async () => {
    const ids = ['a', 'c', 'b'].map((letter) => `x-${letter}-${randomUUID()}`);
    for (const id of ids) await ask('PUT', `${path}/${id}`, body);
    await ask('PUT', `${path}/${ids[0]}`, other);

    const seen: unknown[] = [];
    let after = '';
    do {
      const { body: page } = await ask('GET', `${path}?limit=2${after && `&after=${after}`}`);
      seen.push(...(page['items'] as Record<string, unknown>[]).map((item) => item[key]));
      after = (page['next'] as string | null) ?? '';
    } while (after !== '');

    expect(seen.slice(0, 3)).toEqual(ids.toReversed());
    expect(new Set(seen).size).toBe(seen.length);
    for (const id of ids) await ask('DELETE', `${path}/${id}`);
  });

  it('a cursor that is none, a limit out of bounds and an unknown field are 400', async () => {
    const answers = await Promise.all([
      ask('GET', `${path}?after=nonsense`),
      ask('GET', `${path}?limit=0`),
      ask('GET', `${path}?limit=101`),
      ask('PUT', `${path}/x`, { ...body, colour: 'red' }),
      ask('PUT', `${path}/${'x'.repeat(65)}`, body),
    ]);

    expect(answers.map(({ status, body: problem }) => [status, problem['code']])).toEqual(
      answers.map(() => [400, 'VALIDATION_FAILED']),
    );
  });
});

it('a channel that a client, a send or the history names is in use, and the answer says by what', async () => {
  const { clientId } = await aPerson(service);
  await make(service, aMail(clientId));
  await aPerson(service, '7777', {
    identities: [{ channelId: 'viber-main', address: '38970777777', blocked: false, origin: 'AGENT' }],
  });

  const mail = await ask('DELETE', '/v1/channels/mail-main');
  const viber = await ask('DELETE', '/v1/channels/viber-main');

  expect(mail).toMatchObject({ status: 409, body: { code: 'IN_USE', usedBy: ['SENDS', 'HISTORY', 'RECEIPTS'] } });
  expect(viber).toMatchObject({ status: 409, body: { code: 'IN_USE', usedBy: ['IDENTITIES'] } });
});

it('an agent who holds a thread is in use; without one their tokens go with them, and the history keeps their id', async () => {
  const { clientId } = await aPerson(service);
  const agentId = `leaver-${randomUUID()}`;
  await ask('PUT', `/v1/agents/${agentId}`, anAgent);
  const { chatCenter } = await service.as('agent', agentId);
  await ask('PUT', `/v1/response-templates/own-of-${agentId}`, { title: 'Hi', text: 'Hi', scope: 'MINE', agentId });
  await chatCenter.send(aTemplateSend(clientId, { agentId, action: { kind: 'ASSIGN_TO_ME' } }), randomUUID());

  const holding = await ask('DELETE', `/v1/agents/${agentId}`);
  await service.temporal.workflow.getHandle(`thread:${clientId}`).terminate();
  await service.database
    .updateTable('threads')
    .set({ state: 'CLOSED', closed_at: new Date() })
    .where('client_id', '=', clientId)
    .execute();
  const free = await ask('DELETE', `/v1/agents/${agentId}`);

  expect(holding).toMatchObject({ status: 409, body: { code: 'IN_USE', usedBy: ['THREADS'] } });
  expect(free.status).toBe(204);
  await expect(chatCenter.history(clientId)).rejects.toMatchObject({ problem: { code: 'UNAUTHENTICATED' } });
  expect((await ask('GET', `/v1/response-templates/own-of-${agentId}`)).status).toBe(404);
  expect((await service.crm.history(clientId)).items).toMatchObject([{ agentId }]);
});

it('a deleted group, skill or department is nobody’s any more', async () => {
  const agentId = `member-${randomUUID()}`;
  for (const [path, id] of [
    ['groups', 'g-x'],
    ['skills', 's-x'],
    ['departments', 'd-x'],
  ])
    await ask('PUT', `/v1/${path}/${id}`, { name: 'X' });
  await ask('PUT', `/v1/agents/${agentId}`, {
    ...anAgent,
    groupIds: ['g-x', 'g-y'],
    skillIds: ['s-x'],
    departmentId: 'd-x',
  });

  for (const path of ['groups/g-x', 'skills/s-x', 'departments/d-x']) await ask('DELETE', `/v1/${path}`);

  const { body } = await ask('GET', `/v1/agents/${agentId}`);
  expect(body).toEqual({ agentId, ...anAgent, groupIds: ['g-y'], skillIds: [] });
});

it('an agent sees their own response templates and the directory’s, and nobody else’s (R12, INV23)', async () => {
  await ask('PUT', '/v1/response-templates/of-anna', { title: 'A', text: 'A', scope: 'MINE', agentId: 'anna' });
  await ask('PUT', '/v1/response-templates/of-boris', { title: 'B', text: 'B', scope: 'MINE', agentId: 'boris' });
  await ask('PUT', '/v1/response-templates/of-all', { title: 'C', text: 'C', scope: 'DIRECTORY' });
  ({ token } = await service.as('agent', 'anna'));

  const list = await ask('GET', '/v1/response-templates');
  const foreign = await Promise.all([
    ask('GET', '/v1/response-templates/of-boris'),
    ask('GET', '/v1/response-templates?agentId=boris'),
  ]);

  ({ token } = await service.as('operator'));
  const seen = (list.body['items'] as { responseTemplateId: string }[]).map((one) => one.responseTemplateId);
  expect(seen).toEqual(['of-all', 'of-anna']);
  expect(foreign.map(({ status }) => status)).toEqual([404, 403]);
});

const wrong = [
  {
    what: 'MINE without agent',
    path: '/v1/response-templates/x',
    body: { title: 'T', text: 'x', scope: 'MINE' },
    field: 'agentId',
  },
  {
    what: 'DIRECTORY with agent',
    path: '/v1/response-templates/x',
    body: { title: 'T', text: 'x', scope: 'DIRECTORY', agentId: 'anna' },
    field: 'agentId',
  },
  {
    what: 'a blank text',
    path: '/v1/response-templates/x',
    body: { title: 'T', text: ' ', scope: 'DIRECTORY' },
    field: 'text',
  },
  {
    what: 'a bot without address',
    path: '/v1/bots/x',
    body: { name: 'B', url: 'ftp://x', enabled: true },
    field: 'url',
  },
  { what: 'a name of 300 characters', path: '/v1/groups/x', body: { name: 'n'.repeat(300) }, field: 'name' },
  { what: 'a name of two lines', path: '/v1/groups/x', body: { name: 'a\nb' }, field: 'name' },
  {
    what: 'WhatsApp through SMTP',
    path: '/v1/channels/x',
    body: { ...aChannel, type: 'WHATSAPP' },
    field: 'provider.kind',
  },
  {
    what: 'a template policy on web chat (A15)',
    path: '/v1/channels/x',
    body: { ...aChannel, templatePolicy: 'ALWAYS' },
    field: 'templatePolicy',
  },
  {
    what: 'an attachment type that is none',
    path: '/v1/channels/x',
    body: { ...aChannel, attachments: { ...attachments, types: ['png'] } },
    field: 'attachments.types.0',
  },
  {
    what: 'a date format of other letters (R21)',
    path: '/v1/channels/wa-hint/templates/x',
    body: { ...aTemplate, variables: [{ name: '1', kind: 'DATE', format: 'd. MMMM yyyy' }] },
    field: 'variables.0.format',
  },
  {
    what: 'a variable that is there twice',
    path: '/v1/channels/wa-hint/templates/x',
    body: {
      ...aTemplate,
      variables: [
        { name: '1', kind: 'TEXT' },
        { name: '1', kind: 'DATE' },
      ],
    },
    field: 'variables',
  },
  {
    what: 'a time zone that is none',
    path: '/v1/settings',
    body: { workingHours: { timeZone: 'Mars/Base', days: [{ day: 1, from: '09:00', to: '18:00' }] } },
    field: 'workingHours.timeZone',
  },
];
it.each(wrong)('$what is 400 and names $field', async ({ path, body, field }) => {
  const { status, body: problem } = await ask('PUT', path, body);

  expect({ status, paths: (problem['issues'] as { path: string }[]).map((issue) => issue.path) }).toEqual({
    status: 400,
    paths: [field],
  });
});

it('a channel that is in use keeps its type, and its settings change', async () => {
  const channel = (await ask('GET', '/v1/channels/mail-main')).body;
  const { channelId: _, provider: __, ...rest } = channel;
  const provider = { kind: 'SMTP', host: '127.0.0.1', port: 25, tls: 'NONE', from: { address: 'a@b.example' } };

  const other = await ask('PUT', '/v1/channels/mail-main', {
    ...rest,
    type: 'WEB_CHAT',
    provider: { kind: 'INTERNAL' },
  });
  const same = await ask('PUT', '/v1/channels/mail-main', { ...rest, provider });

  expect(other).toMatchObject({ status: 409, body: { code: 'IN_USE' } });
  expect(same).toMatchObject({ status: 200, body: { type: 'EMAIL' } });
});

it('a secret that the environment does not have is 503 and named where it is needed, and nowhere read back', async () => {
  const secret = { env: 'NEVER_SET' };
  const provider = {
    kind: 'PULSE',
    baseUrl: 'http://127.0.0.1:9',
    apiKey: secret,
    webhookKey: secret,
    subjectId: 1,
    cascadeId: 1,
  };
  const put = await ask('PUT', '/v1/channels/no-secret', { ...aChannel, type: 'VIBER', provider });

  const sync = await ask('POST', '/v1/channels/no-secret/templates/sync');
  const handshake = await fetch(`${service.api}/webhooks/no-secret`);
  const webhook = await fetch(`${service.api}/webhooks/no-secret`, { method: 'POST', body: '{}' });

  expect(JSON.stringify(put.body)).not.toContain('NEVER_SET');
  expect(sync).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE', part: 'secret' } });
  expect([handshake.status, webhook.status]).toEqual([200, 503]);
});

it('every provider’s settings are kept, and no secret of them is read back', async () => {
  const secret = { value: 'very-secret' };
  const providers = [
    {
      type: 'WHATSAPP',
      provider: {
        kind: 'WHATSAPP_CLOUD',
        phoneNumberId: '1',
        businessAccountId: '2',
        accessToken: secret,
        appSecret: secret,
        verifyToken: secret,
      },
    },
    {
      type: 'APPLE_MESSAGES',
      provider: { kind: 'APPLE', baseUrl: 'https://mspgw.example', businessId: 'b', mspId: 'm', secret },
    },
    {
      type: 'TELEGRAM',
      provider: { kind: 'TELEGRAM', baseUrl: 'https://telegram.example', botToken: secret, webhookSecret: secret },
    },
    { type: 'MOBILE_APP', provider: { kind: 'INTERNAL' } },
  ];
  for (const one of providers) {
    const id = `c-${one.provider.kind.toLowerCase().replaceAll('_', '-')}`;

    const { status } = await ask('PUT', `/v1/channels/${id}`, { ...aChannel, ...one });
    const read = await ask('GET', `/v1/channels/${id}`);

    expect(status).toBe(200);
    expect(read.body).toMatchObject({ type: one.type, provider: { kind: one.provider.kind } });
    expect(JSON.stringify(read.body)).not.toContain('very-secret');
    await ask('DELETE', `/v1/channels/${id}`);
  }
});

it('settings go back to their defaults', async () => {
  await ask('PUT', '/v1/settings', {
    verdictSeconds: 9,
    workingHours: { timeZone: 'Europe/Skopje', days: [{ day: 1, from: '09:00', to: '18:00' }] },
  });
  const changed = await ask('GET', '/v1/settings');
  await ask('DELETE', '/v1/settings');

  expect(changed.body).toMatchObject({ verdictSeconds: 9, workingHours: { timeZone: 'Europe/Skopje' } });
  expect((await ask('GET', '/v1/settings')).body).toMatchObject({ verdictSeconds: 5, workingHours: null });
});
