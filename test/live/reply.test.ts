// Answers in a thread: the same rules and the same workflow as a first message, without a claim, in order.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tell } from '../../scripts/simulator.js';
import { sendWorkflowId } from '../../workflows/messages.js';
import { type Service, startService } from '../rig/service.js';
import { clientWrites, ledgerOf } from '../rig/simulator.js';
import { by, tellThread, untilThread, type WithThread, writing, written } from '../rig/threads.js';
import { until } from '../rig/until.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const text = (words: string) => ({ content: { kind: 'TEXT', text: words } });
const answer = (threadId: string, words: string, agentId = 'anna') =>
  tellThread(service, threadId, 'messages', text(words), by(agentId));

/** A client who has written to anna, who is at work on it. */
async function inProgress(ending?: string): Promise<WithThread> {
  const person = await writing(service, 'Hello?', ending);
  await tellThread(service, person.threadId, 'take', {}, by('anna'));
  await tellThread(service, person.threadId, 'open', {}, by('anna'));
  return person;
}
const textsOf = async (phone: string) =>
  (await ledgerOf(service, phone)).map(({ content }) => (content as { text?: string }).text);

it('an answer leaves, stands in the history of its thread, and the thread waits for the client', async () => {
  const { threadId, clientId, phone } = await inProgress();

  const { status, body } = await answer(threadId, 'Good morning');

  expect({ status, ...body }).toMatchObject({ status: 201, verdict: 'ACCEPTED', threadId, clientId, agentId: 'anna' });
  expect(await service.crm.findThread(threadId)).toMatchObject({ state: 'WAITING', closesAt: expect.any(String) });
  const { items } = await service.crm.history(clientId);
  expect(items[0]).toMatchObject({ direction: 'OUT', threadId, text: 'Good morning', sendId: body['sendId'] });
  expect(await ledgerOf(service, phone)).toHaveLength(1);
});

it('answers leave in the order of the history, also while the provider is slow with the first (INV21)', async () => {
  const { threadId, clientId, phone } = await inProgress();
  await tell(service.simulator, 'PUT', '/_faults', { latencyMs: 300 });

  const said = await Promise.all(['one', 'two', 'three', 'four'].map((words) => answer(threadId, words)));
  await tell(service.simulator, 'DELETE', '/_faults');

  expect(said.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
  const { items } = await service.crm.history(clientId);
  const written_ = items.filter(({ direction }) => direction === 'OUT').map(({ text: words }) => words);
  expect(await textsOf(phone)).toEqual(written_.toReversed());
  expect(written_).toHaveLength(4);
});

it('one whose predecessor is still tried waits for it, and is queued meanwhile (A32)', async () => {
  await service.operator.putSettings({ verdictSeconds: 1 });
  const { threadId, phone } = await inProgress('0007'); // 503 twice, then taken

  const first = await answer(threadId, 'first');
  const second = await answer(threadId, 'second');
  await service.operator.putSettings({ verdictSeconds: 5 });

  expect([first.body['verdict'], second.body['verdict']]).toEqual(['QUEUED', 'QUEUED']);
  const left = await until(
    () => textsOf(phone),
    ({ length }) => length === 2,
  );
  expect(left).toEqual(['first', 'second']);
});

it('a client who writes while the answer is under way still waits for one', async () => {
  const { threadId, phone } = await inProgress();
  await tell(service.simulator, 'PUT', '/_faults', { latencyMs: 500 });
  const answering = answer(threadId, 'Good morning');
  await until(
    () =>
      service.database
        .selectFrom('dispatches')
        .innerJoin('sends', 'sends.send_id', 'dispatches.send_id')
        .select('attempt')
        .where('sends.thread_id', '=', threadId)
        .execute(),
    ({ length }) => length === 1,
  );

  await clientWrites(service, phone, 'And another thing');
  await untilThread(service, threadId, ({ state }) => state === 'ANSWER_NEEDED');
  await answering;
  await tell(service.simulator, 'DELETE', '/_faults');

  expect((await service.crm.findThread(threadId)).state).toBe('ANSWER_NEEDED');
  expect((await answer(threadId, 'Which?')).status).toBe(201);
  expect((await service.crm.findThread(threadId)).state).toBe('WAITING');
});

it('a rejected answer changes no state, and its attempt is in the history (A31)', async () => {
  const { threadId } = await inProgress('0004');

  const { status, body } = await answer(threadId, 'Good morning');

  expect({ status, verdict: body['verdict'] }).toEqual({ status: 201, verdict: 'REJECTED' });
  expect((await service.crm.findThread(threadId)).state).toBe('IN_PROGRESS');
});

it('an answer before the thread is opened, or by another agent, is refused and leaves nothing', async () => {
  const { threadId, phone } = await writing(service);
  await tellThread(service, threadId, 'take', {}, by('anna'));

  const early = await answer(threadId, 'x');
  const other = await (async () => {
    await tellThread(service, threadId, 'open', {}, by('anna'));
    return answer(threadId, 'x', 'boris');
  })();

  expect(early).toMatchObject({
    status: 409,
    body: { code: 'EVENT_NOT_ACCEPTED', state: 'ASSIGNED', accepts: ['open', 'transfer', 'close', 'block'] },
  });
  expect(other).toMatchObject({ status: 409, body: { code: 'NOT_HOLDER', holder: { agentId: 'anna' } } });
  expect(await ledgerOf(service, phone)).toEqual([]);
});

it('an agent who is away may still answer in their threads; the rules of the channel hold all the same (R1, R18)', async () => {
  const { threadId } = await inProgress();
  await service.operator.putAgent('anna', {
    name: 'Anna',
    login: 'anna',
    status: 'INACTIVE',
    groupIds: [],
    skillIds: [],
  });
  const away = await answer(threadId, 'Good morning');
  await service.operator.putAgent('anna', {
    name: 'Anna',
    login: 'anna',
    status: 'ACTIVE',
    groupIds: [],
    skillIds: [],
  });
  const outside = await written(service, { kind: 'ASSIGN_TO_ME' });

  expect(away.status).toBe(201);
  expect(await answer(outside.threadId, 'x')).toMatchObject({ status: 409, body: { code: 'TEMPLATE_REQUIRED' } });
  expect(await answer(threadId, ' ')).toMatchObject({ status: 409, body: { code: 'TEXT_REQUIRED' } });
});

it('the same words by another agent are another answer: under one key that is 422 (INV12)', async () => {
  const { threadId } = await inProgress();
  const key = randomUUID();

  const { outcome } = await service.crm.reply(
    threadId,
    { agentId: 'anna', content: { kind: 'TEXT', text: 'Hi' } },
    key,
  );

  expect(outcome).toBe('made');
  await expect(
    service.crm.reply(threadId, { agentId: 'boris', content: { kind: 'TEXT', text: 'Hi' } }, key),
  ).rejects.toMatchObject({ problem: { code: 'IDEMPOTENCY_KEY_REUSED' } });
});

it('an answer that the rules refuse leaves the thread as it is, and the next one goes', async () => {
  const { threadId } = await inProgress();

  const refused = await answer(threadId, ' ');
  const next = await answer(threadId, 'Good morning');

  expect(refused.body['code']).toBe('TEXT_REQUIRED');
  expect(next.status).toBe(201);
  expect((await service.crm.findThread(threadId)).state).toBe('WAITING');
});

it('one idempotency key is one answer, ten at once too; another body under it is 422 (INV12)', async () => {
  const { threadId, phone } = await inProgress();
  const { token } = await service.as('agent', 'anna');
  const key = randomUUID();
  const ask = (words: string) =>
    fetch(`${service.api}/v1/threads/${threadId}/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(text(words)),
    });

  const said = await Promise.all(Array.from({ length: 10 }, () => ask('once')));
  const sends = await Promise.all(said.map(async (one) => ((await one.json()) as { sendId: string }).sendId));

  expect(new Set(sends).size).toBe(1);
  expect(await ledgerOf(service, phone)).toHaveLength(1);
  expect((await ask('twice')).status).toBe(422);
});

it('a send whose run was ended by hand holds back no later answer of its thread once it is swept (LIV2)', async () => {
  await service.operator.putSettings({ verdictSeconds: 1 });
  const { threadId, phone } = await inProgress('0007'); // 503 twice, then taken
  const stuck = String((await answer(threadId, 'stuck')).body['sendId']);
  await service.temporal.workflow.getHandle(sendWorkflowId(stuck)).terminate('by hand');
  await service.database
    .updateTable('sends')
    .set({ created_at: new Date(Date.now() - 3_600_000) })
    .where('send_id', '=', stuck)
    .execute();

  expect(await service.sweep()).toBe(1);

  expect(await service.crm.findSend(stuck)).toMatchObject({ state: 'unconfirmed' });
  await service.operator.putSettings({ verdictSeconds: 5 });
  expect((await answer(threadId, 'next')).body['verdict']).toBe('ACCEPTED');
  expect(await textsOf(phone)).toEqual(['next']);
});
