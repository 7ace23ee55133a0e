import { expect, it } from 'vitest';
import { aTemplate, aText, startRig } from '../rig.js';

const asked = {
  subjectId: 3392,
  subscriberFilter: { address: '38970123456', type: 'PHONE' },
  channelTypes: ['VIBER'],
  direction: 'OUT',
  dateFrom: '2020-01-01T00:00:00Z',
  dateTo: '2099-01-01T00:00:00Z',
  sort: [{ property: 'messageId', direction: 'DESC' }],
};

it('the history tells what was sent to a phone, newest first, without request ids', async () => {
  const rig = await startRig();
  for (const text of ['One', 'Two', 'Three'])
    await rig.schedule(aText({ address: '38970123456', requestId: text, text }));

  const { body } = await rig.call('POST', '/pulse/api/messages/history', { ...asked, limit: 2 });

  expect(body).toMatchObject({ hasNext: true, content: [{ comment: 's:Three p:1' }, { comment: 's:Two p:1' }] });
  expect((body as { content: object[] }).content[0]).toMatchObject({
    direction: 'OUT',
    subjectId: 3392,
    cascadeId: 4108,
    address: '38970123456',
    content: { type: 'TEXT', text: 'Three' },
  });
  expect(JSON.stringify(body)).not.toContain('requestId');
});

it('the history shows how far a message came, whatever order its statuses had', async () => {
  const rig = await startRig();
  await rig.schedule(aText({ address: '38970120008' }));

  const ofPhone = { ...asked, subscriberFilter: { address: '38970120008', type: 'PHONE' } };
  const { body } = await rig.call('POST', '/pulse/api/messages/history', ofPhone);

  expect(body).toMatchObject({ content: [{ deliveryStatus: 'READ' }] });
});

it('a registered sender is found with its cascade of one stage', async () => {
  const rig = await startRig();
  await rig.call('PUT', '/_subjects/4000', { subject: 'shop_wa', type: 'WHATSAPP', cascadeId: 5000 });

  const profiles = await rig.call('GET', '/pulse/api/channel-profile?types=WHATSAPP');
  const cascades = await rig.call('POST', '/pulse/api/cascade/get-all', {});

  expect(profiles.body).toMatchObject([{ subjectId: 3391 }, { subjectId: 4000, subject: 'shop_wa', active: true }]);
  expect(cascades.body).toContainEqual(
    expect.objectContaining({
      id: 5000,
      status: 'ACTIVE',
      stages: [expect.objectContaining({ subject: { id: 4000, type: 'WHATSAPP', locked: false } })],
    }),
  );
});

it('templates are listed by type, as they were registered', async () => {
  const rig = await startRig();
  const [user, operator] = [aTemplate({ text: 'Hi' }), aTemplate({ text: 'Hi' }, { id: 2, type: 'OPERATOR' })];
  await rig.call('PUT', '/_subjects/3391/templates', [user, operator]);

  const query = { subjectId: 3391, matcherTypes: ['USER', 'CUSTOM'] };

  expect((await rig.call('POST', '/pulse/api/message-matchers/get-by-request', query)).body).toEqual([user]);
});

it('a cascade belongs to one sender', async () => {
  const rig = await startRig();

  const reply = await rig.call('PUT', '/_subjects/4000', { subject: 'shop_wa', type: 'WHATSAPP', cascadeId: 4107 });

  expect(reply).toMatchObject({ status: 400, body: { error: 'cascadeId: 4107 belongs to subject 3391' } });
});
