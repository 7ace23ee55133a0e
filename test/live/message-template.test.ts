// Message templates follow the provider's account: what is registered, what may be chosen, and what has changed (R16).
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MessageTemplateBody } from '../../domain/contracts/message-template.js';
import { freePorts } from '../../scripts/servers/index.js';
import { registerTemplates } from '../../scripts/simulator.js';
import { aPerson } from '../rig/people.js';
import { make } from '../rig/sends.js';
import { type Service, startService } from '../rig/service.js';
import { ledgerOf } from '../rig/simulator.js';
import { until } from '../rig/until.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const aRegistered = (changes: Partial<MessageTemplateBody> = {}): MessageTemplateBody => ({
  name: 'pick_up',
  language: 'EN',
  kind: 'USER',
  status: 'APPROVED',
  locked: false,
  header: { type: 'TEXT', text: 'Order {{1}}' },
  body: 'Pick it up on {{1}} at {{2}}.',
  footer: 'Northwind',
  buttons: [],
  variables: [],
  ...changes,
});

const VIBER = 3392;
const register = (templates: MessageTemplateBody[]) => registerTemplates(service.simulator, VIBER, templates);
const list = async () => (await service.operator.templatesOf('viber-main')).items;

it('a synchronisation brings what is registered, and of each that cannot be chosen why (R16, R19, R23, A14)', async () => {
  await register([
    aRegistered(),
    aRegistered({ name: 'operator', kind: 'OPERATOR' }),
    aRegistered({ name: 'paused', status: 'PAUSED', locked: true }),
    aRegistered({ name: 'picture', header: { type: 'IMAGE' } }),
    aRegistered({ name: 'buttons', buttons: [{ kind: 'URL', text: 'Open' }] }),
  ]);

  const answer = await service.operator.syncTemplates('viber-main');

  expect(answer).toEqual({ count: 5, unreadable: 0 });
  expect(Object.fromEntries((await list()).map(({ name, selectable, why }) => [name, { selectable, why }]))).toEqual({
    pick_up: { selectable: true, why: [] },
    operator: { selectable: false, why: ['KIND_OPERATOR'] },
    paused: { selectable: false, why: ['NOT_APPROVED', 'LOCKED'] },
    picture: { selectable: false, why: ['HEADER_NOT_TEXT'] },
    buttons: { selectable: false, why: ['HAS_BUTTONS'] },
  });
  expect((await list()).find(({ name }) => name === 'pick_up')).toMatchObject({
    templateId: 'pulse-51820',
    variables: [
      { name: 'header.1', kind: 'TEXT' },
      { name: '1', kind: 'TEXT' },
      { name: '2', kind: 'TEXT' },
    ],
  });
});

it('what was made by hand stays, what is gone goes, and what an operator said of a variable holds (R16, R21)', async () => {
  await register([aRegistered(), aRegistered({ name: 'old' })]);
  await service.operator.putTemplate('viber-main', 'by-hand', aRegistered({ name: 'by_hand' }));
  await service.operator.syncTemplates('viber-main');
  const {
    templateId,
    channelId: _,
    selectable: __,
    why: ___,
    ...body
  } = (await list()).find((one) => one.name === 'pick_up')!;
  const described = [
    { name: 'header.1', kind: 'TEXT' as const },
    { name: '1', kind: 'DATE' as const, format: 'dd.MM.yyyy' },
    { name: '2', kind: 'CHOICE' as const, options: ['09:00', '18:00'] },
  ];
  await service.operator.putTemplate('viber-main', templateId, { ...body, variables: described });

  await register([aRegistered({ footer: 'Northwind Ltd' })]);
  await service.operator.syncTemplates('viber-main');

  const after = await list();
  expect(after.map((one) => one.templateId).toSorted()).toEqual(['by-hand', 'pulse-51820']);
  expect(after.find((one) => one.templateId === 'pulse-51820')).toMatchObject({
    footer: 'Northwind Ltd',
    variables: described,
  });

  const { clientId, phone } = await aPerson(service);
  await make(service, {
    agentId: 'anna',
    clientId,
    channelId: 'viber-main',
    content: {
      kind: 'TEMPLATE',
      templateId: 'pulse-51820',
      variables: { 'header.1': 'A-1', '1': '2026-12-01', '2': '18:00' },
    },
    action: { kind: 'CLOSE' },
  });
  expect(await ledgerOf(service, phone)).toMatchObject([
    { content: { title: 'Order A-1', text: 'Pick it up on 01.12.2026 at 18:00.', signature: 'Northwind Ltd' } },
  ]);
});

it('a template that the provider pauses, and approves again, is followed without anybody asking (R19, A14)', async () => {
  await register([aRegistered()]);
  await service.operator.syncTemplates('viber-main');
  const untilSelectable = (wanted: boolean) =>
    until(list, (items) => items.some((one) => one.name === 'pick_up' && one.selectable === wanted));

  await register([aRegistered({ status: 'PAUSED', locked: true })]);
  await untilSelectable(false);
  await register([aRegistered()]);
  await untilSelectable(true);
  await register([aRegistered({ status: 'PAUSED', locked: true })]);
  const items = await untilSelectable(false);

  expect(items.find(({ name }) => name === 'pick_up')?.why).toEqual(['NOT_APPROVED', 'LOCKED']);
});

it('a placeholder that nobody described is typed text, and is asked for (R21, R22)', async () => {
  const { variables } = await service.operator.putTemplate('viber-main', 'undescribed', aRegistered());
  const { clientId } = await aPerson(service);

  const reply = await service.crm.send(
    {
      agentId: 'anna',
      clientId,
      channelId: 'viber-main',
      content: { kind: 'TEMPLATE', templateId: 'undescribed', variables: { '1': '2026-12-01' } },
      action: { kind: 'CLOSE' },
    },
    randomUUID(),
  );

  expect(variables).toHaveLength(3);
  expect(reply).toMatchObject({
    outcome: 'refused',
    refusals: [{ code: 'VARIABLES_MISSING', names: ['header.1', '2'] }],
  });
});

it('a provider that is away is 503, one that refuses our settings 409 with its words, and the templates stay', async () => {
  await register([aRegistered()]);
  await service.operator.syncTemplates('viber-main');
  const before = await list();
  const put = async (changes: object) => {
    const attachments = { allowed: false, maxCount: 0, maxBytes: 0, types: [] };
    const provider = {
      kind: 'PULSE',
      baseUrl: `${service.simulator}/pulse`,
      apiKey: { value: 'key' },
      subjectId: VIBER,
    } as const;
    await service.operator.putChannel('viber-main', {
      type: 'VIBER',
      name: 'Viber',
      enabled: true,
      templatePolicy: 'NEVER',
      attachments,
      maxText: 1000,
      provider: { ...provider, cascadeId: 4108, webhookKey: { value: 'test-webhook-key' }, ...changes },
    });
  };

  const [port] = await freePorts(1);
  await put({ baseUrl: `http://127.0.0.1:${port}` });
  const away = service.operator.syncTemplates('viber-main');
  await expect(away).rejects.toMatchObject({ problem: { status: 503, code: 'UNAVAILABLE', part: 'provider' } });
  await put({ subjectId: 9999 });
  const refused = service.operator.syncTemplates('viber-main');
  await expect(refused).rejects.toMatchObject({
    problem: {
      status: 409,
      code: 'PROVIDER_REFUSED',
      failure: { code: 'SENDER_ACCOUNT_PROBLEM', providerCode: 'error-subject-unknown' },
    },
  });
  await put({});

  expect(await list()).toEqual(before);
});

it('a channel without a provider that lists templates is 400, an unknown one 404', async () => {
  await expect(service.operator.syncTemplates('mail-main')).rejects.toMatchObject({ problem: { status: 400 } });
  await expect(service.operator.syncTemplates('nowhere')).rejects.toMatchObject({ problem: { status: 404 } });
});

it('news of templates with a wrong key changes nothing (INV20)', async () => {
  const news = () =>
    service.database.selectFrom('inbox').select('inbox_id').where('identity', 'like', 'templates:%').execute();
  const before = await news();

  const response = await fetch(`${service.api}/webhooks/viber-main`, {
    method: 'POST',
    headers: { 'x-api-key': 'wrong' },
    body: JSON.stringify([{ id: 51820, channelType: 'VIBER', status: 'PAUSED', locked: true, type: 'USER' }]),
  });

  expect(response.status).toBe(401);
  expect(await news()).toEqual(before);
});
