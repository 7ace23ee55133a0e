// A message with files leaves in parts: the text first, then one file after the other, each once, whatever happens (A33).
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SendRequest } from '../../client/chat-center.js';
import type { Attachment } from '../../domain/contracts/attachment.js';
import { tell } from '../../scripts/simulator.js';
import { freePorts } from '../../scripts/servers/index.js';
import { aMail, aPerson, aTemplateSend } from '../rig/people.js';
import { ended, failuresIn, make, untilStatus } from '../rig/sends.js';
import { type Service, startService } from '../rig/service.js';
import { clientWrites, ledgerOf } from '../rig/simulator.js';
import { until } from '../rig/until.js';
import { startWorkerProcess } from '../rig/worker-process.js';

let service: Service;
beforeAll(async () => {
  service = await startService({ providerTimeout: 1_000 });
  const [closedPort] = await freePorts(1);
  await allowFiles('wa-main', `${service.simulator}/pulse`, { type: 'WHATSAPP', subjectId: 3391, cascadeId: 4107 });
  await allowFiles('viber-away', `http://127.0.0.1:${closedPort}`, { type: 'VIBER', subjectId: 1, cascadeId: 1 });
});
afterAll(() => service.stop());

const attachments = { allowed: true, maxCount: 5, maxBytes: 100_000, types: ['*/*'] };

const allowFiles = (
  channelId: string,
  baseUrl: string,
  { type, ...account }: { type: 'WHATSAPP' | 'VIBER'; subjectId: number; cascadeId: number },
) =>
  service.operator.putChannel(channelId, {
    type,
    name: channelId,
    enabled: true,
    provider: {
      kind: 'PULSE',
      baseUrl,
      apiKey: { value: 'key' },
      webhookKey: { value: 'test-webhook-key' },
      ...account,
    },
    templatePolicy: type === 'WHATSAPP' ? 'OUTSIDE_WINDOW' : 'NEVER',
    attachments,
    maxText: 1000,
  });

const upload = (...names: string[]): Promise<Attachment[]> =>
  Promise.all(names.map((name) => service.crm.upload(name, new Uint8Array(Buffer.from(`${name} ${randomUUID()}`)))));

/** A text with these files, by Viber unless said otherwise. */
const aSendWith = (clientId: string, files: Attachment[], changes: Partial<SendRequest> = {}) =>
  aTemplateSend(clientId, {
    channelId: 'viber-main',
    content: { kind: 'TEXT', text: 'Here it is.' },
    attachmentIds: files.map(({ attachmentId }) => attachmentId),
    ...changes,
  });

/** What the client sees, in the order in which the provider took it: a text, or the name of a file. */
async function seenBy(address: string): Promise<unknown[]> {
  const items = await ledgerOf(service, address);
  return items.map(({ content: { text, attachment } }) => text ?? (attachment as { name: string }).name);
}

const statusesOf = ({ parts }: { parts: { status: string }[] }) => parts.map(({ status }) => status);

it('by WhatsApp in an open window: the text, then each file; the history shows them (A33)', async () => {
  const { clientId, phone } = await aPerson(service);
  await clientWrites(service, phone, 'May I have the offer?');
  await until(
    () => service.crm.history(clientId),
    ({ items }) => items.some(({ threadId }) => threadId !== undefined),
  );
  await service.temporal.workflow.getHandle(`thread:${clientId}`).terminate('the test needs the client free');
  const files = await upload('offer.txt', 'map.txt');

  const { sendId, verdict } = await make(service, aSendWith(clientId, files, { channelId: 'wa-main' }));
  const { state } = await ended(service, sendId);
  const { delivery } = await untilStatus(service, sendId, 'READ');

  expect({ verdict, state }).toEqual({ verdict: 'ACCEPTED', state: 'delivered' });
  expect(await seenBy(phone)).toEqual(['Here it is.', 'offer.txt', 'map.txt']);
  expect(delivery.parts).toEqual([
    { index: 0, kind: 'TEXT', status: 'READ' },
    { index: 1, kind: 'ATTACHMENT', attachmentId: files[0]?.attachmentId, status: 'READ' },
    { index: 2, kind: 'ATTACHMENT', attachmentId: files[1]?.attachmentId, status: 'READ' },
  ]);
  const { items } = await service.crm.history(clientId);
  expect(items.find((entry) => entry.sendId === sendId)).toMatchObject({ text: 'Here it is.', attachments: files });
});

it('files alone are their parts, without a text (R5, A33)', async () => {
  const { clientId, phone } = await aPerson(service);
  const files = await upload('one.txt', 'two.txt');

  const { sendId } = await make(service, aSendWith(clientId, files, { content: { kind: 'NONE' } }));
  const { delivery } = await untilStatus(service, sendId, 'READ');

  expect(await seenBy(phone)).toEqual(['one.txt', 'two.txt']);
  expect(delivery.parts.map(({ kind }) => kind)).toEqual(['ATTACHMENT', 'ATTACHMENT']);
});

it('by e-mail all of it is one message (A33)', async () => {
  const { clientId, email } = await aPerson(service);
  const channelId = 'mail-files';
  const from = { name: 'Northwind', address: 'desk@northwind.example' };
  const provider = { kind: 'SMTP', host: '127.0.0.1', port: await mailPort(), tls: 'NONE', from } as const;
  const rest = { type: 'EMAIL', name: 'Mail', enabled: true, templatePolicy: 'NEVER', maxText: 1000 } as const;
  await service.operator.putChannel(channelId, { ...rest, provider, attachments });
  const files = await upload('offer.txt', 'map.txt');

  const { delivery } = await make(
    service,
    aMail(clientId, { channelId, attachmentIds: files.map(({ attachmentId }) => attachmentId) }),
  );

  expect(await ledgerOf(service, email)).toHaveLength(1);
  expect(delivery.parts).toEqual([{ index: 0, kind: 'TEXT', status: 'SENT' }]);
});

async function mailPort(): Promise<number> {
  const { body } = await service.database
    .selectFrom('channels')
    .select('body')
    .where('channel_id', '=', 'mail-main')
    .executeTakeFirstOrThrow();
  return Number(body.provider['port']);
}

it.each([
  { ending: '0005', what: 'whose answer never comes' },
  { ending: '0007', what: 'after two answers 503 each' },
  { ending: '0008', what: 'with receipts before the answer' },
  { ending: '0009', what: 'after an answer 429 each' },
  { ending: '0011', what: 'delivered, failed and read' },
])('each part leaves once, $what (A33, INV3, E6)', async ({ ending }) => {
  const { clientId, phone } = await aPerson(service, ending);
  const files = await upload('offer.txt');

  const { sendId } = await make(service, aSendWith(clientId, files));
  await untilStatus(service, sendId, 'READ', 30_000);

  expect((await ended(service, sendId)).state).toBe('delivered');
  expect(await seenBy(phone)).toEqual(['Here it is.', 'offer.txt']);
});

it('the failure of the text stops no file; each failure has its entry (A33, R36, INV9)', async () => {
  await tell(service.simulator, 'PUT', '/_faults', { latencyMs: 300 });
  const { clientId, phone } = await aPerson(service, '0002');
  const files = await upload('offer.txt', 'map.txt');

  const { sendId, verdict } = await make(service, aSendWith(clientId, files));
  const failures = await until(
    () => failuresIn(service, clientId),
    ({ length }) => length === 3,
  );
  await tell(service.simulator, 'DELETE', '/_faults');
  const { state, delivery } = await ended(service, sendId);

  expect({ verdict, state }).toEqual({ verdict: 'ACCEPTED', state: 'failed' });
  expect(await seenBy(phone)).toEqual(['Here it is.', 'offer.txt', 'map.txt']);
  expect(statusesOf(delivery)).toEqual(['FAILED', 'FAILED', 'FAILED']);
  expect(new Set(failures.map(({ event }) => event.failure.code))).toEqual(new Set(['RECIPIENT_BLOCKED_BUSINESS']));
});

it('refused at once, nothing else leaves; the history shows all of it failed, without further entries (A31)', async () => {
  const { clientId, phone } = await aPerson(service, '0004');
  const files = await upload('offer.txt');

  const { verdict, state, delivery, failure } = await make(service, aSendWith(clientId, files));

  expect({ verdict, state, code: failure?.code }).toEqual({
    verdict: 'REJECTED',
    state: 'rejected',
    code: 'SENDER_ACCOUNT_PROBLEM',
  });
  expect(statusesOf(delivery)).toEqual(['FAILED', 'FAILED']);
  expect(delivery.parts[1]?.failure?.detail).toMatch(/^withheld by us/);
  expect(await failuresIn(service, clientId)).toEqual([]);
  expect(await seenBy(phone)).toEqual([]);
});

it('never taken, the send has failed to its last part (A32, A33)', async () => {
  await service.operator.putSettings({ verdictSeconds: 1, dispatchDeadlineSeconds: 2 });
  const { clientId, phone } = await aPerson(service);
  const files = await upload('offer.txt');

  const { sendId, verdict } = await make(service, aSendWith(clientId, files, { channelId: 'viber-away' }));
  const { state, delivery } = await ended(service, sendId);
  await service.operator.putSettings({ verdictSeconds: 5, dispatchDeadlineSeconds: 900 });

  expect({ verdict, state }).toEqual({ verdict: 'QUEUED', state: 'failed' });
  expect(delivery.parts.map(({ status, failure }) => [status, failure?.code])).toEqual([
    ['FAILED', 'PROVIDER_ERROR'],
    ['FAILED', 'UNKNOWN'],
  ]);
  expect(await failuresIn(service, clientId)).toHaveLength(2);
  expect(await seenBy(phone)).toEqual([]);
});

/** Asks while every worker dies once the first part is taken and recorded; then this happens, and another takes over. */
async function interrupted(request: SendRequest, happens: () => Promise<unknown>) {
  await service.stopWorker();
  await service.operator.putSettings({ verdictSeconds: 25 });
  const dying = await startWorkerProcess(service, 'dispatchPart');
  const key = randomUUID();
  const asked = until(
    () => service.crm.send(request, key).catch((error: unknown) => ({ outcome: 'away' as const, error })),
    ({ outcome }) => outcome !== 'away',
    60_000,
  );
  await dying.died;
  await happens();
  await service.startWorker();
  const reply = await asked;
  if (reply.outcome !== 'made') throw new Error(`not made: ${JSON.stringify(reply)}`);
  await service.operator.putSettings({ verdictSeconds: 5 });
  return ended(service, reply.send.sendId);
}

it('killed between two parts, the missing one goes and no other (W17, INV3)', async () => {
  const { clientId, phone } = await aPerson(service);
  const files = await upload('offer.txt');

  const { state } = await interrupted(aSendWith(clientId, files), async () => {});

  expect(state).toBe('delivered');
  expect(await seenBy(phone)).toEqual(['Here it is.', 'offer.txt']);
}, 90_000);

it('a block between two parts withholds the rest, and the history says so (INV14, A33)', async () => {
  const { clientId, phone } = await aPerson(service);
  const files = await upload('offer.txt', 'map.txt');

  const { state, delivery } = await interrupted(aSendWith(clientId, files), () =>
    service.database.updateTable('clients').set({ blocked: true }).where('client_id', '=', clientId).execute(),
  );

  expect(state).toBe('failed');
  expect(await seenBy(phone)).toEqual(['Here it is.']);
  expect(statusesOf(delivery).slice(1)).toEqual(['FAILED', 'FAILED']);
  expect(await failuresIn(service, clientId)).toHaveLength(2);
}, 90_000);

it('the provider fetches a file without a token, at the address that it was given (R5, SEC16)', async () => {
  const { clientId, phone } = await aPerson(service);
  const [file] = await upload('offer.txt');
  await make(service, aSendWith(clientId, [file!], { content: { kind: 'NONE' } }));

  const [item] = await ledgerOf(service, phone);
  const { url, name, size } = item!.content['attachment'] as { url: string; name: string; size: number };
  const fetched = Buffer.from(await (await fetch(url)).arrayBuffer());

  expect({ name, size }).toEqual({ name: 'offer.txt', size: file!.size });
  expect(fetched.equals(Buffer.from(await service.crm.download(file!.attachmentId)))).toBe(true);
});
