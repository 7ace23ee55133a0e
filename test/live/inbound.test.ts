// What backend systems and providers tell of clients: each message kept once and in order, each login one client.
import { createHash, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { FetchFile } from '../../channels/file-fetch.js';
import type { ChatCenter } from '../../client/index.js';
import type { Client } from '../../domain/contracts/client.js';
import type { HistoryEntry } from '../../domain/contracts/history.js';
import { createAttachmentStore } from '../../store/attachment.js';
import { createHistoryStore } from '../../store/history.js';
import { createInboundFiles } from '../../worker/inbound-file.js';
import { aPerson, aTemplateSend } from '../rig/people.js';
import { make } from '../rig/sends.js';
import { type Service, startService } from '../rig/service.js';
import { clientSendsFile } from '../rig/simulator.js';
import { until } from '../rig/until.js';

let service: Service;
let crm: ChatCenter;
beforeAll(async () => {
  service = await startService();
  ({ crm } = service);
});
afterAll(() => service.stop());

const aVisitor = () => `visitor-${randomUUID()}`;
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));
type Told = Parameters<ChatCenter['receive']>[1];
const aMessage = (address: string, changes: Partial<Told> = {}): Told => ({
  messageId: randomUUID(),
  address,
  text: 'Hello',
  ...changes,
});

/** Whoever has this address on the web chat, once they are known. */
const clientAt = (address: string): Promise<string> =>
  until(
    async () => (await createHistoryStore(service.database).clientAt('web-main', address)) ?? '',
    (clientId) => clientId !== '',
  );

/** Newest first, once there are so many. */
const entriesOf = async (clientId: string, count: number): Promise<HistoryEntry[]> => {
  const { items } = await until(
    () => crm.history(clientId),
    (page) => page.items.length >= count,
  );
  return items;
};

const threadsOf = (clientId: string) =>
  service.database.selectFrom('threads').selectAll().where('client_id', '=', clientId).execute();
const openThreadOf = (clientId: string) =>
  until(
    async () => (await threadsOf(clientId)).find(({ state }) => state !== 'CLOSED'),
    (thread) => thread !== undefined,
  );
const inboxOf = (messageId: string) =>
  service.database.selectFrom('inbox').selectAll().where('identity', '=', `message:${messageId}`).execute();
/** Nothing that was told is still on its way. */
const untilRelayed = () =>
  until(
    () => service.database.selectFrom('inbox').select('inbox_id').where('relayed_at', 'is', null).execute(),
    (rows) => rows.length === 0,
  );

describe('a message', () => {
  it('of somebody unknown creates the client and opens one thread, which shows it (INV10)', async () => {
    const address = aVisitor();

    const answer = await crm.receive('web-main', aMessage(address, { messageId: 'web-1', name: 'Mila' }));
    const clientId = await clientAt(address);
    const thread = await openThreadOf(clientId);
    const [entry] = await until(
      () => entriesOf(clientId, 1),
      ([one]) => one?.threadId !== undefined,
    );

    expect(answer).toEqual({ messageId: 'web-1' });
    expect(await crm.findClient(clientId)).toMatchObject({
      name: 'Mila',
      identities: [{ channelId: 'web-main', address, origin: 'MESSAGE', blocked: false }],
    });
    expect(entry).toMatchObject({ direction: 'IN', text: 'Hello', threadId: thread?.thread_id });
    expect(await threadsOf(clientId)).toMatchObject([{ channel_id: 'web-main', opener_id: entry?.entryId }]);
  });

  it('is in the inbox when it is answered, with the time at which the client wrote (INV11)', async () => {
    const told = aMessage(aVisitor(), { at: '2026-11-24T10:13:00+01:00' });

    await crm.receive('web-main', told);

    expect(await inboxOf(told.messageId)).toMatchObject([
      { channel_id: 'web-main', fact: { kind: 'MESSAGE', providerAt: '2026-11-24T09:13:00.000Z' } },
    ]);
  });

  it('told 20 times at once is one message, and what was told first counts (INV10)', async () => {
    const address = aVisitor();
    const messageId = randomUUID();
    await crm.receive('web-main', aMessage(address, { messageId, text: 'the first' }));

    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        crm.receive('web-main', aMessage(address, { messageId, text: `again ${index}` })),
      ),
    );
    await crm.receive('web-main', aMessage(address, { text: 'the last' }));

    const entries = await entriesOf(await clientAt(address), 2);
    expect(entries.map(({ text }) => text)).toEqual(['the last', 'the first']);
  });

  it('with an id that another channel has used is another message', async () => {
    const [messageId, { phone, clientId }] = [randomUUID(), await aPerson(service)];

    await crm.receive('wa-main', aMessage(phone, { messageId, text: 'by WhatsApp' }));
    await crm.receive('viber-main', aMessage(phone, { messageId, text: 'by Viber' }));

    const texts = (await entriesOf(clientId, 2)).map(({ text }) => text);
    expect(new Set(texts)).toEqual(new Set(['by Viber', 'by WhatsApp']));
  });

  it('stands in its order among 30 of one client, who has one thread (INV1, INV10)', async () => {
    const address = aVisitor();
    const texts = Array.from({ length: 30 }, (_, index) => `number ${index}`);

    for (const text of texts) await crm.receive('web-main', aMessage(address, { text }));

    const clientId = await clientAt(address);
    const entries = await entriesOf(clientId, 30);
    expect(entries.map(({ text }) => text)).toEqual(texts.toReversed());
    await openThreadOf(clientId);
    expect(await threadsOf(clientId)).toHaveLength(1);
  });

  it('under one idempotency key is taken once, and another body under it is 422 (INV12)', async () => {
    const { token } = await service.as('integrator');
    const [key, told] = [randomUUID(), aMessage(aVisitor())];
    const post = (body: unknown) =>
      fetch(`${service.api}/v1/channels/web-main/inbound`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify(body),
      });

    const first = await post(told);
    const again = await post(told);
    const other = await post({ ...told, text: 'Other' });

    expect([first.status, again.status, other.status]).toEqual([202, 202, 422]);
    expect([first, again].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true']);
  });

  it('keeps its files in their order, alone or beside a text (R5)', async () => {
    const address = aVisitor();
    const files = [await crm.upload('b.txt', bytesOf('b')), await crm.upload('a.txt', bytesOf('a'))];
    const attachmentIds = files.map(({ attachmentId }) => attachmentId);
    const { text: _, ...alone } = aMessage(address, { attachmentIds });

    await crm.receive('web-main', alone);
    await crm.receive('web-main', aMessage(address, { attachmentIds: attachmentIds.toReversed() }));

    const [second, first] = await entriesOf(await clientAt(address), 2);
    expect(first?.attachments).toEqual(files);
    expect(first).not.toHaveProperty('text');
    expect(second).toMatchObject({ text: 'Hello', attachments: files.toReversed() });
  });

  const wrong = [
    { what: 'of nothing', changes: { text: undefined }, path: 'text' },
    { what: 'of no characters', changes: { text: '' }, path: 'text' },
    { what: 'that also closes the chat', changes: { event: 'CLOSED' }, path: 'event' },
    { what: 'with an event that there is not', changes: { event: 'OPENED' }, path: 'event' },
    { what: 'from nowhere', changes: { address: '' }, path: 'address' },
    { what: 'without an id', changes: { messageId: undefined }, path: 'messageId' },
    { what: 'of the year 0', changes: { at: '0000-01-01T00:00:00Z' }, path: 'at' },
    { what: 'with an unknown field', changes: { colour: 'red' }, path: 'colour' },
  ];
  it.each(wrong)('$what is 400 and names $path', async ({ changes, path }) => {
    await expect(crm.receive('web-main', { ...aMessage('x'), ...changes } as Told)).rejects.toMatchObject({
      problem: { status: 400, code: 'VALIDATION_FAILED', issues: [{ path }] },
    });
  });

  it.each([
    { what: 'channel', id: 'nobody-has-this', told: () => crm.receive('nobody-has-this', aMessage('x')) },
    { what: 'attachment', id: 'none', told: () => crm.receive('web-main', aMessage('x', { attachmentIds: ['none'] })) },
  ])('on or with an unknown $what is 404', async ({ what, id, told }) => {
    await expect(told()).rejects.toMatchObject({ problem: { status: 404, code: 'NOT_FOUND', what, id } });
  });

  it('a mail that comes in is kept in the history and neither opens nor changes a thread (R30, INV13)', async () => {
    const { clientId, email } = await aPerson(service);

    await crm.receive('mail-main', aMessage(email, { text: 'About my order' }));
    const alone = await entriesOf(clientId, 1);
    const { threadId } = await make(service, aTemplateSend(clientId, { action: { kind: 'ASSIGN_TO_ME' } }));
    await crm.receive('mail-main', aMessage(email, { text: 'And another thing' }));
    const entries = await entriesOf(clientId, 3);
    await until(
      async () =>
        (await service.database.selectFrom('inbox').select('inbox_id').where('relayed_at', 'is', null).execute())
          .length,
      (waiting) => waiting === 0,
    );

    expect(alone.map(({ threadId: of }) => of)).toEqual([undefined]);
    expect(entries[0]).toMatchObject({ direction: 'IN', text: 'And another thing' });
    expect(entries[0]?.threadId).toBeUndefined();
    expect(await crm.findThread(threadId ?? '')).toMatchObject({ state: 'WAITING' });
    expect(await threadsOf(clientId)).toHaveLength(1);
  });

  it.each(['operator', 'agent', 'supervisor'] as const)(
    'is not taken from a token of role %s (SEC02)',
    async (role) => {
      const { chatCenter } = await service.as(role, role === 'operator' ? undefined : 'anna');

      await expect(chatCenter.receive('web-main', aMessage('x'))).rejects.toMatchObject({ problem: { status: 403 } });
    },
  );
});

describe('the client of a message', () => {
  it('is who has its external id, on whatever channel (R8)', async () => {
    const [address, externalId] = [aVisitor(), `crm-${randomUUID()}`];
    const { clientId } = await aPerson(service, '1234', { externalId });

    await crm.receive('web-main', aMessage(address, { externalId, name: 'Somebody' }));

    expect(await clientAt(address)).toBe(clientId);
    expect(await crm.findClient(clientId)).toMatchObject({ name: 'Mila', identities: [{ address }] });
  });

  it('is who has its address, whoever has the external id; one without takes it on (R8)', async () => {
    const [address, others] = [aVisitor(), `crm-${randomUUID()}`];
    await aPerson(service, '1234', { externalId: others });
    await crm.receive('web-main', aMessage(address));
    const clientId = await clientAt(address);
    const own = `crm-${randomUUID()}`;

    await crm.receive('web-main', aMessage(address, { externalId: others }));
    await crm.receive('web-main', aMessage(address, { externalId: own }));
    await crm.receive('web-main', aMessage(address, { externalId: `crm-${randomUUID()}` }));

    expect(await entriesOf(clientId, 4)).toHaveLength(4);
    expect(await crm.findClient(clientId)).toMatchObject({ externalId: own });
    expect((await crm.search(own)).items).toMatchObject([{ clientId }]);
  });

  it('is who has the phone that the address is, though another has the external id (A27)', async () => {
    const externalId = `crm-${randomUUID()}`;
    const [{ clientId, phone }] = [await aPerson(service), await aPerson(service, '1234', { externalId })];

    await crm.receive('wa-main', aMessage(`+${phone}`, { externalId }));

    expect(await entriesOf(clientId, 1)).toMatchObject([{ text: 'Hello', channelId: 'wa-main' }]);
  });

  it('found by external id has the phone of a new address from now on (A27)', async () => {
    const externalId = `crm-${randomUUID()}`;
    const [{ clientId }, phone] = [await aPerson(service, '1234', { externalId }), `38977${Date.now() % 10_000_000}`];

    await crm.receive('wa-main', aMessage(phone, { externalId }));
    await entriesOf(clientId, 1);

    expect(await crm.clientOf({ type: 'PHONE', value: phone })).toMatchObject({ clientId });
  });

  it('is created once, though 20 messages from 20 addresses bring the new external id at once (R8)', async () => {
    const externalId = `crm-${randomUUID()}`;

    await Promise.all(
      Array.from({ length: 20 }, () => crm.receive('web-main', aMessage(aVisitor(), { externalId, name: 'Mila' }))),
    );

    await untilRelayed();
    const { items } = await crm.search(externalId);
    expect(items).toHaveLength(1);
    expect(await entriesOf(items[0]!.clientId, 20)).toHaveLength(20);
  });

  const blocks = [
    { what: 'a blocked client', isClient: true },
    { what: 'a blocked identity', isClient: false },
  ];
  it.each(blocks)('$what: the message is kept and opens nothing (A4, R37)', async ({ isClient }) => {
    const address = aVisitor();
    const identity = { channelId: 'web-main', address, blocked: !isClient, origin: 'MESSAGE' as const };
    const { clientId } = await aPerson(service, '1234', { blocked: isClient, identities: [identity] });

    await crm.receive('web-main', aMessage(address));
    await untilRelayed();

    const [entry] = await entriesOf(clientId, 1);
    expect(entry).toMatchObject({ text: 'Hello', direction: 'IN' });
    expect(entry).not.toHaveProperty('threadId');
    expect(await threadsOf(clientId)).toEqual([]);
  });
});

describe('a client who closes the chat', () => {
  const closing = (address: string): Told => ({ messageId: randomUUID(), address, event: 'CLOSED' });

  it('closes the thread as CLIENT_CLOSED, right after the message that opened it; told twice is one entry', async () => {
    const address = aVisitor();
    const told = closing(address);
    await crm.receive('web-main', aMessage(address));

    await crm.receive('web-main', told);
    const clientId = await clientAt(address);
    const [thread] = await until(
      () => threadsOf(clientId),
      ([one]) => one?.state === 'CLOSED',
    );
    await crm.receive('web-main', told);
    await untilRelayed();

    expect(thread?.close_reason).toBe('CLIENT_CLOSED');
    const entries = (await entriesOf(clientId, 2)).filter(({ event }) => event?.code === 'CLIENT_CLOSED');
    expect(entries).toEqual([
      expect.objectContaining({ kind: 'SYSTEM', channelId: 'web-main', threadId: thread?.thread_id }),
    ]);
  });

  it('and has no thread, or is nobody we know, changes nothing', async () => {
    const [stranger, address] = [aVisitor(), aVisitor()];
    const { clientId } = await crm.login('web-main', { address, externalId: `crm-${randomUUID()}` });

    await crm.receive('web-main', closing(stranger));
    await crm.receive('web-main', closing(address));
    await untilRelayed();

    expect(await createHistoryStore(service.database).clientAt('web-main', stranger)).toBeUndefined();
    expect((await crm.history(clientId)).items).toEqual([]);
  });

  it('ends no conversation that goes on on another channel', async () => {
    const address = aVisitor();
    const identity = { channelId: 'web-main', address, blocked: false, origin: 'LOGIN' as const };
    const { clientId } = await aPerson(service, '1234', { identities: [identity] });
    const { threadId } = await make(service, aTemplateSend(clientId, { action: { kind: 'ASSIGN_TO_ME' } }));

    await crm.receive('web-main', closing(address));
    await untilRelayed();

    expect(await crm.findThread(threadId ?? '')).toMatchObject({ state: 'WAITING' });
  });

  it('is noted once for one thread, also when the relay repeats after it has closed and another one runs', async () => {
    const { clientId } = await aPerson(service);
    const history = createHistoryStore(service.database);
    const row = { channelId: 'web-main', identity: `message:${randomUUID()}` };

    const first = await history.receiveClosing(row, { clientId, threadId: 'thread-1' });
    const again = await history.receiveClosing(row, { clientId, threadId: 'thread-2' });
    const later = await history.receiveClosing(row, undefined);

    const noted = { clientId, threadId: 'thread-1' };
    expect([first, again, later]).toEqual([noted, noted, noted]);
    expect((await crm.history(clientId)).items).toMatchObject([{ event: { code: 'CLIENT_CLOSED' } }]);
  });
});

describe('a client who has only logged in', () => {
  const aLogin = (changes: object = {}) => ({ address: aVisitor(), externalId: `crm-${randomUUID()}`, ...changes });

  it('is found by external id and may be written to, though they never wrote (R8, R4)', async () => {
    const login = aLogin({ name: 'Mila' });

    const client = await crm.login('web-main', login);
    const { verdict } = await make(service, {
      agentId: 'anna',
      externalId: login.externalId,
      channelId: 'web-main',
      content: { kind: 'TEXT', text: 'Your order is ready' },
      action: { kind: 'CLOSE' },
    });

    expect(client).toMatchObject({
      name: 'Mila',
      externalId: login.externalId,
      identities: [{ channelId: 'web-main', address: login.address, origin: 'LOGIN', blocked: false }],
    });
    expect((await crm.search(login.externalId)).items).toMatchObject([{ clientId: client.clientId }]);
    expect((await crm.search(login.address)).items).toMatchObject([{ clientId: client.clientId }]);
    expect(verdict).toBe('ACCEPTED');
    expect(await entriesOf(client.clientId, 1)).toMatchObject([{ direction: 'OUT', channelId: 'web-main' }]);
  });

  it('50 times at once from 50 places is one client, found from each of them (R8)', async () => {
    const externalId = `crm-${randomUUID()}`;
    const logins = Array.from({ length: 50 }, () => aLogin({ externalId }));

    const clients = await Promise.all(logins.map((login) => crm.login('web-main', login)));

    const [clientId, ...others] = new Set(clients.map((client) => client.clientId));
    expect(others).toEqual([]);
    expect((await crm.findClient(clientId!)).identities).toHaveLength(50);
    const found = await Promise.all(logins.map(({ address }) => crm.search(address)));
    expect(found.map(({ items }) => items[0]?.clientId)).toEqual(Array(50).fill(clientId));
  });

  it('50 times at once by one phone, each with an external id of its own, is one client (R8, A27)', async () => {
    const address = `38978${Date.now() % 10_000_000}`;

    const clients = await Promise.all(Array.from({ length: 50 }, () => crm.login('wa-main', aLogin({ address }))));

    expect(new Set(clients.map(({ clientId }) => clientId)).size).toBe(1);
    expect(new Set(clients.map(({ externalId }) => externalId)).size).toBe(1);
  });

  const knownBefore: { what: string; changes(login: { address: string; externalId: string }): Partial<Client> }[] = [
    { what: 'external id', changes: ({ externalId }) => ({ externalId }) },
    {
      what: 'address',
      changes: ({ address }) => ({
        identities: [{ channelId: 'web-main', address, blocked: true, origin: 'AGENT' as const }],
      }),
    },
  ];
  it.each(knownBefore)(
    'is who is known by $what; what is there stays as it is (R8, R37)',
    async ({ what, changes }) => {
      const login = aLogin({ name: 'Another name' });
      const { clientId } = await aPerson(service, '1234', changes(login));

      const client = await crm.login('web-main', login);

      const kept = what === 'address' ? { origin: 'AGENT', blocked: true } : { origin: 'LOGIN', blocked: false };
      expect(client).toMatchObject({ clientId, name: 'Mila', externalId: login.externalId });
      expect(client.identities).toEqual([{ channelId: 'web-main', address: login.address, ...kept }]);
      expect((await crm.search(login.externalId)).items).toMatchObject([{ clientId }]);
    },
  );

  it('from the address or by the phone of another is their own client still, and leaves it to the other (R8, A27)', async () => {
    const address = aVisitor();
    const [visitor, { phone }] = [await crm.login('web-main', aLogin({ address })), await aPerson(service)];
    const own = aLogin();
    const { clientId } = await crm.login('web-main', own);

    await crm.login('web-main', { ...own, address });
    const client = await crm.login('wa-main', { ...own, address: phone });

    expect(client.clientId).toBe(clientId);
    expect(client.identities.map((identity) => identity.address)).toEqual([own.address]);
    expect(await crm.findClient(visitor.clientId)).toEqual(visitor);
  });

  it('on an unknown channel is 404, without external id 400', async () => {
    await expect(crm.login('none', aLogin())).rejects.toMatchObject({ problem: { status: 404, what: 'channel' } });
    await expect(crm.login('web-main', { address: 'x' } as never)).rejects.toMatchObject({
      problem: { status: 400, issues: [{ path: 'externalId' }] },
    });
  });
});

describe('a file that a client sends through Pulse', () => {
  const PNG = new Uint8Array(Buffer.from('89504e470d0a1a0a0000000d494844520000000100000001', 'hex'));
  let messageIds = 5_000_000;
  /** Posted as Pulse would, with whatever address. */
  async function pulseTells(from: string, content: object): Promise<number> {
    const { status } = await fetch(`${service.api}/webhooks/wa-main`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': 'test-webhook-key' },
      body: JSON.stringify({ id: (messageIds += 1), subscriber: { identifier: from }, messageContent: content }),
    });
    return status;
  }

  it('is fetched and kept as what its bytes are, alone or with a caption (R6)', async () => {
    const { clientId, phone } = await aPerson(service);

    await clientSendsFile(service, phone, { name: '../the offer.txt', bytes: PNG });
    await clientSendsFile(service, phone, { name: 'note.txt', bytes: bytesOf('note') }, 'Is this right?');

    const [second, first] = await entriesOf(clientId, 2);
    expect(first).toMatchObject({ attachments: [{ name: 'the offer.txt', type: 'image/png', size: PNG.length }] });
    expect(first).not.toHaveProperty('text');
    expect(second).toMatchObject({ text: 'Is this right?', attachments: [{ name: 'note.txt', type: 'text/plain' }] });
    expect(await crm.download(first!.attachments[0]!.attachmentId)).toEqual(PNG);
  });

  it('is kept once, though the relay dies after it was fetched and does all of it again (INV10)', async () => {
    const { clientId, phone } = await aPerson(service);
    await clientSendsFile(service, phone, { name: 'once.txt', bytes: bytesOf(`once ${clientId}`) });
    const before = await entriesOf(clientId, 1);
    await untilRelayed();

    await service.database
      .updateTable('inbox')
      .set({ relayed_at: null, due_at: new Date() })
      .where('order_key', '=', `client:${phone}`)
      .execute();
    await untilRelayed();

    const [file] = before[0]!.attachments;
    const kept = service.database.selectFrom('attachments').select('attachment_id').where('sha256', '=', file!.sha256);
    expect((await crm.history(clientId)).items.map(({ attachments }) => attachments)).toEqual([[file]]);
    expect(await kept.execute()).toEqual([{ attachment_id: file!.attachmentId }]);
  });

  it('that is slow is not waited for: it comes in meanwhile, once, and the next attempt finds it', async () => {
    const asked: string[] = [];
    let arrive = () => {};
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const bytes = Buffer.from(`slow ${randomUUID()}`);
    const fetchFile: FetchFile = async ({ url, path }) => {
      asked.push(url);
      await arrived;
      await writeFile(path, bytes);
      return { outcome: 'fetched', size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
    };
    const files = createInboundFiles({
      channels: { find: () => Promise.resolve(undefined) },
      attachments: createAttachmentStore(service.database),
      fetchFile,
      patience: 20,
    });
    const place = { channelId: 'wa-main', identity: `message:${randomUUID()}`, index: 0 };
    const ask = () => files.fetch(place, { url: 'https://files.example/1', name: 'slow.txt' });

    const before = [await ask(), await ask()];
    arrive();
    const after = await until(ask, ({ outcome }) => outcome === 'kept');

    expect(before.map(({ outcome }) => outcome)).toEqual(['away', 'away']);
    expect(after).toEqual(await ask());
    expect(asked).toHaveLength(1);
  });

  const notTaken = [
    { what: 'that is an executable', name: 'photo.png', bytes: bytesOf('#!/bin/sh\nrm -rf /'), named: 'photo.png' },
    { what: 'that calls itself one', name: 'photo.png.exe', bytes: PNG, named: 'photo.png.exe' },
  ];
  it.each(notTaken)('$what is named in the text instead (SEC16)', async ({ name, bytes, named }) => {
    const { clientId, phone } = await aPerson(service);

    await clientSendsFile(service, phone, { name, bytes }, 'Look');

    expect(await entriesOf(clientId, 1)).toMatchObject([{ text: `Look\n[file not taken: ${named}]`, attachments: [] }]);
  });

  it('that Pulse does not have any more is named in the text instead', async () => {
    const { clientId, phone } = await aPerson(service);
    const url = `${service.simulator}/pulse/files/4711/a.png`;

    await pulseTells(phone, { type: 'IMAGE', attachment: { url, name: 'a.png', size: 7 } });

    expect(await entriesOf(clientId, 1)).toMatchObject([{ text: '[file not taken: a.png]', attachments: [] }]);
  });

  it('at an address inside is named in the text, and nobody there hears of it (SEC14)', async () => {
    const { clientId, phone } = await aPerson(service);
    let heard = 0;
    const canary = createServer((_, response) => response.end('secret')).on('connection', () => (heard += 1));
    await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void canary.close());
    const { port } = canary.address() as AddressInfo;
    const addresses = [`http://127.0.0.1:${port}/`, `https://localhost:${port}/`, `https://[::ffff:7f00:1]:${port}/`];

    for (const url of addresses)
      await pulseTells(phone, { type: 'IMAGE', caption: 'Look', attachment: { url, name: 'a' } });

    const entries = await entriesOf(clientId, 3);
    expect(entries.map(({ text }) => text)).toEqual(Array(3).fill('Look\n[file not taken: a]'));
    expect(heard).toBe(0);
  });
});
