import { expect, it } from 'vitest';
import { aText, startRig, VIBER, WHATSAPP } from '../rig.js';

it.each([
  { ending: '3456', statuses: ['SENT', 'DELIVERED', 'READ'] },
  { ending: '0001', statuses: ['FAILED'], error: 'not-viber-user' },
  { ending: '0002', statuses: ['FAILED'], error: 'user-blocked' },
  { ending: '0003', statuses: ['NO-MATCH-TEMPLATE'], error: 'no-match-template' },
  { ending: '0011', statuses: ['DELIVERED', 'FAILED', 'READ'] },
])('a phone ending with $ending is accepted, then reports $statuses (E9)', async ({ ending, statuses, error }) => {
  const rig = await startRig();
  await rig.listenTo(VIBER.subjectId);
  await rig.speedUp();

  const reply = await rig.schedule(aText({ address: `3897012${ending}`, requestId: 'r' }));
  await rig.untilStatuses(statuses.length);

  expect(reply).toMatchObject({ status: 200, body: { requestId: 'r' } });
  expect(rig.statuses()).toEqual(statuses);
  if (error !== undefined) expect(rig.webhook.received[0]?.body['error']).toBe(error);
});

it('a WhatsApp account names the messenger that a client does not use', async () => {
  const rig = await startRig();
  await rig.listenTo(WHATSAPP.subjectId);
  await rig.call('POST', '/_inbound', { provider: 'PULSE', subjectId: 3391, from: '38970120001', text: 'Hello' });

  await rig.schedule(aText({ address: '38970120001', cascadeId: WHATSAPP.cascadeId }));
  await rig.untilStatuses(2);

  expect(rig.webhook.received[1]?.body).toMatchObject({ status: 'FAILED', error: 'not-whatsapp-user' });
});

it('a phone ending with 0004 is refused at once', async () => {
  const rig = await startRig();

  const reply = await rig.schedule(aText({ address: '38970120004' }));

  expect(reply).toMatchObject({ status: 400, body: { title: 'cascade-scheduling-request-is-not-valid', status: 400 } });
  expect(await rig.ledger()).toEqual([]);
});

it('a phone ending with 0005 is never answered, yet accepted and reported', async () => {
  const rig = await startRig();
  await rig.listenTo(VIBER.subjectId);
  await rig.speedUp();
  const message = aText({ address: '38970120005' });

  await expect(rig.schedule(message)).rejects.toThrow('fetch failed');
  const repeat = await rig.schedule(message);
  await rig.untilStatuses(3);

  expect(repeat).toMatchObject({ status: 400, body: { title: 'requestId-is-not-unique' } });
  expect(rig.statuses()).toEqual(['SENT', 'DELIVERED', 'READ']);
  expect(await rig.ledger()).toHaveLength(1);
});

it('a phone ending with 0006 stays silent on every attempt, in receipts and in the history', async () => {
  const rig = await startRig({ pulseSilenceMs: 20 });
  await rig.listenTo(VIBER.subjectId);
  const message = aText({ address: '38970120006' });

  await expect(rig.schedule(message)).rejects.toThrow('fetch failed');
  await expect(rig.schedule(message)).rejects.toThrow('fetch failed');
  const history = await rig.call('POST', '/pulse/api/messages/history', {
    subjectId: VIBER.subjectId,
    subscriberFilter: { address: '38970120006', type: 'PHONE' },
    dateFrom: '2020-01-01T00:00:00Z',
    dateTo: '2099-01-01T00:00:00Z',
  });

  expect(history.body).toEqual({ hasNext: false, content: [] });
  expect(await rig.ledger()).toHaveLength(1);
});

it('a phone ending with 0007 gets 503 twice for each request, then is accepted', async () => {
  const rig = await startRig();
  const message = aText({ address: '38970120007' });

  const attempts = [await rig.schedule(message), await rig.schedule(message), await rig.schedule(message)];
  const other = await rig.schedule(aText({ address: '38970120007' }));

  expect(attempts.map(({ status }) => status)).toEqual([503, 503, 200]);
  expect(attempts[0]?.body).toBe('');
  expect(other.status).toBe(503);
});

it('a phone ending with 0008 is reported before the answer, twice and backwards', async () => {
  const rig = await startRig();
  await rig.listenTo(VIBER.subjectId);

  await rig.schedule(aText({ address: '38970120008' }));

  expect(rig.statuses()).toEqual(['READ', 'READ', 'DELIVERED', 'DELIVERED', 'SENT', 'SENT']);
});

it('a phone ending with 0009 is told once to come back in a second', async () => {
  const rig = await startRig();
  const message = aText({ address: '38970120009' });

  const first = await rig.schedule(message);
  const second = await rig.schedule(message);

  expect([first.status, second.status]).toEqual([429, 200]);
  expect(first.headers.get('Retry-After')).toBe('1');
});

it('a phone ending with 0010 is accepted and never reported', async () => {
  const rig = await startRig();
  await rig.listenTo(VIBER.subjectId);
  await rig.speedUp();

  const reply = await rig.schedule(aText({ address: '38970120010' }));
  await rig.schedule(aText({ address: '38970123456' }));
  await rig.untilStatuses(3);

  expect(reply.status).toBe(200);
  expect(rig.statuses()).toEqual(['SENT', 'DELIVERED', 'READ']);
});
