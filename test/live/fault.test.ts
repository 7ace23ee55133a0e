// A provider that misbehaves: the send ends in a stated outcome, never hangs, never doubles (INV3, INV7).
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { tell } from '../../scripts/simulator.js';
import { aPerson, aTemplateSend } from '../rig/people.js';
import { ended, make } from '../rig/sends.js';
import { type Service, startService } from '../rig/service.js';
import { ledgerOf } from '../rig/simulator.js';
import { putUnreachableChannel } from '../rig/unreachable.js';
import { until } from '../rig/until.js';

let service: Service;
beforeAll(async () => {
  service = await startService({ settings: { verdictSeconds: 1, dispatchDeadlineSeconds: 4 }, providerTimeout: 1_000 });
});
afterAll(() => service.stop());
afterEach(() => tell(service.simulator, 'DELETE', '/_faults'));

const spoilt = [
  { answer: 'GARBAGE', what: 'rubbish behind a 200' },
  { answer: 'HTML', what: 'a page behind a 200' },
  { answer: 'EMPTY', what: 'nothing behind a 200' },
  { answer: 'CLOSE', what: 'a closed connection' },
];
it.each(spoilt)('a provider that accepts and answers with $what: delivered, one message', async ({ answer }) => {
  const { clientId, phone } = await aPerson(service);
  await tell(service.simulator, 'PUT', '/_faults', { answer });

  const { sendId } = await make(service, aTemplateSend(clientId));
  const { state } = await ended(service, sendId);

  expect(state).toBe('delivered');
  expect(await ledgerOf(service, phone)).toHaveLength(1);
});

it.each(['STATUS_500', 'REDIRECT'])(
  'a provider that answers %s to the end: queued, then unconfirmed, since nobody knows',
  async (answer) => {
    const { clientId, phone } = await aPerson(service);
    await tell(service.simulator, 'PUT', '/_faults', { answer });

    const { sendId, verdict } = await make(service, aTemplateSend(clientId));
    const { state, delivery } = await ended(service, sendId);

    expect({ verdict, state, status: delivery.status }).toEqual({
      verdict: 'QUEUED',
      state: 'unconfirmed',
      status: 'UNCONFIRMED',
    });
    expect(await ledgerOf(service, phone)).toEqual([]);
  },
);

it('a provider that cannot be reached: queued, then failed, since nothing left; the thread is as its action left it (A23)', async () => {
  const { clientId } = await aPerson(service);
  await putUnreachableChannel(service);

  const content = { kind: 'TEXT' as const, text: 'Hello' };
  const { sendId, verdict, threadId } = await make(
    service,
    aTemplateSend(clientId, { channelId: 'viber-away', content }),
  );
  const { state, failure } = await ended(service, sendId);
  const { items } = await service.crm.history(clientId);

  expect({ verdict, state, code: failure?.code }).toEqual({
    verdict: 'QUEUED',
    state: 'failed',
    code: 'PROVIDER_ERROR',
  });
  expect(items.map(({ event, kind }) => event?.code ?? kind)).toEqual(['DELIVERY_FAILED', 'MESSAGE']);
  expect(await service.crm.findThread(threadId ?? '')).toMatchObject({ state: 'CLOSED' });
});

it('without any worker a send is 503, and the same key attaches to what has begun (INV12)', async () => {
  const { clientId, phone } = await aPerson(service);
  const key = randomUUID();
  await service.stopWorker();

  await expect(service.crm.send(aTemplateSend(clientId), key)).rejects.toMatchObject({
    problem: { code: 'UNAVAILABLE', status: 503 },
    retryAfter: 2_000,
  });
  await service.startWorker();
  const reply = await service.crm.send(aTemplateSend(clientId), key);

  expect(reply).toMatchObject({ outcome: 'made', send: { verdict: 'ACCEPTED' } });
  await until(
    () => ledgerOf(service, phone),
    ({ length }) => length === 1,
  );
}, 60_000);
