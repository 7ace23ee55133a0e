// Threads that are handed to a bot: one durable call to its program (R15c).
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Service, startService } from '../rig/service.js';
import { ledgerOf, clientWrites } from '../rig/simulator.js';
import { by, tellThread, untilThread, writing, written } from '../rig/threads.js';

interface Call {
  key: string;
  task: { threadId: string; clientId: string; channelId: string; comment?: string; history: { text?: string }[] };
}

/** A bot's program: answers each call with the next status, at last with 200. */
async function startBot(statuses: number[] = []) {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      calls.push({
        key: String(request.headers['idempotency-key']),
        task: JSON.parse(Buffer.concat(chunks).toString()) as Call['task'],
      });
      response.writeHead(statuses.shift() ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { calls, url: `http://127.0.0.1:${port}/threads`, stop: () => server.close() };
}

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const target = { kind: 'BOT' as const, id: 'tracker' };

it('a bot is told of the thread with comment and history once, and has it then', async () => {
  const bot = await startBot();
  await service.operator.putBot('tracker', { name: 'Tracker', url: bot.url, enabled: true });

  const { threadId, clientId } = await written(service, { kind: 'TRANSFER', target, comment: 'where is it?' });

  const thread = await untilThread(service, threadId, ({ state }) => state === 'IN_PROGRESS');
  bot.stop();
  expect(thread).toMatchObject({ target });
  expect(thread.agentId).toBeUndefined();
  expect(bot.calls).toHaveLength(1);
  expect(bot.calls[0]?.task).toMatchObject({ threadId, clientId, channelId: 'wa-main', comment: 'where is it?' });
  expect(bot.calls[0]?.task.history.at(-1)?.text).toContain('Ready until');
});

it('a bot that answers 503 is called again under the same key; the thread is unassigned meanwhile, with the bot as target', async () => {
  const bot = await startBot([503, 500]);
  await service.operator.putBot('tracker', { name: 'Tracker', url: bot.url, enabled: true });

  const { threadId } = await written(service, { kind: 'TRANSFER', target });

  expect(await service.crm.findThread(threadId)).toMatchObject({ state: 'UNASSIGNED', target });
  await untilThread(service, threadId, ({ state }) => state === 'IN_PROGRESS');
  bot.stop();
  expect(bot.calls).toHaveLength(3);
  expect(new Set(bot.calls.map(({ key }) => key))).toEqual(new Set([`${threadId}:1`]));
});

it("a bot's program answers the client and hands the thread on; no agent may do that in its place", async () => {
  const bot = await startBot();
  await service.operator.putBot('tracker', { name: 'Tracker', url: bot.url, enabled: true });
  const { threadId, clientId, phone } = await writing(service);
  await tellThread(service, threadId, 'transfer', { target });
  await untilThread(service, threadId, ({ state }) => state === 'IN_PROGRESS');
  bot.stop();
  const content = { kind: 'TEXT', text: 'It is on its way.' };

  expect(await tellThread(service, threadId, 'messages', { content }, by('anna'))).toMatchObject({
    status: 409,
    body: { code: 'NOT_HOLDER' },
  });
  const { status, body } = await tellThread(service, threadId, 'messages', { content });

  expect({ status, verdict: body['verdict'], agentId: body['agentId'] }).toEqual({
    status: 201,
    verdict: 'ACCEPTED',
    agentId: undefined,
  });
  expect(await service.crm.findThread(threadId)).toMatchObject({ state: 'WAITING', target });
  expect(await ledgerOf(service, phone)).toHaveLength(1);
  const [entry] = (await service.crm.history(clientId)).items;
  expect(entry).toMatchObject({ direction: 'OUT', text: 'It is on its way.' });
  await clientWrites(service, phone, 'A person, please');
  await untilThread(service, threadId, ({ state }) => state === 'ANSWER_NEEDED');
  const handed = await tellThread(service, threadId, 'transfer', { target: { kind: 'EMPLOYEE', id: 'anna' } });
  expect(handed).toMatchObject({ status: 200, body: { state: 'REASSIGNED', agentId: 'anna' } });
});

it('a bot that is disabled is no target; one that is disabled meanwhile leaves the thread to its sender (A26)', async () => {
  const bot = await startBot(Array.from({ length: 5 }, () => 503));
  await service.operator.putBot('tracker', { name: 'Tracker', url: bot.url, enabled: true });
  const { threadId, clientId } = await written(service, { kind: 'TRANSFER', target });
  await service.operator.putBot('tracker', { name: 'Tracker', url: bot.url, enabled: false });

  const thread = await untilThread(service, threadId, ({ state }) => state === 'WAITING');
  bot.stop();

  expect(thread).toMatchObject({ agentId: 'anna', minimised: true });
  const [entry] = (await service.crm.history(clientId)).items;
  expect(entry).toMatchObject({
    kind: 'SYSTEM',
    agentId: 'anna',
    event: { code: 'TRANSFER_FAILED', target, reason: 'VANISHED' },
  });
  const other = await written(service, { kind: 'ASSIGN_TO_ME' });
  expect(await tellThread(service, other.threadId, 'transfer', { target }, by('anna'))).toMatchObject({
    status: 409,
    body: { code: 'TRANSFER_TARGET' },
  });
});

it('a supervisor may take the thread from a bot that does not answer; its late answer changes nothing', async () => {
  const bot = await startBot([503, 503]);
  await service.operator.putBot('tracker', { name: 'Tracker', url: bot.url, enabled: true });
  const { threadId } = await written(service, { kind: 'TRANSFER', target });

  const taken = await tellThread(service, threadId, 'take', {}, { role: 'supervisor', agentId: 'boris' });
  await untilThread(service, threadId, () => bot.calls.length === 3);
  bot.stop();

  expect(taken).toMatchObject({ status: 200, body: { state: 'ASSIGNED', agentId: 'boris' } });
  expect(await service.crm.findThread(threadId)).toMatchObject({ state: 'ASSIGNED', agentId: 'boris' });
});
