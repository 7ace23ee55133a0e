import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { canonical } from '../../api/canonical.js';
import type { SendReply } from '../../client/index.js';
import { SendBody } from '../../domain/contracts/outgoing-send.js';
import { deriveId, hashOf } from '../../store/identity.js';
import { takeIn } from '../../store/send-intake.js';
import { OUTGOING_SEND, sendWorkflowId, TASK_QUEUE } from '../../workflows/messages.js';
import { aPerson, aTemplateSend } from '../rig/people.js';
import { ended, make } from '../rig/sends.js';
import { type Service, startService } from '../rig/service.js';
import { clientWrites, ledgerOf } from '../rig/simulator.js';
import { until } from '../rig/until.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const madeOf = (replies: SendReply[]) => replies.flatMap((reply) => (reply.outcome === 'made' ? [reply.send] : []));
const refusalsOf = (replies: SendReply[]) =>
  replies.flatMap((reply) => (reply.outcome === 'refused' ? reply.refusals : []));

it('of 200 sends at once for one client one wins and 199 are told who holds the thread (INV1, INV2, E3)', async () => {
  const { clientId, phone } = await aPerson(service);
  const request = aTemplateSend(clientId, { action: { kind: 'ASSIGN_TO_ME' } });

  const replies = await Promise.all(Array.from({ length: 200 }, () => service.crm.send(request, randomUUID())));

  const [winner, ...others] = madeOf(replies);
  expect(others).toEqual([]);
  const refusals = refusalsOf(replies);
  expect(refusals).toHaveLength(199);
  expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(['THREAD_ACTIVE']));
  expect(new Set(refusals.map((one) => one.code === 'THREAD_ACTIVE' && one.holder.threadId))).toEqual(
    new Set([winner?.threadId]),
  );
  expect(await ledgerOf(service, phone)).toHaveLength(1);
}, 60_000);

it('a send that comes after the client has written is told that the client opened the thread (R2, R31)', async () => {
  const { clientId, phone } = await aPerson(service);
  await clientWrites(service, phone, 'Are you there?');
  const { threadId } = await openThread(clientId);

  const reply = await service.crm.send(aTemplateSend(clientId), randomUUID());

  expect(refusalsOf([reply])).toMatchObject([
    { code: 'THREAD_ACTIVE', holder: { threadId, opener: 'CLIENT', state: 'NEW' } },
  ]);
  expect(await ledgerOf(service, phone)).toEqual([]);
});

it('a client who writes after the claim joins its thread, which then needs an answer (INV10, A21)', async () => {
  const { clientId, phone } = await aPerson(service);
  const { threadId } = await make(service, aTemplateSend(clientId, { action: { kind: 'ASSIGN_TO_ME' } }));

  await clientWrites(service, phone, 'Thanks!');
  const thread = await until(
    () => service.crm.findThread(threadId ?? ''),
    ({ state }) => state === 'ANSWER_NEEDED',
  );

  const { items } = await until(
    () => service.crm.history(clientId),
    (page) => page.items.length === 2,
  );
  expect(thread).toMatchObject({ agentId: 'anna', openedBy: { kind: 'SEND' } });
  expect(items.map(({ direction, threadId: of }) => [direction, of])).toEqual([
    ['IN', threadId],
    ['OUT', threadId],
  ]);
});

it("a send and the client's message at once: one thread, nothing lost, either one opened it (INV1, INV10)", async () => {
  const openers: Record<string, number> = { SEND: 0, CLIENT: 0 };
  for (let round = 0; round < 20; round += 1) {
    const { clientId, phone } = await aPerson(service);
    const [reply] = await Promise.all([
      service.crm.send(aTemplateSend(clientId, { action: { kind: 'ASSIGN_TO_ME' } }), randomUUID()),
      clientWrites(service, phone, 'Hello?'),
    ]);
    const { threadId } = await openThread(clientId);

    const { openedBy } = await service.crm.findThread(threadId);
    openers[openedBy.kind] = (openers[openedBy.kind] ?? 0) + 1;
    expect(await ledgerOf(service, phone)).toHaveLength(openedBy.kind === 'SEND' ? 1 : 0);
    expect(reply.outcome).toBe(openedBy.kind === 'SEND' ? 'made' : 'refused');
    const rows = await service.database
      .selectFrom('threads')
      .select('thread_id')
      .where('client_id', '=', clientId)
      .execute();
    expect(rows).toHaveLength(1);
  }
  console.log(`opened by the send ${openers['SEND']} times, by the client ${openers['CLIENT']} times`);
}, 60_000);

it('one idempotency key twenty times at once is one send and one answer (INV12)', async () => {
  const { clientId, phone } = await aPerson(service);
  const key = randomUUID();

  const replies = await Promise.all(Array.from({ length: 20 }, () => service.crm.send(aTemplateSend(clientId), key)));

  const sends = madeOf(replies);
  expect(sends).toHaveLength(20);
  expect(new Set(sends.map(({ sendId }) => sendId)).size).toBe(1);
  expect(replies.filter(({ isReplay }) => !isReplay)).toHaveLength(1);
  expect(await ledgerOf(service, phone)).toHaveLength(1);
});

it('the same key later gives the first answer again, also a refusal whose reason is gone (INV12)', async () => {
  const { clientId } = await aPerson(service);
  const first = await make(service, aTemplateSend(clientId, { action: { kind: 'ASSIGN_TO_ME' } }));
  const key = randomUUID();
  const refused = await service.crm.send(aTemplateSend(clientId), key);
  await service.temporal.workflow.getHandle(`thread:${clientId}`).terminate('the reason is gone');

  const again = await service.crm.send(aTemplateSend(clientId), key);

  expect(refusalsOf([refused])).toMatchObject([{ code: 'THREAD_ACTIVE', holder: { threadId: first.threadId } }]);
  expect(again).toMatchObject({ outcome: 'refused', isReplay: true, problem: { requestId: expect.any(String) } });
  expect(refusalsOf([again])).toEqual(refusalsOf([refused]));
});

it('a key whose run has ended without telling its caller is answered by what the run ended as (W03, INV12)', async () => {
  const { clientId } = await aPerson(service);
  const { token_id: tokenId } = await service.database
    .selectFrom('tokens')
    .select('token_id')
    .where('role', '=', 'integrator')
    .executeTakeFirstOrThrow();
  const key = randomUUID();
  const sendId = deriveId(tokenId, key);
  const command = SendBody.parse(aTemplateSend(clientId));
  await takeIn(service.database, {
    tokenId,
    key,
    route: 'POST /v1/sends',
    bodyHash: hashOf(canonical(command)),
    sendId,
    command,
    clientId,
  });
  const input = {
    sendId,
    clientId,
    channelId: 'wa-main',
    dispatchDeadline: 60_000,
    timeouts: { verdict: 5_000, unknown: 60_000, receipt: 60_000 },
  };
  const run = await service.temporal.workflow.start(OUTGOING_SEND, {
    workflowId: sendWorkflowId(sendId),
    taskQueue: TASK_QUEUE,
    args: [input],
  });
  await run.result();

  const reply = await service.crm.send(aTemplateSend(clientId), key);

  expect(reply).toMatchObject({ outcome: 'made', send: { sendId, verdict: 'ACCEPTED', state: 'delivered' } });
});

it("a message that meets the close of a thread opens the next one, and the send's own is closed (INV10, W22)", async () => {
  const { clientId, phone } = await aPerson(service);
  const seen: string[] = [];
  for (let round = 0; round < 10; round += 1) {
    const reply = service.crm.send(aTemplateSend(clientId), randomUUID());
    await until(
      () => threadRows(clientId),
      (rows) => rows.length > seen.length,
    );
    await clientWrites(service, phone, `message ${round}`);
    await reply;
    const rows = await until(
      () => threadRows(clientId),
      (all) => all.some(({ state }) => state === 'NEW'),
    );
    await service.temporal.workflow.getHandle(`thread:${clientId}`).terminate('next round');
    await service.database
      .updateTable('threads')
      .set({ state: 'CLOSED', closed_at: new Date() })
      .where('client_id', '=', clientId)
      .where('state', '!=', 'CLOSED')
      .execute();
    seen.push(...rows.slice(seen.length).map(({ thread_id }) => thread_id));
  }
  const messages = await service.database
    .selectFrom('messages')
    .select('thread_id')
    .where('client_id', '=', clientId)
    .where('direction', '=', 'IN')
    .execute();
  expect(messages).toHaveLength(10);
  expect(messages.every(({ thread_id }) => thread_id !== null)).toBe(true);
}, 60_000);

const threadRows = (clientId: string) =>
  service.database
    .selectFrom('threads')
    .select(['thread_id', 'state'])
    .where('client_id', '=', clientId)
    .orderBy('opened_at')
    .execute();

/** The client's thread once it rests. */
async function openThread(clientId: string): Promise<{ threadId: string }> {
  const rows = await until(
    () => threadRows(clientId),
    (all) => all.some(({ state }) => state !== 'OPENING' && state !== 'CLOSED'),
  );
  return { threadId: rows.find(({ state }) => state !== 'CLOSED')?.thread_id ?? '' };
}

it('a send that has ended answers its result (E6)', async () => {
  const { clientId } = await aPerson(service);
  const { sendId } = await make(service, aTemplateSend(clientId));

  expect((await ended(service, sendId)).result).toEqual({ state: 'delivered', verdict: 'ACCEPTED', refusals: [] });
});
