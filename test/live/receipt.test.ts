import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DeliveryStatus } from '../../domain/contracts/delivery.js';
import { aMail, aPerson, aTemplateSend } from '../rig/people.js';
import { ended, failuresIn, make, untilStatus } from '../rig/sends.js';
import { type Service, startService } from '../rig/service.js';
import { clientWrites, ledgerOf } from '../rig/simulator.js';
import { until } from '../rig/until.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const failing = [
  { ending: '0001', code: 'RECIPIENT_NOT_ON_CHANNEL' },
  { ending: '0002', code: 'RECIPIENT_BLOCKED_BUSINESS' },
  { ending: '0003', code: 'TEMPLATE_MISMATCH' },
];
it.each(failing)(
  'a number that ends with $ending fails late as $code, once in the history (R35, R36, INV9)',
  async ({ ending, code }) => {
    const { clientId, phone } = await aPerson(service, ending);

    const { sendId, verdict, threadId } = await make(service, aTemplateSend(clientId));
    const { state, failure } = await ended(service, sendId);
    const entries = await until(
      () => failuresIn(service, clientId),
      ({ length }) => length > 0,
    );

    expect({ verdict, state, code: failure?.code }).toEqual({ verdict: 'ACCEPTED', state: 'failed', code });
    expect(entries).toMatchObject([{ kind: 'SYSTEM', sendId, threadId, event: { sendId, failure: { code } } }]);
    expect(await ledgerOf(service, phone)).toHaveLength(1);
  },
);

it('manual text in hint mode is accepted, and its late failure leaves the long closed thread as it is (R35, A23)', async () => {
  const { clientId } = await aPerson(service);

  const content = { kind: 'TEXT' as const, text: 'Anything at all' };
  const { sendId, verdict, threadId } = await make(service, aTemplateSend(clientId, { channelId: 'wa-hint', content }));
  await untilStatus(service, sendId, 'FAILED');
  const before = await service.crm.findThread(threadId ?? '');
  const [entry] = await failuresIn(service, clientId);

  expect(verdict).toBe('ACCEPTED');
  expect(before).toMatchObject({ state: 'CLOSED' });
  expect(entry?.event.failure).toEqual({ code: 'TEMPLATE_MISMATCH', providerCode: 'no-match-template' });
});

it('refused at once, the claim is released and the attempt stands in the history without a system entry (A31)', async () => {
  const { clientId } = await aPerson(service, '0004');

  const { sendId, verdict, threadId, state, failure } = await make(service, aTemplateSend(clientId));
  const thread = await until(
    () => service.crm.findThread(threadId ?? ''),
    (one) => one.state === 'CLOSED',
  );
  const { items } = await service.crm.history(clientId);

  expect({ verdict, state, code: failure?.code }).toEqual({
    verdict: 'REJECTED',
    state: 'rejected',
    code: 'SENDER_ACCOUNT_PROBLEM',
  });
  expect(thread.closeReason).toBe('SEND_REJECTED');
  expect(items).toMatchObject([{ kind: 'MESSAGE', sendId, delivery: { status: 'FAILED' } }]);
});

const sameEnd: { ending: string; what: string; status: DeliveryStatus; failures: number }[] = [
  { ending: '0008', what: 'before the answer, twice and in the wrong order', status: 'READ', failures: 0 },
  { ending: '0011', what: 'as delivered, failed and read', status: 'READ', failures: 1 },
  { ending: '0007', what: 'after two answers 503', status: 'READ', failures: 0 },
  { ending: '0009', what: 'after an answer 429', status: 'READ', failures: 0 },
];
it.each(sameEnd)(
  'receipts that come $what end as $status, one message in the ledger (E6)',
  async ({ ending, status, failures }) => {
    const { clientId, phone } = await aPerson(service, ending);

    const { sendId } = await make(service, aTemplateSend(clientId));
    await untilStatus(service, sendId, status);

    expect((await ended(service, sendId)).state).toBe('delivered');
    expect(
      await until(
        () => failuresIn(service, clientId),
        ({ length }) => length === failures,
      ),
    ).toHaveLength(failures);
    expect(await ledgerOf(service, phone)).toHaveLength(1);
  },
);

it('a provider that accepts and never answers is found out by its receipts (E6, INV7)', async () => {
  const { clientId, phone } = await aPerson(service, '0005');

  const { sendId, verdict } = await make(service, aTemplateSend(clientId));
  const { state } = await ended(service, sendId);

  expect({ verdict, state }).toEqual({ verdict: 'ACCEPTED', state: 'delivered' });
  expect(await ledgerOf(service, phone)).toHaveLength(1);
});

it('the same receipt posted a hundred times at once is one fact and one entry (INV8, INV9)', async () => {
  const { clientId } = await aPerson(service, '0010');
  const { sendId } = await make(service, aTemplateSend(clientId));
  const [item] = await ledgerOf(service, (await service.crm.findClient(clientId)).phone ?? '');
  const receipt = {
    requestId: item?.key,
    messageId: 77,
    status: 'FAILED',
    error: 'user-blocked',
    statusAt: '2026-11-23T09:14:06Z',
  };

  const answers = await Promise.all(Array.from({ length: 100 }, () => postReceipt(receipt, 'test-webhook-key')));
  await untilStatus(service, sendId, 'FAILED');

  expect(new Set(answers)).toEqual(new Set([200]));
  expect(await failuresIn(service, clientId)).toHaveLength(1);
});

it('a receipt without the webhook key is 401 and changes nothing (INV20)', async () => {
  const { clientId } = await aPerson(service, '0010');
  const { sendId } = await make(service, aTemplateSend(clientId));
  const [item] = await ledgerOf(service, (await service.crm.findClient(clientId)).phone ?? '');
  const receipt = { requestId: item?.key, messageId: 78, status: 'DELIVERED', statusAt: '2026-11-23T09:14:06Z' };
  const before = await service.database.selectFrom('inbox').select('inbox_id').execute();

  expect(await postReceipt(receipt, 'wrong')).toBe(401);

  expect(await service.database.selectFrom('inbox').select('inbox_id').execute()).toEqual(before);
  expect((await service.crm.findSend(sendId)).delivery.status).toBe('QUEUED');
});

it('a mail server that falls silent after the final dot is never asked again (INV3, INV7)', async () => {
  const { clientId, email } = await aPerson(service, '0005');
  await service.operator.putSettings({ verdictSeconds: 1, unknownDeadlineSeconds: 1 });

  const { sendId, verdict } = await make(service, aMail(clientId));
  const { state, delivery } = await ended(service, sendId);
  await service.operator.putSettings({ verdictSeconds: 5, unknownDeadlineSeconds: 900 });

  expect({ verdict, state, status: delivery.status }).toEqual({
    verdict: 'QUEUED',
    state: 'unconfirmed',
    status: 'UNCONFIRMED',
  });
  expect(await ledgerOf(service, email)).toHaveLength(1);
});

it("the client's message opens the window: text is taken where only a template was (R25, A17)", async () => {
  const { clientId, phone } = await aPerson(service);
  await clientWrites(service, phone, 'Hello?');
  await until(
    () => service.crm.history(clientId),
    ({ items }) => items.some(({ threadId }) => threadId !== undefined),
  );
  const { database, temporal } = service;
  await temporal.workflow.getHandle(`thread:${clientId}`).terminate('the test needs the client free');

  const content = { kind: 'TEXT' as const, text: 'We are open.' };
  const { sendId } = await make(service, aTemplateSend(clientId, { content }));
  await untilStatus(service, sendId, 'READ');

  const open = await database
    .selectFrom('threads')
    .select('state')
    .where('client_id', '=', clientId)
    .where('state', '!=', 'CLOSED')
    .execute();
  expect(open).toEqual([]);
});

const postReceipt = async (receipt: object, key: string): Promise<number> => {
  const response = await fetch(`${service.api}/webhooks/wa-main`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify(receipt),
  });
  return response.status;
};
