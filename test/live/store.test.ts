// What the database itself holds up, asked of real tables.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ThreadRecord } from '../../domain/thread.js';
import { createDispatchStore } from '../../store/dispatch.js';
import { createInboxStore } from '../../store/inbox.js';
import { deriveId } from '../../store/identity.js';
import { createSendStore } from '../../store/outgoing-send.js';
import { takeIn } from '../../store/send-intake.js';
import { createThreadStore } from '../../store/thread.js';
import { aPerson, aTemplateSend } from '../rig/people.js';
import { type Service, startService } from '../rig/service.js';

let service: Service;
beforeAll(async () => {
  service = await startService({ hasWorker: false });
});
afterAll(() => service.stop());

const aThread = (clientId: string, sendId = randomUUID()): ThreadRecord => ({
  threadId: randomUUID(),
  runId: randomUUID(),
  clientId,
  channelId: 'wa-main',
  openedBy: { kind: 'SEND', id: sendId, agentId: 'anna', action: 'CLOSE' },
});

async function aSendTakenIn(sendId: string, clientId: string): Promise<void> {
  const { token_id: tokenId } = await service.database
    .selectFrom('tokens')
    .select('token_id')
    .executeTakeFirstOrThrow();
  const command = { ...aTemplateSend(clientId), attachmentIds: [] };
  await takeIn(service.database, {
    tokenId,
    key: sendId,
    route: 'POST /v1/sends',
    bodyHash: '',
    sendId,
    command,
    clientId,
  });
}

/** A send that has claimed its thread and was written down. */
async function aClaimedSend() {
  const { clientId, phone } = await aPerson(service);
  const sendId = randomUUID();
  const thread = { ...aThread(clientId, sendId), threadId: deriveId(sendId, 'thread') };
  await aSendTakenIn(sendId, clientId);
  await createSendStore(service.database).recordClaim({
    sendId,
    message: { text: 'Hello' },
    parts: [{ text: 'Hello' }],
    address: phone,
    thread,
  });
  return { sendId, thread };
}

it('a second active thread of a client is refused by the index, whatever the code does (INV1)', async () => {
  const { clientId } = await aPerson(service);
  const row = {
    client_id: clientId,
    channel_id: 'wa-main',
    run_id: randomUUID(),
    version: 1,
    state: 'NEW' as const,
    agent_id: null,
    minimised: false,
    opener_kind: 'CLIENT' as const,
    opener_id: 'm',
    closed_at: null,
    close_reason: null,
  };
  await service.database
    .insertInto('threads')
    .values({ ...row, thread_id: randomUUID() })
    .execute();

  const second = service.database
    .insertInto('threads')
    .values({ ...row, thread_id: randomUUID() })
    .execute();

  await expect(second).rejects.toMatchObject({ constraint: 'threads_one_active' });
});

it('no intent is written under a claim that another run holds (INV5, W08)', async () => {
  const { sendId, thread } = await aClaimedSend();
  const dispatches = createDispatchStore(service.database);

  const { sendId: other, thread: otherThread } = await aClaimedSend();
  const foreign = await dispatches.begin(sendId, 0, { threadId: thread.threadId, runId: randomUUID() }, true);
  const own = await dispatches.begin(other, 0, otherThread, true);

  expect(foreign).toEqual({ state: 'withheld' });
  expect(own).toMatchObject({ state: 'fresh' });
});

it('a refusal takes back what a claim has written, unless something may have left (INV6, W07)', async () => {
  const sends = createSendStore(service.database);
  const early = await aClaimedSend();
  const late = await aClaimedSend();
  await createDispatchStore(service.database).begin(late.sendId, 0, late.thread, true);

  expect([await sends.recordRefusal(early.sendId), await sends.recordRefusal(early.sendId)]).toEqual([true, true]);
  expect(await sends.recordRefusal(late.sendId)).toBe(false);

  expect(await sends.find(early.sendId)).toBeUndefined();
  expect(await sends.find(late.sendId)).toMatchObject({ state: 'dispatching' });
});

const afterwards = [
  {
    what: 'the client is blocked',
    change: (id: string) => service.database.updateTable('clients').set({ blocked: true }).where('client_id', '=', id),
  },
  {
    what: 'the thread was closed by force',
    change: (id: string) =>
      service.database
        .updateTable('threads')
        .set({ state: 'CLOSED', closed_at: new Date(), close_reason: 'EXTERNAL_CALL_FORCED_CLOSURE' })
        .where('client_id', '=', id),
  },
  {
    what: 'the send was given up',
    change: (id: string) =>
      service.database.updateTable('sends').set({ state: 'rejected' }).where('client_id', '=', id),
  },
];
it.each(afterwards)('nothing leaves once $what (INV5, INV14)', async ({ change }) => {
  const { sendId, thread } = await aClaimedSend();
  await change(thread.clientId).execute();

  expect(await createDispatchStore(service.database).begin(sendId, 0, thread, true)).toEqual({ state: 'withheld' });

  const { failure } = await service.database
    .selectFrom('receipts')
    .select('failure')
    .where('send_id', '=', sendId)
    .executeTakeFirstOrThrow();
  expect(failure?.detail).toMatch(/^withheld by us/);
});

it('an attempt that finds an open intent is told so, and one with a result gets it again (INV3, W11, W15)', async () => {
  const { sendId, thread } = await aClaimedSend();
  const dispatches = createDispatchStore(service.database);

  const first = await dispatches.begin(sendId, 0, thread, true);
  const second = await dispatches.begin(sendId, 0, thread, true);
  await dispatches.finish(sendId, 0, { outcome: 'accepted', providerMessageId: 'p-1' }, true);
  const third = await dispatches.begin(sendId, 0, thread, true);

  expect(second).toEqual({ ...first, state: 'open' });
  expect(third).toEqual({ state: 'answered', answer: { outcome: 'accepted' } });
});

it('two attempts at once leave one intent, and both speak under one reference (INV3, W16)', async () => {
  const { sendId, thread } = await aClaimedSend();
  const dispatches = createDispatchStore(service.database);

  const intents = await Promise.all(Array.from({ length: 10 }, () => dispatches.begin(sendId, 0, thread, true)));

  expect(intents.filter(({ state }) => state === 'fresh')).toHaveLength(1);
  expect(intents.filter(({ state }) => state === 'open')).toHaveLength(9);
  const rows = await service.database
    .selectFrom('dispatches')
    .select('attempt')
    .where('send_id', '=', sendId)
    .execute();
  expect(rows).toEqual([{ attempt: 1 }]);
});

it('an older state of a thread never replaces a newer one (W21)', async () => {
  const { clientId } = await aPerson(service);
  const threads = createThreadStore(service.database);
  const thread = aThread(clientId);
  const projection = { agentId: 'anna', minimised: true, entryIds: [] };

  await threads.project(thread, { ...projection, version: 2, state: 'WAITING' });
  await threads.project(thread, { ...projection, version: 1, state: 'OPENING' });

  expect(await threads.find(thread.threadId)).toMatchObject({ state: 'WAITING' });
});

it('facts of one client are relayed in the order they came, those of others beside them (INV10)', async () => {
  const inbox = createInboxStore(service.database);
  const message = (client: string, text: string) => ({
    identity: randomUUID(),
    orderKey: `client:${client}`,
    fact: { kind: 'MESSAGE' as const, address: client, text },
  });
  await inbox.put('wa-main', [message('1', 'one'), message('1', 'two'), message('2', 'other')]);

  const first = await inbox.take(10);
  const meanwhile = await inbox.take(10);
  for (const { inboxId } of first) await inbox.done(inboxId);
  const second = await inbox.take(10);

  const texts = (rows: typeof first) => rows.flatMap(({ fact }) => (fact.kind === 'MESSAGE' ? [fact.text] : []));
  expect(new Set(texts(first))).toEqual(new Set(['one', 'other']));
  expect(texts(meanwhile)).toEqual([]);
  expect(texts(second)).toEqual(['two']);
});

it("a channel's secrets are sealed at rest and never read back (SEC30)", async () => {
  const row = await service.database
    .selectFrom('channels')
    .select('body')
    .where('channel_id', '=', 'wa-main')
    .executeTakeFirstOrThrow();

  const { token } = await service.as('operator');
  const response = await fetch(`${service.api}/v1/channels/wa-main`, { headers: { authorization: `Bearer ${token}` } });

  expect(JSON.stringify(row.body)).not.toContain('test-webhook-key');
  expect(await response.json()).toMatchObject({
    provider: { kind: 'PULSE', apiKey: { isSet: true }, webhookKey: { isSet: true } },
  });
});
