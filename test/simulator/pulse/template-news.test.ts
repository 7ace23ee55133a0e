import { expect, it, vi } from 'vitest';
import { registerCallbacks } from '../../../scripts/simulator.js';
import { aTemplate, type Rig, startRig, WHATSAPP } from '../rig.js';

const named = (id: number, rest: object = {}) => aTemplate({ text: 'Hi' }, { id, name: `t${id}`, ...rest });
const told = (id: number, rest: object = {}) => ({
  id,
  name: `t${id}`,
  channelType: 'WHATSAPP',
  status: 'APPROVED',
  locked: false,
  type: 'USER',
  ...rest,
});

const put = (rig: Rig, templates: object[]) => rig.call('PUT', '/_subjects/3391/templates', templates);
const news = ({ webhook }: Rig) => webhook.received.map(({ body }) => body);

async function startListening(): Promise<Rig> {
  const rig = await startRig();
  const [api = '', channelId = ''] = rig.webhook.url.split('/webhooks/');
  await registerCallbacks(rig.base, api, { [channelId]: WHATSAPP.subjectId });
  return rig;
}

it('new templates are told in one callback, with the key of the account', async () => {
  const rig = await startListening();

  await put(rig, [named(1), named(2, { status: 'PENDING', locked: true })]);

  expect(news(rig)).toEqual([[told(1), told(2, { status: 'PENDING', locked: true })]]);
  expect(rig.webhook.received[0]?.headers['x-api-key']).toBe('test-webhook-key');
});

it.each([{ status: 'PAUSED' }, { locked: true }, { type: 'CUSTOM' }])(
  'a template that is now $0 is told',
  async (change) => {
    const rig = await startListening();
    await put(rig, [named(1), named(2)]);

    await put(rig, [named(1), named(2, change)]);

    expect(news(rig)[1]).toEqual([told(2, change)]);
  },
);

it('a template that is gone is told as archived and locked', async () => {
  const rig = await startListening();
  await put(rig, [named(1), named(2)]);

  await put(rig, [named(2)]);

  expect(news(rig)[1]).toEqual([told(1, { status: 'ARCHIVED', locked: true })]);
});

it('a list without change of status, lock or type is no news', async () => {
  const rig = await startListening();
  await put(rig, [named(1), named(2)]);

  await put(rig, [named(2, { name: 'renamed' }), named(1)]);

  expect(news(rig)).toHaveLength(1);
});

it('news are posted until they are answered with 200', async () => {
  const rig = await startListening();
  rig.webhook.answers = [500, 503];

  await put(rig, [named(1)]);

  await vi.waitFor(() => expect(news(rig)).toEqual([[told(1)], [told(1)], [told(1)]]));
});

it('an account without an address for them tells nobody', async () => {
  const rig = await startRig();
  await rig.listenTo(WHATSAPP.subjectId);

  const { status } = await put(rig, [named(1)]);

  expect(status).toBe(200);
  expect(news(rig)).toEqual([]);
});
