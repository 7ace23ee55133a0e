// Two things happen to one client's thread at the same instant: nothing is lost, nothing is told that is not so.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createThreadCalls } from '../../activities/thread-calls.js';
import { Settings } from '../../domain/contracts/settings.js';
import { createThreadStore } from '../../store/thread.js';
import { type Chat, openChat, type RaceClient } from '../rig/races/acts.js';
import { createLog } from '../rig/races/log.js';
import { createSteps } from '../rig/races/steps.js';
import { type Service, startService } from '../rig/service.js';
import { until } from '../rig/until.js';

const steps = createSteps();
let service: Service;
let chat: Chat;
beforeAll(async () => {
  service = await startService({ adapt: steps.adapt });
  steps.useDatabase(service.database);
  chat = await openChat(service, createLog());
});
afterAll(() => service.stop());

const threadsOf = ({ clientId }: RaceClient) =>
  service.database.selectFrom('threads').selectAll().where('client_id', '=', clientId).orderBy('position').execute();
const messagesOf = ({ clientId }: RaceClient) =>
  service.database
    .selectFrom('messages')
    .select(['thread_id', 'channel_id'])
    .where('client_id', '=', clientId)
    .where('direction', '=', 'IN')
    .orderBy('position')
    .execute();

/** Where the client's messages are, once all of them are somewhere or the deadline has passed. */
async function whereabouts(client: RaceClient): Promise<string[]> {
  const seek = async () => {
    const threads = await threadsOf(client);
    const messages = await messagesOf(client);
    return messages.map(({ thread_id, channel_id }) => {
      const thread = threads.find((one) => one.thread_id === thread_id);
      if (thread === undefined) return `${channel_id}: in no thread`;
      return `${channel_id}: ${thread.opener_kind} ${thread.channel_id} ${thread.state}`;
    });
  };
  const isSettled = (found: string[]) => found.length > 0 && found.every((one) => one.includes('CLIENT'));
  return until(seek, isSettled, 4_000).catch(seek);
}

async function threadOfAnna(client: RaceClient): Promise<string> {
  const made = await chat.acts.send(client, 'anna', 'ASSIGN_TO_ME');
  if (made.outcome !== 'made' || made.threadId === null) throw new Error(JSON.stringify(made));
  return made.threadId;
}

it.each(['close', 'block'] as const)(
  "a client's message that meets an agent's %s: the agent is answered, and a row is closed only with its run (INV1, INV10)",
  async (name) => {
    const client = await chat.newClient();
    const threadId = await threadOfAnna(client);
    steps.plan(client.clientId, 'before', 'projectThread CLOSED', () => chat.acts.writeAndArrive(client));
    const { token } = await service.as('agent', 'anna');

    const { status } = await fetch(`${service.api}/v1/threads/${threadId}/${name}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '{}',
    });
    await whereabouts(client);

    const { status: run } = await service.temporal.workflow.getHandle(`thread:${client.clientId}`).describe();
    const open = (await threadsOf(client)).filter(({ state }) => state !== 'CLOSED');
    expect({ status, isActive: run.name === 'RUNNING' }).toEqual({ status: 200, isActive: open.length === 1 });
  },
);

it("a client's message that meets the time-out is in an open thread (INV10)", async () => {
  await service.operator.putSettings({ outgoingWaitingTimeoutSeconds: 1 });
  const client = await chat.newClient();
  await threadOfAnna(client);
  steps.plan(client.clientId, 'before', 'projectThread CLOSED', () => chat.acts.writeAndArrive(client));

  await until(
    () => messagesOf(client),
    ({ length }) => length === 1,
  );

  expect(await whereabouts(client)).toEqual(['web-race: CLIENT web-race NEW']);
  await service.operator.putSettings({ outgoingWaitingTimeoutSeconds: 86_400 });
});

it('a message on another channel that meets the close opens the next thread on its own channel', async () => {
  const client = await chat.newClient();
  steps.plan(client.clientId, 'before', 'projectThread CLOSED', () => chat.acts.writeAndArrive(client, 'whatsapp'));

  await chat.acts.send(client, 'anna', 'CLOSE');

  expect(await whereabouts(client)).toEqual(['wa-main: CLIENT wa-main NEW']);
});

it('a message on another channel that meets a block of this one is not lost (INV10, R37)', async () => {
  const client = await chat.newClient();
  steps.plan(client.clientId, 'after', 'claimThread', async () => {
    const [thread] = await threadsOf(client);
    await chat.acts.command(client, 'vera', 'block', thread?.thread_id ?? '');
  });
  steps.plan(client.clientId, 'before', 'projectThread CLOSED', () => chat.acts.writeAndArrive(client, 'whatsapp'));

  await chat.acts.send(client, 'anna', 'ASSIGN_TO_ME');

  expect(await whereabouts(client)).toEqual(['wa-main: CLIENT wa-main NEW']);
});

it('a block that was taken while the send was under way is carried out when the send is rejected (R37)', async () => {
  const client = await chat.newClient('0004');
  steps.plan(client.clientId, 'after', 'claimThread', async () => {
    const [thread] = await threadsOf(client);
    expect(await chat.acts.command(client, 'vera', 'block', thread?.thread_id ?? '')).toEqual({ outcome: 'done' });
  });

  expect(await chat.acts.send(client, 'anna', 'ASSIGN_TO_ME', 'whatsapp')).toMatchObject({ verdict: 'REJECTED' });

  const isBlocked = async () =>
    (
      await service.database
        .selectFrom('identities')
        .select('blocked')
        .where('client_id', '=', client.clientId)
        .where('channel_id', '=', 'wa-main')
        .execute()
    ).some(({ blocked }) => blocked);
  await until(
    () => threadsOf(client),
    ([thread]) => thread?.state === 'CLOSED',
  );
  expect(await isBlocked()).toBe(true);
});

it('a send that meets the thread that a message at the close has just opened is told that thread as it is (E3)', async () => {
  const client = await chat.newClient();
  let asked: ReturnType<Chat['acts']['send']> | undefined;
  steps.plan(client.clientId, 'before', 'projectThread CLOSED', () => chat.acts.writeAndArrive(client));
  steps.plan(client.clientId, 'after', 'projectThread CLOSED', async () => {
    asked = chat.acts.send(client, 'boris', 'ASSIGN_TO_ME');
    const sends = () =>
      service.database.selectFrom('sends').select('send_id').where('client_id', '=', client.clientId).execute();
    await until(sends, ({ length }) => length === 2);
  });

  await chat.acts.send(client, 'anna', 'CLOSE');
  const answer = await asked;

  const told =
    answer?.outcome === 'refused' && answer.refusals[0]?.code === 'THREAD_ACTIVE' && answer.refusals[0].holder;
  expect(told).toMatchObject({ opener: 'CLIENT', state: 'NEW' });
  expect(told).not.toHaveProperty('agentId');
});

it('a message whose writing down fails while the close is written down stays in its thread (INV10)', async () => {
  const client = await chat.newClient();
  await threadOfAnna(client);
  const closes = async () => {
    const { token } = await service.as('integrator');
    await fetch(`${service.api}/v1/channels/web-race/inbound`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ messageId: randomUUID(), address: client.address, event: 'CLOSED' }),
    });
    const waiting = () =>
      service.database
        .selectFrom('inbox')
        .select('inbox_id')
        .where('order_key', '=', `client:${client.address}`)
        .where('relayed_at', 'is', null)
        .execute();
    await until(waiting, ({ length }) => length === 0);
  };
  // While the first message is written down, a second one and the client's close come: one task hears both.
  steps.plan(client.clientId, 'before', 'projectThread message', async () => {
    steps.plan(client.clientId, 'before', 'projectThread message', async () => {
      await until(
        () => threadsOf(client),
        ([thread]) => thread?.state === 'CLOSED',
        3_000,
      );
      throw new Error('the database is away for an instant');
    });
    await chat.acts.writeAndArrive(client);
    await closes();
  });

  await chat.acts.writeAndArrive(client);
  await until(
    () => threadsOf(client),
    ([thread]) => thread?.state === 'CLOSED',
  );

  await until(
    () => messagesOf(client),
    (messages) => messages.length === 2 && messages.every(({ thread_id }) => thread_id !== null),
    5_000,
  );
});

it('what came before the first task of a thread is heard in the order in which it came (INV10, INV15)', async () => {
  const { clientId } = await chat.newClient();
  const { claim, settle, clientWrote } = createThreadCalls(
    service.temporal.workflow,
    createThreadStore(service.database),
  );
  const [threadId, sendId, entryId] = [randomUUID(), randomUUID(), randomUUID()];
  const channel = { channelId: 'web-race', channelType: 'WEB_CHAT' as const };
  const opening = { threadId, clientId, ...channel, settings: Settings.parse({}) };
  const rows = () =>
    service.database
      .selectFrom('threads')
      .select(['opener_kind', 'state'])
      .where('client_id', '=', clientId)
      .orderBy('position')
      .execute();

  await service.stopWorker();
  await claim({ ...opening, openedBy: { kind: 'SEND', id: sendId, agentId: 'anna', action: 'CLOSE' } });
  await settle(clientId, { sendId, verdict: 'ACCEPTED' });
  await clientWrote({ ...opening, openedBy: { kind: 'CLIENT', id: entryId } }, entryId);
  await service.startWorker();
  const isAtRest = (found: { state: string }[]) => found.some(({ state }) => state === 'NEW');

  expect(await until(rows, isAtRest)).toEqual([
    { opener_kind: 'SEND', state: 'CLOSED' },
    { opener_kind: 'CLIENT', state: 'NEW' },
  ]);
});
