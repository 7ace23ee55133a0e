// What happens to a thread by itself when nobody does anything (requirements, section 5).
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { addSearchAttributes, searchAttributeNames } from '../../scripts/search-attributes.js';
import { threadWorkflowId } from '../../workflows/messages.js';
import { type Service, startService } from '../rig/service.js';
import { clientWrites } from '../rig/simulator.js';
import { by, tellThread, untilThread, writing, written } from '../rig/threads.js';

let time: TestWorkflowEnvironment;
let service: Service;
beforeAll(async () => {
  time = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: inject('testServer') } },
  });
  await addSearchAttributes(time.connection, 'default', searchAttributeNames);
  service = await startService({ temporalAddress: time.connection.options.address });
});
afterAll(async () => {
  await service?.stop();
  await time?.teardown();
});

const HOUR = 3_600_000; // ms

/** Lets time pass until the client's thread has ended; answers its result. */
const ended = (clientId: string): Promise<unknown> =>
  time.client.workflow.getHandle(threadWorkflowId(clientId)).result();

it('a thread in which the client has written closes 24 h after the last answer, with WAITING_TIMEOUT', async () => {
  const { threadId, clientId } = await writing(service);
  await tellThread(service, threadId, 'take', {}, by('anna'));
  await tellThread(service, threadId, 'open', {}, by('anna'));
  await tellThread(service, threadId, 'messages', { content: { kind: 'TEXT', text: 'Hi' } }, by('anna'));
  const { closesAt } = await service.crm.findThread(threadId);

  expect(await ended(clientId)).toEqual({ closeReason: 'WAITING_TIMEOUT' });

  const { closeTime } = await time.client.workflow.getHandle(threadWorkflowId(clientId)).describe();
  const late = (closeTime?.getTime() ?? 0) - Date.parse(closesAt ?? '');
  expect(late).toBeGreaterThanOrEqual(0);
  expect(late).toBeLessThan(HOUR);
});

it('an answer starts the time of silence anew', async () => {
  const { threadId, clientId } = await written(service, { kind: 'ASSIGN_TO_ME' });
  await clientWrites(service, (await service.crm.findClient(clientId)).phone ?? '', 'Thanks');
  await untilThread(service, threadId, ({ state }) => state === 'ANSWER_NEEDED');
  const answer = () =>
    tellThread(service, threadId, 'messages', { content: { kind: 'TEXT', text: 'Welcome' } }, by('anna'));
  await answer();
  const first = await service.crm.findThread(threadId);
  await time.sleep(20 * HOUR);
  await answer();
  const second = await service.crm.findThread(threadId);

  expect(await ended(clientId)).toEqual({ closeReason: 'WAITING_TIMEOUT' });

  expect(Date.parse(second.closesAt ?? '') - Date.parse(first.closesAt ?? '')).toBeGreaterThanOrEqual(20 * HOUR);
  expect(await time.currentTimeMs()).toBeGreaterThanOrEqual(Date.parse(second.closesAt ?? ''));
});

it('a client who writes outside working hours finds the thread suspended; it is new when they begin', async () => {
  const now = new Date(); // the relay's clock, which nobody skips
  const tomorrow = ((now.getUTCDay() + 1 + 6) % 7) + 1; // 1 is Monday
  const days = [{ day: tomorrow, from: '09:00', to: '18:00' }];
  await service.operator.putSettings({ workingHours: { timeZone: 'UTC', days } });
  const { threadId } = await writing(service);
  const suspended = await service.crm.findThread(threadId);
  const taken = await tellThread(service, threadId, 'take', {}, by('anna'));

  await time.sleep(48 * HOUR);
  const thread = await untilThread(service, threadId, ({ state }) => state === 'NEW');
  await service.operator.putSettings({ workingHours: null });

  expect(suspended.state).toBe('SUSPENDED');
  expect(taken).toMatchObject({
    status: 409,
    body: { code: 'EVENT_NOT_ACCEPTED', state: 'SUSPENDED', accepts: ['transfer', 'close', 'block'] },
  });
  expect(thread.agentId).toBeUndefined();
  expect(await tellThread(service, threadId, 'take', {}, by('anna'))).toMatchObject({ status: 200 });
});

it('a bot that cannot be reached for 5 minutes leaves the thread in the queue of its sender (R15c)', async () => {
  let calls = 0;
  const server = createServer((_, response) => {
    calls += 1;
    response.writeHead(503).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await service.operator.putBot('away', { name: 'Away', url: `http://127.0.0.1:${port}`, enabled: true });
  const target = { kind: 'BOT' as const, id: 'away' };
  const before = await time.currentTimeMs();

  const { threadId, clientId } = await written(service, { kind: 'TRANSFER', target });
  expect(await service.crm.findThread(threadId)).toMatchObject({ state: 'UNASSIGNED', target });
  await time.sleep('10 minutes');
  const thread = await untilThread(service, threadId, ({ state }) => state === 'WAITING');
  server.close();

  expect(thread).toMatchObject({ agentId: 'anna', minimised: true });
  expect(calls).toBeGreaterThan(5);
  expect((await time.currentTimeMs()) - before).toBeGreaterThanOrEqual(5 * 60_000);
  const [entry] = (await service.crm.history(clientId)).items;
  expect(entry?.event).toEqual({ code: 'TRANSFER_FAILED', target, reason: 'UNREACHABLE' });
});
