import { expect, it } from 'vitest';
import { aText, startRig } from './rig.js';

const PHONE = '38970123456';

it.each([
  { answer: 'GARBAGE', body: expect.stringContaining('{"requestId":"') },
  { answer: 'EMPTY', body: '' },
  { answer: 'HTML', body: expect.stringContaining('<html>') },
])('$answer hides the acceptance behind a 200', async ({ answer, body }) => {
  const rig = await startRig();
  await rig.call('PUT', '/_faults', { answer });

  const reply = await rig.schedule(aText({ address: PHONE }));

  expect(reply).toMatchObject({ status: 200, body });
  expect(await rig.ledger()).toHaveLength(1);
});

it('CLOSE accepts and breaks the connection', async () => {
  const rig = await startRig();
  await rig.call('PUT', '/_faults', { answer: 'CLOSE' });

  await expect(rig.schedule(aText({ address: PHONE }))).rejects.toThrow('fetch failed');

  expect(await rig.ledger()).toHaveLength(1);
});

it.each([
  { answer: 'STATUS_500', status: 500 },
  { answer: 'REDIRECT', status: 307 },
])('$answer accepts nothing, and the call is counted', async ({ answer, status }) => {
  const rig = await startRig();
  await rig.call('PUT', '/_faults', { answer });

  const reply = await rig.schedule(aText({ address: PHONE, requestId: 'r' }));

  expect(reply.status).toBe(status);
  expect(await rig.ledger()).toEqual([]);
  expect((await rig.call('GET', '/_calls?key=r')).body).toEqual({ count: 1 });
  expect((await rig.call('GET', '/_stats')).body).toMatchObject({ calls: { PULSE: 1, SMTP: 0 } });
});

it('latency is waited for before an answer', async () => {
  const rig = await startRig();
  await rig.call('PUT', '/_faults', { latencyMs: 120 });
  const start = performance.now();

  await rig.schedule(aText({ address: PHONE }));

  expect(performance.now() - start).toBeGreaterThan(115);
});

it('faults are shown and reset', async () => {
  const rig = await startRig();
  await rig.call('PUT', '/_faults', { answer: 'HTML', receiptDelaysMs: { sent: 1 } });

  const shown = await rig.call('GET', '/_faults');
  await rig.call('DELETE', '/_faults');
  const reset = await rig.call('GET', '/_faults');

  const receiptDelaysMs = { sent: 60, delivered: 150, read: 400, failed: 1000 };
  expect(shown.body).toEqual({ latencyMs: 0, answer: 'HTML', receiptDelaysMs: { ...receiptDelaysMs, sent: 1 } });
  expect(reset.body).toEqual({ latencyMs: 0, answer: null, receiptDelaysMs });
});

it.each([
  { call: ['PUT', '/_faults', { latency: 1 }], error: 'body: Unrecognized key: "latency"' },
  { call: ['POST', '/_inbound', { provider: 'PULSE' }], error: expect.stringContaining('subjectId: ') },
  { call: ['GET', '/_ledger?provider=FAX'], error: expect.stringContaining('provider: ') },
  { call: ['GET', '/_calls'], error: expect.stringContaining('key: ') },
] as const)('a control call that makes no sense is told why: $error', async ({ call, error }) => {
  const rig = await startRig();

  expect(await rig.call(call[0], call[1], call[2])).toMatchObject({ status: 400, body: { error } });
});
