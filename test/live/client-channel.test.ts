// The channel list of a client: every configured channel, why not, until when, and what may be written (E4).
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ClientChannel } from '../../domain/contracts/client-channel.js';
import { aPerson, aTemplateSend } from '../rig/people.js';
import { make } from '../rig/sends.js';
import { type Service, startService } from '../rig/service.js';
import { clientWrites } from '../rig/simulator.js';
import { until } from '../rig/until.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
  await service.operator.putResponseTemplate('hours', { title: 'Hours', text: 'Open from 9.', scope: 'DIRECTORY' });
});
afterAll(() => service.stop());

const byId = (channels: ClientChannel[]): Record<string, ClientChannel> =>
  Object.fromEntries(channels.map((channel) => [channel.channelId, channel]));
const channelsOf = async (clientId: string, agentId?: string) => byId(await service.crm.channelsOf(clientId, agentId));
/** What stands against each channel. */
const codes = (channels: Record<string, ClientChannel>) =>
  Object.fromEntries(Object.entries(channels).map(([id, { refusals }]) => [id, refusals.map(({ code }) => code)]));

it('lists every channel, with its address or why there is none, and what may be written (R4, R10, A3, E4)', async () => {
  const { clientId, phone, email } = await aPerson(service);

  const channels = await channelsOf(clientId, 'anna');

  const attachments = { allowed: false, maxCount: 0, maxBytes: 0, types: [] };
  expect(channels).toEqual({
    'wa-main': {
      channelId: 'wa-main',
      type: 'WHATSAPP',
      name: 'WA',
      address: phone,
      available: true,
      refusals: [],
      window: { open: false },
      compose: { mode: 'TEMPLATE_REQUIRED', responseTemplatesAllowed: false, attachments, maxText: 4096 },
    },
    'wa-hint': {
      channelId: 'wa-hint',
      type: 'WHATSAPP',
      name: 'WA hint',
      address: phone,
      available: true,
      refusals: [],
      window: { open: false },
      compose: { mode: 'HINT', responseTemplatesAllowed: false, attachments, maxText: 4096 },
    },
    'viber-main': {
      channelId: 'viber-main',
      type: 'VIBER',
      name: 'Viber',
      address: phone,
      available: true,
      refusals: [],
      compose: {
        mode: 'TEXT',
        responseTemplatesAllowed: true,
        attachments: { allowed: true, maxCount: 5, maxBytes: 100_000, types: ['*/*'] },
        maxText: 1000,
      },
    },
    'mail-main': {
      channelId: 'mail-main',
      type: 'EMAIL',
      name: 'Mail',
      address: email,
      available: true,
      refusals: [],
      compose: { mode: 'TEXT', responseTemplatesAllowed: true, attachments, maxText: 100_000 },
    },
    'web-main': {
      channelId: 'web-main',
      type: 'WEB_CHAT',
      name: 'Web chat',
      address: null,
      available: false,
      refusals: [{ code: 'NO_ADDRESS' }],
      compose: {
        mode: 'TEXT',
        responseTemplatesAllowed: true,
        attachments: { allowed: true, maxCount: 5, maxBytes: 100_000, types: ['*/*'] },
        maxText: 2000,
      },
    },
  });
});

it('a client who only logged in can be written to there, though they never wrote (R8)', async () => {
  const { clientId } = await aPerson(service, '5601', {
    externalId: `shop-${randomUUID()}`,
    identities: [{ channelId: 'web-main', address: `device-${randomUUID()}`, blocked: false, origin: 'LOGIN' }],
  });

  const { 'web-main': web } = await channelsOf(clientId, 'anna');
  const reply = await service.crm.send(
    {
      agentId: 'anna',
      clientId,
      channelId: 'web-main',
      content: { kind: 'TEXT', text: 'Hi' },
      action: { kind: 'CLOSE' },
    },
    randomUUID(),
  );

  expect(web).toMatchObject({ available: true, address: expect.stringContaining('device-') });
  expect(reply).toMatchObject({ outcome: 'made', send: { verdict: 'ACCEPTED' } });
});

it('an active thread takes every channel but e-mail, and names who holds it (R2, R3, A1, A2, E3)', async () => {
  const { clientId } = await aPerson(service);
  const { threadId } = await make(service, aTemplateSend(clientId, { action: { kind: 'ASSIGN_TO_ME' } }));

  const channels = await until(
    () => channelsOf(clientId, 'boris'),
    (list) => JSON.stringify(list['wa-main']?.refusals).includes('WAITING'),
  );

  expect(codes(channels)).toEqual({
    'wa-main': ['THREAD_ACTIVE'],
    'wa-hint': ['THREAD_ACTIVE'],
    'viber-main': ['THREAD_ACTIVE'],
    'web-main': ['NO_ADDRESS', 'THREAD_ACTIVE'],
    'mail-main': [],
  });
  expect(channels['wa-main']?.refusals).toEqual([
    {
      code: 'THREAD_ACTIVE',
      holder: {
        threadId,
        channelId: 'wa-main',
        agentId: 'anna',
        state: 'WAITING',
        since: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
        opener: 'AGENT',
      },
    },
  ]);
});

it('a closed thread is not active, and stands in nobody’s way (A2, A22)', async () => {
  const { clientId } = await aPerson(service);
  await make(service, aTemplateSend(clientId, { action: { kind: 'CLOSE' } }));

  const channels = await until(
    () => channelsOf(clientId, 'boris'),
    (list) => list['wa-main']?.available === true,
  );

  expect(codes(channels)).toMatchObject({ 'wa-main': [], 'viber-main': [] });
});

it('blocked on one channel the client is reached on the others, blocked as a client on none (R37, A4, A29)', async () => {
  const { clientId, phone } = await aPerson(service, '5602');
  const identity = { channelId: 'viber-main', address: phone, blocked: true, origin: 'MESSAGE' as const };
  const body = { phone, email: `b.${phone}@client.example`, blocked: false, identities: [identity] };
  await service.operator.putClient(clientId, body);
  const inOne = codes(await channelsOf(clientId));
  await service.operator.putClient(clientId, { ...body, blocked: true });
  const everywhere = codes(await channelsOf(clientId));

  expect(inOne).toEqual({
    'wa-main': [],
    'wa-hint': [],
    'viber-main': ['CHANNEL_BLOCKED'],
    'mail-main': [],
    'web-main': ['NO_ADDRESS'],
  });
  expect(Object.values(everywhere).map(([first]) => first)).toEqual(Array(5).fill('CLIENT_BLOCKED'));
});

it('the sender is judged on every channel when named, and not otherwise (R1)', async () => {
  const { clientId } = await aPerson(service);
  await service.operator.putAgent('away', { name: 'A', login: 'a', status: 'INACTIVE', groupIds: [], skillIds: [] });

  const named = await channelsOf(clientId, 'away');
  const nobody = await channelsOf(clientId);

  expect(named['mail-main']?.refusals).toEqual([{ code: 'SENDER_STATUS', status: 'INACTIVE' }]);
  expect(Object.values(named).every(({ available }) => !available)).toBe(true);
  expect(nobody['mail-main']?.refusals).toEqual([]);
});

it('with each message of the client the window opens, and `until` says when it ends by itself (A15, A17)', async () => {
  const { clientId, phone } = await aPerson(service);
  const before = Date.now();
  await clientWrites(service, phone, 'Hello');

  const channels = await until(
    () => channelsOf(clientId),
    (list) => list['wa-main']?.window?.open === true,
  );

  const { window, compose, until: end } = channels['wa-main']!;
  expect(compose.mode).toBe('TEMPLATE_OPTIONAL');
  expect(end).toBe(window?.closesAt);
  expect(Date.parse(end!) - before).toBeGreaterThan(86_390_000);
  expect(Date.parse(end!) - before).toBeLessThan(86_430_000);
  expect(channels['viber-main']).not.toHaveProperty('window');
});

it('a window that ends in a second changes the mode at that second, on the database’s time (A17)', async () => {
  const lastInboundAt = new Date(Date.now() - 86_400_000 + 1_500).toISOString();
  const { clientId, phone } = await aPerson(service, '5603');
  const identity = { channelId: 'wa-main', address: phone, blocked: false, origin: 'MESSAGE' as const, lastInboundAt };
  await service.operator.putClient(clientId, { phone, blocked: false, identities: [identity] });
  const open = (await channelsOf(clientId))['wa-main']!;

  const closed = await until(
    async () => (await channelsOf(clientId))['wa-main']!,
    (channel) => channel.compose.mode !== open.compose.mode,
  );

  expect(open).toMatchObject({ compose: { mode: 'TEMPLATE_OPTIONAL' }, until: expect.any(String) });
  expect(closed).toMatchObject({ compose: { mode: 'TEMPLATE_REQUIRED' }, window: { open: false } });
  expect(closed).not.toHaveProperty('until');
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(open.until!));
});

it('an address that is not blocked is used before one that is, and of those the one that wrote last', async () => {
  const [blocked, older, newer] = [1, 2, 3].map((n) => `3896${n}${Date.now() % 1_000_000}`);
  const at = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
  const one = { channelId: 'wa-main', origin: 'MESSAGE' as const };
  const { clientId } = await aPerson(service, '5604', {
    identities: [
      { ...one, address: blocked!, blocked: true, lastInboundAt: at(1) },
      { ...one, address: older!, blocked: false, lastInboundAt: at(30) },
      { ...one, address: newer!, blocked: false, lastInboundAt: at(2) },
    ],
  });

  expect((await channelsOf(clientId))['wa-main']).toMatchObject({ available: true, address: newer });
});

it('an unknown client or agent is 404, and an agent’s token asks for itself alone (INV23)', async () => {
  const { clientId } = await aPerson(service);
  const { chatCenter: anna } = await service.as('agent', 'anna');

  await expect(service.crm.channelsOf('nobody')).rejects.toMatchObject({
    problem: { code: 'NOT_FOUND', what: 'client' },
  });
  await expect(service.crm.channelsOf(clientId, 'nobody')).rejects.toMatchObject({
    problem: { code: 'NOT_FOUND', what: 'agent' },
  });
  await expect(anna.channelsOf(clientId, 'boris')).rejects.toMatchObject({ problem: { code: 'FORBIDDEN' } });
  expect(await anna.channelsOf(clientId, 'anna')).toHaveLength(5);
});

it('a response template goes into an empty text, where text may be typed, and is plain text once sent (R12, R13)', async () => {
  const { clientId } = await aPerson(service);
  const send = (channelId: string, text: string, responseTemplateId = 'hours') =>
    service.crm.send(
      {
        agentId: 'anna',
        clientId,
        channelId,
        content: { kind: 'TEXT', text, responseTemplateId },
        action: { kind: 'CLOSE' },
      },
      randomUUID(),
    );
  await service.operator.putResponseTemplate('of-boris', { title: 'B', text: 'B', scope: 'MINE', agentId: 'boris' });

  const refused = [
    await send('viber-main', 'I was typing'),
    await send('wa-main', ''),
    await send('wa-hint', ''),
    await send('viber-main', '', 'nowhere'),
    await send('viber-main', '', 'of-boris'),
  ];
  const made = await send('viber-main', ' ');

  expect(refused.map((reply) => reply.outcome === 'refused' && reply.refusals[0]?.code)).toEqual([
    'CONTENT_NOT_ALLOWED',
    'TEMPLATE_REQUIRED',
    'CONTENT_NOT_ALLOWED',
    'TEMPLATE_NOT_SELECTABLE',
    'TEMPLATE_NOT_SELECTABLE',
  ]);
  expect(made.outcome).toBe('made');
  expect((await service.crm.history(clientId)).items).toMatchObject([{ text: 'Open from 9.' }]);
});
