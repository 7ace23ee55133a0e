import { afterAll, beforeAll, expect, it } from 'vitest';
import { aMail, aPerson, aTemplateSend } from '../rig/people.js';
import { make, untilStatus } from '../rig/sends.js';
import { type Service, startService } from '../rig/service.js';
import { ledgerOf } from '../rig/simulator.js';
import { until } from '../rig/until.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

it('a template is accepted, delivered and read, and its thread is closed with an empty reason (A22)', async () => {
  const { clientId, phone } = await aPerson(service);

  const { sendId, verdict, threadId } = await make(service, aTemplateSend(clientId));
  const { delivery } = await untilStatus(service, sendId, 'READ');
  const thread = await until(
    () => service.crm.findThread(threadId ?? ''),
    ({ state }) => state === 'CLOSED',
  );

  expect(verdict).toBe('ACCEPTED');
  expect(delivery.parts).toEqual([{ index: 0, kind: 'TEXT', status: 'READ' }]);
  expect(thread).not.toHaveProperty('closeReason');
  expect(await ledgerOf(service, phone)).toMatchObject([
    { content: { text: `Ready until 18:00 ${clientId}.`, title: 'Order A-1042', signature: 'Northwind' } },
  ]);
});

it('assigned to me, the new thread waits for the client in my queue, minimised (R15b)', async () => {
  const { clientId } = await aPerson(service);

  const { threadId } = await make(service, aTemplateSend(clientId, { action: { kind: 'ASSIGN_TO_ME' } }));
  const thread = await until(
    () => service.crm.findThread(threadId ?? ''),
    ({ state }) => state !== 'OPENING',
  );

  expect(thread).toMatchObject({ state: 'WAITING', agentId: 'anna', minimised: true });
});

it('an e-mail goes beside an active thread, opens none, and keeps its blind copies in the envelope (R3, R30, A12)', async () => {
  const { clientId, email } = await aPerson(service);
  await make(service, aTemplateSend(clientId, { action: { kind: 'ASSIGN_TO_ME' } }));

  const content = { kind: 'EMAIL' as const, subject: 'Hello', text: 'There', bcc: ['boss@northwind.example'] };
  const { state, threadId, delivery } = await make(service, aMail(clientId, { content }));

  expect({ state, threadId, status: delivery.status }).toEqual({ state: 'sent', threadId: null, status: 'SENT' });
  const [mail] = await ledgerOf(service, email);
  expect(mail?.content).toMatchObject({ envelope: { recipients: [email, 'boss@northwind.example'] } });
  expect(mail?.content).not.toHaveProperty('headers.bcc');
});

it('a Viber text needs no template where the policy is NEVER (A15)', async () => {
  const { clientId, phone } = await aPerson(service);

  const { sendId } = await make(
    service,
    aTemplateSend(clientId, { channelId: 'viber-main', content: { kind: 'TEXT', text: 'Hello' } }),
  );
  await untilStatus(service, sendId, 'READ');

  expect(await ledgerOf(service, phone)).toMatchObject([{ content: { text: 'Hello' } }]);
});
