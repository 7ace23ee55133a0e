import { expect, it, vi } from 'vitest';
import { aText, startRig, VIBER, WHATSAPP } from '../rig.js';

const inbound = { provider: 'PULSE', subjectId: 3391, from: '38970123456', text: 'Can I come?', name: 'Mila' };
const callbackCounts = async (rig: Awaited<ReturnType<typeof startRig>>) =>
  ((await rig.call('GET', '/_stats')).body as { callbacks: object }).callbacks;

it('a status names the message, the sender account and the comment', async () => {
  const rig = await startRig();
  await rig.listenTo(VIBER.subjectId);

  await rig.schedule(aText({ address: '38970123456', requestId: 'r' }));
  await rig.untilStatuses(1);

  const [first] = rig.webhook.received;
  expect(first?.headers['x-api-key']).toBe('test-webhook-key');
  expect(first?.body).toEqual({
    requestId: 'r',
    messageId: expect.any(Number),
    cascadeId: 4108,
    cascadeStageUUID: expect.stringMatching(/^[0-9a-f-]{36}$/),
    subject: 'northwind_viber',
    subjectId: 3392,
    status: 'SENT',
    statusAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    error: null,
    comment: 's:r p:1',
  });
});

it('a status is posted until it is answered with 200', async () => {
  const rig = await startRig();
  await rig.listenTo(VIBER.subjectId);
  rig.webhook.answers = [500, 202];

  await rig.schedule(aText({ address: '38970120001' }));
  await rig.untilStatuses(3);

  expect(rig.statuses()).toEqual(['FAILED', 'FAILED', 'FAILED']);
  await vi.waitFor(async () => expect(await callbackCounts(rig)).toEqual({ sent: 1, failed: 2, dropped: 0 }));
});

it('a status is given up after three repeats', async () => {
  const rig = await startRig();
  await rig.listenTo(VIBER.subjectId);
  rig.webhook.answers = [500, 500, 500, 500];

  await rig.schedule(aText({ address: '38970120001' }));
  await vi.waitFor(async () => expect(await callbackCounts(rig)).toEqual({ sent: 0, failed: 4, dropped: 0 }));
  await rig.schedule(aText({ address: '38970120002' }));
  await rig.untilStatuses(5);

  expect(rig.webhook.received.map(({ body }) => body['error'])).toEqual([
    ...Array(4).fill('not-viber-user'),
    'user-blocked',
  ]);
});

it('statuses of an account without a callback are dropped and counted', async () => {
  const rig = await startRig();
  await rig.speedUp();

  await rig.schedule(aText({ address: '38970123456' }));

  await vi.waitFor(async () => expect(await callbackCounts(rig)).toEqual({ sent: 0, failed: 0, dropped: 3 }));
});

it('the key can travel as a token, and be that of the account', async () => {
  const rig = await startRig({ webhookHeader: 'Authorization' });
  const sender = { subject: 'northwind_wa', type: 'WHATSAPP', cascadeId: 4107, webhookKey: 'own-key' };
  await rig.call('PUT', '/_subjects/3391', sender);
  await rig.listenTo(WHATSAPP.subjectId);

  await rig.call('POST', '/_inbound', inbound);

  expect(rig.webhook.received[0]?.headers.authorization).toBe('Token own-key');
});

it('a client who writes reaches the webhook, and its answer is told', async () => {
  const rig = await startRig();
  await rig.listenTo(WHATSAPP.subjectId);
  rig.webhook.answers = [503];

  const first = await rig.call('POST', '/_inbound', inbound);
  const again = await rig.call('POST', '/_inbound', { ...inbound, id: 5 });

  expect(first.body).toEqual({ id: expect.any(Number), status: 503 });
  expect(again.body).toEqual({ id: 5, status: 200 });
  expect(rig.webhook.received[1]?.body).toMatchObject({
    id: 5,
    subject: 'northwind_wa',
    subscriber: { identifier: '38970123456' },
    userInfo: { firstName: 'Mila' },
    messageContent: { type: 'TEXT', text: 'Can I come?' },
  });
});

it('a client who sends a file is told with its address, from which it can be fetched', async () => {
  const rig = await startRig();
  await rig.listenTo(WHATSAPP.subjectId);
  const { text: _, ...nothing } = inbound;
  const file = { name: 'a picture.png', base64: Buffer.from('a picture').toString('base64') };

  await rig.call('POST', '/_inbound', { ...nothing, file });
  await rig.call('POST', '/_inbound', { ...inbound, file });

  const [alone, captioned] = rig.webhook.received.map(({ body }) => body['messageContent'] as { attachment: object });
  expect(alone).toMatchObject({ type: 'IMAGE', text: null, caption: null });
  expect(captioned).toMatchObject({ type: 'IMAGE', text: null, caption: 'Can I come?' });
  expect(alone?.attachment).toEqual({
    url: `${rig.base}/pulse/files/0/a%20picture.png`,
    name: 'a picture.png',
    size: 9,
    mimeType: 'image/png',
  });
  expect((await rig.call('GET', '/pulse/files/0/a%20picture.png')).body).toBe('a picture');
  expect((await rig.call('GET', '/pulse/files/7/a.png')).status).toBe(404);
  expect((await rig.call('POST', '/_inbound', nothing)).status).toBe(400);
});

it.each([
  { code: 'error-subject-unknown', body: { subjectId: 1, statusCallbackUrl: 'http://127.0.0.1:1/' } },
  { code: 'url-not-specified', body: { subjectId: 3391 } },
  {
    code: 'error-callback-url-max-length',
    body: { subjectId: 3391, statusCallbackUrl: `http://x/${'p'.repeat(500)}` },
  },
  { code: 'error-callback-url-not-available', body: { subjectId: 3391, statusCallbackUrl: 'http://127.0.0.1:1/' } },
])('a callback that cannot be registered is refused as $code', async ({ code, body }) => {
  const rig = await startRig();

  expect(await rig.call('POST', '/pulse/api/callback/set', body)).toMatchObject({ status: 400, body: { code } });
});
