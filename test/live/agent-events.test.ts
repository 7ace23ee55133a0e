// The stream of an agent: queue, threads and late failures, told to whom they concern and to nobody else.
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { promisify } from 'node:util';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { sql } from 'kysely';
import pino from 'pino';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { eventStream, type Source } from '../../api/event-stream.js';
import type { ApiVariables } from '../../api/route.js';
import { ChatCenter } from '../../client/index.js';
import { eventsIn, type ServerEvent } from '../../client/event-stream.js';
import { startApiProcess } from '../rig/api-process.js';
import { aPerson, aTemplateSend } from '../rig/people.js';
import { failuresIn, make } from '../rig/sends.js';
import { type Service, startService } from '../rig/service.js';
import { clientWrites } from '../rig/simulator.js';
import { writing, written } from '../rig/threads.js';
import { until } from '../rig/until.js';
import { watch } from '../rig/watch.js';

let service: Service;
let crm: ChatCenter;
beforeAll(async () => {
  service = await startService();
  ({ crm } = service);
});
afterAll(() => service.stop());

let agents = 0;
/** One whom nothing has happened to. */
async function anAgent(): Promise<string> {
  agents += 1;
  const agentId = `agent-${agents}`;
  const rest = { status: 'ACTIVE' as const, groupIds: [], skillIds: [] };
  await service.operator.putAgent(agentId, { name: 'An agent', login: agentId, ...rest });
  return agentId;
}

const code = (expected: string) => ({ problem: { code: expected } });
const EMPTY = { waitingForAgent: [], waitingForClient: [] };
const isWithoutThreads = ({ data }: { data: typeof EMPTY }) =>
  data.waitingForAgent.length + data.waitingForClient.length === 0;

/** A message of this agent that is accepted and fails later, with its failure in the history. */
async function aLateFailure(agentId: string, action: { kind: 'CLOSE' } | { kind: 'ASSIGN_TO_ME' } = { kind: 'CLOSE' }) {
  const { clientId } = await aPerson(service, '0001');
  const send = await make(service, aTemplateSend(clientId, { agentId, action }));
  await until(
    () => failuresIn(service, clientId),
    (failures) => failures.length > 0,
  );
  return send;
}

it('begins with the whole queue, at once and for no cache to keep (R15b)', async () => {
  const agentId = await anAgent();
  const { threadId } = await written(service, { kind: 'ASSIGN_TO_ME' }, { agentId });
  const { token } = await service.as('agent', agentId);
  const leaving = new AbortController();

  const { status, headers } = await fetch(`${service.api}/v1/agents/${agentId}/events`, {
    headers: { authorization: `Bearer ${token}` },
    signal: leaving.signal,
  });
  const { told } = await watch(crm, agentId);

  leaving.abort();
  expect(status).toBe(200);
  expect(Object.fromEntries(headers)).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  expect(told).toMatchObject([
    { event: 'queue', data: { waitingForAgent: [], waitingForClient: [{ threadId, minimised: true }] } },
  ]);
});

it('tells of a thread that the agent gets, with the queue that has it', async () => {
  const agentId = await anAgent();
  const { first } = await watch((await service.as('agent', agentId)).chatCenter, agentId);
  const { threadId } = await writing(service);

  await crm.take(threadId, agentId);

  const { data: thread } = await first('thread');
  expect(thread).toMatchObject({ threadId, agentId, state: 'ASSIGNED' });
  const { data: queue } = await first('queue', (told) => !isWithoutThreads(told as never));
  expect(queue).toMatchObject({ waitingForAgent: [{ threadId }] });
});

it('tells of a thread that the agent has lost to another, with the queue that lacks it', async () => {
  const [agentId, other] = [await anAgent(), await anAgent()];
  const { threadId } = await written(service, { kind: 'ASSIGN_TO_ME' }, { agentId });
  const { first } = await watch(crm, agentId);

  await crm.transfer(threadId, { agentId, target: { kind: 'EMPLOYEE', id: other } });

  const { data: thread } = await first('thread', ({ data }) => data.agentId === other);
  expect(thread).toMatchObject({ threadId, state: 'ASSIGNED' });
  expect(await first('queue', (told) => isWithoutThreads(told as never))).toMatchObject({ data: EMPTY });
});

it('tells when the client writes, and nothing to an agent whom it does not concern', async () => {
  const [agentId, bystander] = [await anAgent(), await anAgent()];
  const { threadId, phone } = await written(service, { kind: 'ASSIGN_TO_ME' }, { agentId });
  const [own, foreign] = [await watch(crm, agentId), await watch(crm, bystander)];

  await clientWrites(service, phone, 'When?');
  await own.first('queue', ({ data }) => data.waitingForAgent[0]?.threadId === threadId);
  await written(service, { kind: 'ASSIGN_TO_ME' }, { agentId: bystander });
  await foreign.first('thread');

  expect(JSON.stringify(foreign.told)).not.toContain(threadId);
});

it.each([
  ['the thread has closed', { kind: 'CLOSE' }],
  ['the thread is still there', { kind: 'ASSIGN_TO_ME' }],
] as const)('tells the author, and nobody else, of a late failure, also when %s (R36, E6)', async (_, action) => {
  const [author, other] = [await anAgent(), await anAgent()];
  const [own, foreign] = [await watch(crm, author), await watch(crm, other)];

  const { sendId, clientId, threadId } = await aLateFailure(author, action);

  const failed = await own.first('deliveryFailed');
  const [entry] = await failuresIn(service, clientId);
  expect(failed.data).toEqual({
    sendId,
    clientId,
    channelId: 'wa-main',
    threadId,
    failure: entry?.event.failure,
    at: entry?.at,
  });
  expect(failed.data.failure.code).toBe('RECIPIENT_NOT_ON_CHANNEL');
  await aLateFailure(other);
  await foreign.first('deliveryFailed');
  expect(foreign.told.filter(({ event }) => event === 'deliveryFailed')).toHaveLength(1);
});

it('tells after the id of the last event what was missed since, once and in order (E6)', async () => {
  const agentId = await anAgent();
  const seen = await watch(crm, agentId);
  await aLateFailure(agentId);
  const { id = '' } = await seen.first('deliveryFailed');
  await seen.leave();
  const missed = [await aLateFailure(agentId), await aLateFailure(agentId)];

  const after = await watch(crm, agentId, id);
  await after.first('deliveryFailed', ({ data }) => data.sendId === missed[1]?.sendId);
  const anew = await watch(crm, agentId);
  const last = await aLateFailure(agentId);
  await anew.first('deliveryFailed');
  await after.first('deliveryFailed', ({ data }) => data.sendId === last.sendId);

  const sendsIn = ({ told }: typeof after) =>
    told.flatMap((one) => (one.event === 'deliveryFailed' ? [one.data.sendId] : []));
  expect(sendsIn(after)).toEqual([...missed, last].map(({ sendId }) => sendId));
  expect(sendsIn(anew)).toEqual([last.sendId]);
});

it('tells what was missed also to one who had heard nothing but the queue (E6)', async () => {
  const agentId = await anAgent();
  await aLateFailure(agentId);
  const early = await watch(crm, agentId);
  const { id = '' } = await early.first('queue');
  await early.leave();
  const { sendId } = await aLateFailure(agentId);

  const { told, first } = await watch(crm, agentId, id);
  await first('deliveryFailed');

  expect(told.filter(({ event }) => event === 'deliveryFailed')).toMatchObject([{ data: { sendId } }]);
});

/** Given up when the test is over. */
async function aTransaction() {
  const tx = await service.database.startTransaction().execute();
  onTestFinished(async () => {
    if (!tx.isCommitted && !tx.isRolledBack) await tx.rollback().execute();
  });
  return tx;
}

// An id is taken before its row can be seen: without an order, a failure that was committed late would be skipped.
it('of two failures of one author that are written at once the second waits for the first (E6)', async () => {
  const agentId = await anAgent();
  const { clientId } = await aPerson(service);
  const failed = (identity: string) => ({
    client_id: clientId,
    channel_id: 'wa-main',
    thread_id: null,
    kind: 'SYSTEM' as const,
    direction: null,
    agent_id: agentId,
    event: JSON.stringify({ code: 'DELIVERY_FAILED', sendId: identity, failure: { code: 'UNKNOWN' } }),
    identity: `${agentId}-${identity}`,
  });
  const [one, other] = [await aTransaction(), service.database];
  const write = (executor: typeof one | typeof other, identity: string) =>
    executor.insertInto('messages').values(failed(identity)).returning('position').executeTakeFirstOrThrow();

  const first = await write(one, 'first');
  const waiting = write(other, 'second');
  await until(
    async () => (await sql`select from pg_locks where locktype = 'advisory' and not granted`.execute(other)).rows,
    (rows) => rows.length === 1,
  );
  await one.commit().execute();

  expect((await waiting).position).toBeGreaterThan(first.position);
});

/** By the hand of an operator, or a restart of the database. @returns how many connections there were */
async function cutNews(): Promise<number> {
  const { rows } = await sql`
    select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = 'news' and datname = current_database()`.execute(service.database);
  return rows.length;
}

it('comes back with a fresh queue when the connection that hears of news was cut, and misses nothing (F76)', async () => {
  const agentId = await anAgent();
  const { told, first } = await watch(crm, agentId);
  const { threadId } = await writing(service);

  const cut = await cutNews();
  await crm.take(threadId, agentId);
  const { sendId } = await aLateFailure(agentId);

  expect(cut).toBe(1); // of the process, however many watch
  await first('queue', ({ data }) => data.waitingForAgent[0]?.threadId === threadId);
  await first('deliveryFailed', ({ data }) => data.sendId === sendId);
  const before = told.filter(({ event }) => event === 'queue').length;
  await cutNews();
  await until(
    async () => told.filter(({ event }) => event === 'queue').length,
    (count) => count > before,
  );
});

it('tells later what the database could not say in time, on the same stream (F76)', async () => {
  const agentId = await anAgent();
  const { told } = await watch(crm, agentId);
  const locking = await aTransaction();
  await sql`lock table threads in access exclusive mode`.execute(locking);
  const news = JSON.stringify({ kind: 'thread', threadId: 'x', agentIds: [agentId] });
  await sql`select pg_notify('news', ${news})`.execute(service.database);

  const { rows } = await until(
    () =>
      sql`select pg_cancel_backend(pid) from pg_stat_activity
           where wait_event_type = 'Lock' and query like '%held_by%'`.execute(service.database),
    (cancelled) => cancelled.rows.length > 0,
  );
  await locking.rollback().execute();

  expect(rows).toHaveLength(1);
  await until(
    async () => told.map(({ event }) => event),
    (events) => events.length === 2,
  );
});

it('goes on after what somebody notifies by hand', async () => {
  const agentId = await anAgent();
  const { first } = await watch(crm, agentId);

  await sql`select pg_notify('news', ''), pg_notify('news', '{"kind":"other"}')`.execute(service.database);
  const { sendId } = await aLateFailure(agentId);

  expect((await first('deliveryFailed')).data.sendId).toBe(sendId);
  expect(await cutNews()).toBe(1);
});

it('tells twenty who watch one agent the same', async () => {
  const agentId = await anAgent();
  const watches = await Promise.all(Array.from({ length: 20 }, () => watch(crm, agentId)));

  const { threadId } = await written(service, { kind: 'ASSIGN_TO_ME' }, { agentId });
  const { sendId } = await aLateFailure(agentId);

  for (const { first } of watches) {
    await first('queue', ({ data }) => data.waitingForClient[0]?.threadId === threadId);
    await first('deliveryFailed', ({ data }) => data.sendId === sendId);
  }
  const lastQueues = () => watches.map(({ told }) => JSON.stringify(told.findLast(({ event }) => event === 'queue')));
  await until(
    async () => lastQueues(),
    (queues) => new Set(queues).size === 1,
  );
});

it('is for the eyes of its agent and of those who read all (INV23)', async () => {
  const [anna, supervisor] = [await service.as('agent', 'anna'), await service.as('supervisor', 'boris')];

  await expect(watch(anna.chatCenter, 'boris')).rejects.toMatchObject(code('FORBIDDEN'));
  await expect(watch(crm, 'nobody')).rejects.toMatchObject(code('NOT_FOUND'));
  await expect(watch(crm, 'anna', 'x')).rejects.toMatchObject(code('VALIDATION_FAILED'));
  for (const eyes of [anna.chatCenter, supervisor.chatCenter, service.operator, crm])
    expect((await watch(eyes, 'anna')).told).toMatchObject([{ event: 'queue' }]);
});

it('does not keep its process from stopping', async () => {
  const { api, terminate } = await startApiProcess(service);
  const { token } = await service.as('integrator');
  const { ended } = await watch(new ChatCenter({ baseUrl: api, token }), 'anna');

  const exitCode = await terminate();

  await ended;
  expect(exitCode).toBe(0);
});

const streams = (source: Source, pace: Pace) =>
  new Hono<ApiVariables>().get('/', (context) => eventStream(context, source, pino({ level: 'silent' }), pace));

interface Pace {
  heartbeat: number;
  longestWrite: number;
}

/** A source that never runs dry, with one reader who never reads, once no more goes into the connection. */
async function stall(longestWrite: number) {
  const stalled = { told: 0, isWatched: false, end: () => {} };
  let ring = () => {};
  const app = streams(
    {
      watch(rung, end) {
        [ring, stalled.end, stalled.isWatched] = [rung, end, true];
        return () => (stalled.isWatched = false);
      },
      async tell(put) {
        stalled.told += 1;
        await put({ data: 'x'.repeat(1_000_000) });
        ring();
        return true;
      },
    },
    { heartbeat: 10_000, longestWrite },
  );
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const reader = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
  reader.on('error', () => {});
  reader.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  onTestFinished(() => void reader.destroy());
  let before = 0;
  await until(
    async (): Promise<[number, number]> => [before, (before = stalled.told)],
    ([earlier, now]) => now === earlier && now > 1,
  );
  const connections = async () => (await promisify(server.getConnections.bind(server))()) ?? 0;
  return { stalled, connections };
}

it('one who does not read is let go, and is not told more than fits into the connection (F76)', async () => {
  const { stalled, connections } = await stall(200);

  await until(connections, (count) => count === 0);

  expect(stalled.isWatched).toBe(false);
  expect(stalled.told).toBeLessThan(30);
});

it('one who does not read does not keep the process from stopping either', async () => {
  const { stalled, connections } = await stall(60_000);

  stalled.end();

  await until(connections, (count) => count === 0);
  expect(stalled.isWatched).toBe(false);
});

it('says now and then that it is alive, while there is nothing to tell', async () => {
  const idle: Source = { watch: () => () => {}, tell: async () => false };

  const { body } = await streams(idle, { heartbeat: 10, longestWrite: 10_000 }).request('/');
  const reader = body?.getReader();
  const beats = [await reader?.read(), await reader?.read(), await reader?.read()];
  await reader?.cancel();

  expect(beats.map((beat) => new TextDecoder().decode(beat?.value))).toEqual([':\n\n', ':\n\n', ':\n\n']);
});

it('is read rightly however it is cut into pieces', async () => {
  const text = ':\n\nevent: queue\ndata: {"a":"ü🙂"}\nid: 7\n\ndata: one\ndata: two\n\nevent: cut off\ndata: x\n';
  const pieces = [...new TextEncoder().encode(text)].map((byte) => Uint8Array.of(byte));

  const events: ServerEvent[] = [];
  for await (const event of eventsIn(ReadableStream.from(pieces))) events.push(event);

  expect(events).toEqual([
    { event: 'queue', data: '{"a":"ü🙂"}', id: '7' },
    { event: 'message', data: 'one\ntwo' },
  ]);
});
