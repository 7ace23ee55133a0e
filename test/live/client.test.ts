// Clients by their contact: one client per phone and per address, whoever asks how often at once (R27 to R29, A27).
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Contact } from '../../domain/contracts/client.js';
import { aPerson } from '../rig/people.js';
import { type Service, startService } from '../rig/service.js';
import { clientWrites } from '../rig/simulator.js';
import { until } from '../rig/until.js';

let service: Service;
let token: string;
beforeAll(async () => {
  service = await startService();
  ({ token } = await service.as('integrator'));
});
afterAll(() => service.stop());

let counter = 4_000_000 + Math.floor(Date.now() % 1_000_000);
const aPhone = () => `3897${(counter += 1)}`;

async function create(contact: Contact, headers: Record<string, string> = {}) {
  const response = await fetch(`${service.api}/v1/clients`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ contact }),
  });
  return {
    status: response.status,
    isReplay: response.headers.get('idempotency-replayed') === 'true',
    body: (await response.json()) as Record<string, unknown>,
  };
}

const clientsWith = (contact: Contact['type'], value: string) =>
  service.database
    .selectFrom('clients')
    .select('client_id')
    .where(contact === 'PHONE' ? 'phone' : 'email', '=', value)
    .execute();

it('1,000 requests at once for one phone, written in five ways, make one client (R27, A10, A27)', async () => {
  const phone = aPhone();
  const spelled = [
    phone,
    `+${phone}`,
    `+${phone.slice(0, 3)} (${phone.slice(3, 5)}) ${phone.slice(5)}`,
    phone.replace(/(...)/g, '$1-'),
    ` ${phone.slice(0, 4)}.${phone.slice(4)} `,
  ];

  const answers = await Promise.all(
    Array.from({ length: 1000 }, (_, index) => create({ type: 'PHONE', value: spelled[index % 5]! })),
  );

  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(999);
  expect(new Set(answers.map(({ body }) => body['clientId'])).size).toBe(1);
  expect(await clientsWith('PHONE', phone)).toHaveLength(1);
});

it('an address in other capitals is the same client (R28, A27)', async () => {
  const value = `new.${counter}@Client.example`;

  const first = await create({ type: 'EMAIL', value });
  const second = await create({ type: 'EMAIL', value: value.toUpperCase() });

  expect([first.status, second.status]).toEqual([201, 200]);
  expect(first.body).toEqual({ clientId: expect.any(String), email: value, blocked: false, identities: [] });
  expect(second.body).toEqual(first.body);
});

describe('the client who has the contact already is used (A27)', () => {
  it('as their phone, their address, or the address of an identity', async () => {
    const { clientId, phone, email } = await aPerson(service);
    const viber = aPhone();
    const { clientId: known } = await aPerson(service, '5555', {
      identities: [{ channelId: 'viber-main', address: viber, blocked: false, origin: 'MESSAGE' }],
    });

    const answers = await Promise.all([
      create({ type: 'PHONE', value: phone }),
      create({ type: 'EMAIL', value: email }),
      create({ type: 'PHONE', value: viber }),
    ]);

    expect(answers.map(({ status, body }) => [status, body['clientId']])).toEqual([
      [200, clientId],
      [200, clientId],
      [200, known],
    ]);
  });

  it('as the one who wrote from it, also when both come at once', async () => {
    const phone = aPhone();

    const [created] = await Promise.all([
      create({ type: 'PHONE', value: phone }),
      clientWrites(service, phone, 'Hello'),
    ]);
    const { clientId } = created.body as { clientId: string };
    const { items } = await until(
      () => service.crm.history(clientId),
      (page) => page.items.length > 0,
    );

    expect(items).toMatchObject([{ direction: 'IN', text: 'Hello' }]);
    expect(await clientsWith('PHONE', phone)).toHaveLength(1);
  });

  it('and a PUT that would give it to another is CONTACT_TAKEN with that client', async () => {
    const { clientId, phone, email } = await aPerson(service, '5556', { externalId: `ext-${counter}` });
    const identity = { channelId: 'wa-main', address: phone, blocked: false, origin: 'AGENT' as const };
    const bodies = [
      { phone: `+${phone}` },
      { email: email.toUpperCase() },
      { externalId: `ext-${counter}` },
      { identities: [identity] },
    ];

    for (const body of bodies) {
      const put = service.operator.putClient(`thief-${randomUUID()}`, { blocked: false, identities: [], ...body });

      await expect(put).rejects.toMatchObject({ problem: { status: 409, code: 'CONTACT_TAKEN', clientId } });
    }
  });

  it('and what a client gives up is free again', async () => {
    const { clientId, phone } = await aPerson(service, '5557');
    await service.operator.putClient(clientId, { name: 'Mila', blocked: false, identities: [] });

    const { status, body } = await create({ type: 'PHONE', value: phone });

    expect(status).toBe(201);
    expect(body['clientId']).not.toBe(clientId);
  });
});

const broken = [
  { type: 'PHONE', value: '123456', rule: 'R27' },
  { type: 'PHONE', value: '', rule: 'R27' },
  { type: 'PHONE', value: '1234567890123456', rule: 'A10' },
  { type: 'PHONE', value: '12345678a', rule: 'A10' },
  { type: 'PHONE', value: '123456\u202e7', rule: 'A10' },
  { type: 'EMAIL', value: 'a+b@x.io', rule: 'R29' },
  { type: 'EMAIL', value: 'a@b.c.d.io', rule: 'R29' },
  { type: 'EMAIL', value: 'мила@client.example', rule: 'R29' },
  { type: 'EMAIL', value: `${'a'.repeat(65)}@x.io`, rule: 'A11' },
  { type: 'EMAIL', value: `a@${'b'.repeat(251)}.io`, rule: 'A11' },
] as const;
it.each(broken)('the $type "$value" is CONTACT_INVALID and names $rule', async ({ type, value, rule }) => {
  const { status, body } = await create({ type, value });

  expect({ status, code: body['code'], rule: body['rule'] }).toEqual({ status: 400, code: 'CONTACT_INVALID', rule });
});

it('a block of an address holds however it was written (R37)', async () => {
  const phone = aPhone();
  const spelled = `+${phone.slice(0, 3)} (${phone.slice(3)})`;
  const identity = { channelId: 'wa-main', address: spelled, blocked: true, origin: 'AGENT' as const };
  const { clientId } = await aPerson(service, '5559', { identities: [identity] });
  await clientWrites(service, phone, 'Let me in');

  const { items } = await until(
    () => service.crm.history(clientId),
    (page) => page.items.length > 0,
  );
  const channels = await service.crm.channelsOf(clientId);

  expect(items).toMatchObject([{ direction: 'IN', text: 'Let me in' }]);
  expect(channels.find(({ channelId }) => channelId === 'wa-main')?.refusals).toEqual([
    { code: 'CHANNEL_BLOCKED', by: 'US' },
  ]);
});

it('of six requests at once under one key one works, and the others wait for its answer (INV12)', async () => {
  const key = { 'idempotency-key': randomUUID() };
  const value = aPhone();

  const answers = await Promise.all(Array.from({ length: 6 }, () => create({ type: 'PHONE', value }, key)));

  expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(201));
  expect(answers.filter(({ isReplay }) => isReplay)).toHaveLength(5);
});

it('a line break in an address is 400 before any rule of the field is asked', async () => {
  const { status, body } = await create({ type: 'EMAIL', value: 'a@x.io\nBcc: b@x.io' });

  expect({ status, code: body['code'] }).toEqual({ status: 400, code: 'VALIDATION_FAILED' });
});

it('the same idempotency key gives the first answer again, another body under it is 422 (INV12)', async () => {
  const key = { 'idempotency-key': randomUUID() };
  const value = aPhone();

  const first = await create({ type: 'PHONE', value }, key);
  const again = await create({ type: 'PHONE', value }, key);
  const other = await create({ type: 'PHONE', value: aPhone() }, key);

  expect(again).toEqual({ ...first, isReplay: true });
  expect(first).toMatchObject({ status: 201, isReplay: false });
  expect({ status: other.status, code: other.body['code'] }).toEqual({ status: 422, code: 'IDEMPOTENCY_KEY_REUSED' });
});

describe('a backend system names the client of a send in one of three ways (E5)', () => {
  const mail = {
    agentId: 'anna',
    channelId: 'mail-main',
    content: { kind: 'EMAIL', subject: 'Hi', text: 'Hi' },
  } as const;

  it('by a contact that nobody has, which is a new client from now on (R27, R28)', async () => {
    const value = `first.${counter}@client.example`;
    counter += 1;

    const reply = await service.crm.send({ ...mail, contact: { type: 'EMAIL', value } }, randomUUID());

    const [client] = await clientsWith('EMAIL', value);
    expect(reply).toMatchObject({ outcome: 'made', send: { clientId: client?.client_id, verdict: 'ACCEPTED' } });
  });

  it('two at once by one new phone make one client and one winner (R31, A27)', async () => {
    const contact = { type: 'PHONE' as const, value: aPhone() };
    const wanted = { agentId: 'anna', channelId: 'viber-main', content: { kind: 'TEXT', text: 'Hi' } } as const;
    const action = { kind: 'ASSIGN_TO_ME' as const };

    const replies = await Promise.all([1, 2].map(() => service.crm.send({ ...wanted, contact, action }, randomUUID())));

    expect(replies.map(({ outcome }) => outcome).toSorted()).toEqual(['made', 'refused']);
    expect(await clientsWith('PHONE', contact.value)).toHaveLength(1);
  });

  it('under one key it is one send, whoever the contact belongs to meanwhile (INV12)', async () => {
    const value = `again.${counter}@client.example`;
    const key = randomUUID();

    const first = await service.crm.send({ ...mail, contact: { type: 'EMAIL', value } }, key);
    const [client] = await clientsWith('EMAIL', value);
    await service.operator.putClient(client!.client_id, { blocked: false, identities: [] });
    const second = await service.crm.send({ ...mail, contact: { type: 'EMAIL', value } }, key);

    expect(second).toEqual({ ...first, isReplay: true });
    expect(await clientsWith('EMAIL', value)).toEqual([]);
  });

  it('by the external id of one who only logged in and never wrote (R4, R8)', async () => {
    const externalId = `shop-${counter}`;
    const { clientId } = await aPerson(service, '5558', { externalId });

    const reply = await service.crm.send({ ...mail, externalId }, randomUUID());

    expect(reply).toMatchObject({ outcome: 'made', send: { clientId } });
  });

  it('an external id that nobody has is 404, and creates nobody (A28)', async () => {
    const send = service.crm.send({ ...mail, externalId: 'nobody-has-this' }, randomUUID());

    await expect(send).rejects.toMatchObject({ problem: { status: 404, code: 'NOT_FOUND', id: 'nobody-has-this' } });
  });

  it('a new client stays when the send is refused, and none is made when something else is missing', async () => {
    const refused = `stays.${counter}@client.example`;
    const missing = `never.${counter}@client.example`;

    const reply = await service.crm.send(
      { ...mail, contact: { type: 'EMAIL', value: refused }, content: { ...mail.content, subject: '' } },
      randomUUID(),
    );
    const unknown = service.crm.send(
      { ...mail, contact: { type: 'EMAIL', value: missing }, channelId: 'nowhere' },
      randomUUID(),
    );

    await expect(unknown).rejects.toMatchObject({ problem: { code: 'NOT_FOUND', what: 'channel' } });
    expect(reply).toMatchObject({ outcome: 'refused', refusals: [{ code: 'SUBJECT_REQUIRED' }] });
    expect(await clientsWith('EMAIL', refused)).toHaveLength(1);
    expect(await clientsWith('EMAIL', missing)).toEqual([]);
  });

  it.each([
    { what: 'none', ways: {} },
    { what: 'two', ways: { clientId: 'c-1', externalId: 'x' } },
    { what: 'all three', ways: { clientId: 'c-1', externalId: 'x', contact: { type: 'PHONE', value: '1234567' } } },
  ] as const)('$what of them is 400', async ({ ways }) => {
    const send = service.crm.send({ ...mail, ...ways }, randomUUID());

    await expect(send).rejects.toMatchObject({
      problem: { code: 'VALIDATION_FAILED', issues: [{ path: 'clientId', message: /exactly one/ }] },
    });
  });

  it('a contact that breaks the grammar is CONTACT_INVALID, and the key stays free', async () => {
    const key = randomUUID();

    const send = service.crm.send({ ...mail, contact: { type: 'EMAIL', value: 'a@b' } }, key);

    await expect(send).rejects.toMatchObject({ problem: { status: 400, code: 'CONTACT_INVALID', rule: 'R29' } });
    const value = `free.${counter}@client.example`;
    expect(await service.crm.send({ ...mail, contact: { type: 'EMAIL', value } }, key)).toMatchObject({
      outcome: 'made',
    });
  });
});
