// A send whose run an operator has ended by hand: its claim is settled by what is known of its attempts (W20, LIV2).
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sendWorkflowId } from '../../workflows/messages.js';
import type { SendRequest } from '../../client/chat-center.js';
import { aPerson, aTemplateSend } from '../rig/people.js';
import { type Service, startService } from '../rig/service.js';
import { ledgerOf } from '../rig/simulator.js';
import { putUnreachableChannel } from '../rig/unreachable.js';
import { until } from '../rig/until.js';

let service: Service;
beforeAll(async () => {
  service = await startService({ settings: { verdictSeconds: 25 }, providerTimeout: 8_000 });
});
afterAll(() => service.stop());

/** Ends the send's run once it has the claim, and lets the sweep find what is left. */
async function endedByHand(request: SendRequest & { clientId: string }, isDue: () => Promise<boolean>) {
  const clientId = request.clientId;
  const asked = service.crm.send(request, randomUUID()).catch((error: unknown) => error);
  const { sendId } = await until(
    () => sendOf(clientId),
    (send) => send !== undefined && send.state === 'dispatching',
  ).then((send) => send ?? { sendId: '' });
  await until(isDue, (due) => due);
  expect(await service.sweep()).toBe(0); // a send that runs is left alone
  await service.temporal.workflow.getHandle(sendWorkflowId(sendId)).terminate('by an operator');
  await asked;

  expect(
    await until(
      () => service.sweep(),
      (settled) => settled > 0,
    ),
  ).toBe(1); // visibility lags a little

  return until(
    () => threadOf(clientId),
    ({ state }) => state === 'CLOSED',
  ).then(async (thread) => ({ thread, send: await service.crm.findSend(sendId) }));
}

async function sendOf(clientId: string) {
  const row = await service.database
    .selectFrom('sends')
    .select(['send_id', 'state'])
    .where('client_id', '=', clientId)
    .executeTakeFirst();
  return row && { sendId: row.send_id, state: row.state };
}
const threadOf = (clientId: string) =>
  service.database
    .selectFrom('threads')
    .select(['state', 'close_reason'])
    .where('client_id', '=', clientId)
    .executeTakeFirstOrThrow();

it('may it have left, the thread ends as its action says and the send is unconfirmed', async () => {
  const { clientId, phone } = await aPerson(service, '0006'); // accepted, no answer, no receipt

  const { thread, send } = await endedByHand(
    aTemplateSend(clientId),
    async () => (await ledgerOf(service, phone)).length === 1,
  );

  expect(thread).toEqual({ state: 'CLOSED', close_reason: null });
  expect(send).toMatchObject({ state: 'unconfirmed', verdict: 'QUEUED', delivery: { status: 'UNCONFIRMED' } });
});

it('has nothing left us, the claim is released and the send is rejected', async () => {
  const { clientId, phone } = await aPerson(service);
  await putUnreachableChannel(service);
  const content = { kind: 'TEXT' as const, text: 'Hello' };
  const isProvedUnsent = async () => {
    const row = await service.database
      .selectFrom('dispatches')
      .innerJoin('sends', 'sends.send_id', 'dispatches.send_id')
      .select('outcome')
      .where('client_id', '=', clientId)
      .executeTakeFirst();
    return row?.outcome === 'retry';
  };

  const { thread, send } = await endedByHand(
    aTemplateSend(clientId, { channelId: 'viber-away', content }),
    isProvedUnsent,
  );

  expect(thread).toEqual({ state: 'CLOSED', close_reason: 'SEND_REJECTED' });
  expect(send).toMatchObject({ state: 'rejected', verdict: 'REJECTED', delivery: { status: 'FAILED' } });
  expect(await ledgerOf(service, phone)).toEqual([]);
});
