// What the database knows of a send in three parts, and how it ends: asked of real tables, without a run (A33).
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ProviderAnswer } from '../../activities/ports.js';
import { partsOf } from '../../domain/outgoing-message.js';
import { createDispatchStore } from '../../store/dispatch.js';
import { deriveId } from '../../store/identity.js';
import { createOrphanStore } from '../../store/orphan.js';
import { createSendStore } from '../../store/outgoing-send.js';
import { createReceiptStore } from '../../store/receipt.js';
import { takeIn } from '../../store/send-intake.js';
import { aFile } from '../builders.js';
import { aPerson, aTemplateSend } from '../rig/people.js';
import { type Service, startService } from '../rig/service.js';

let service: Service;
beforeAll(async () => {
  service = await startService({ hasWorker: false });
});
afterAll(() => service.stop());

const accepted: ProviderAnswer = { outcome: 'accepted' };
const silent: ProviderAnswer = { outcome: 'unknown', failure: { code: 'PROVIDER_ERROR' } };
const refused: ProviderAnswer = { outcome: 'final', failure: { code: 'CONTENT_REJECTED' } };
const away: ProviderAnswer = { outcome: 'retry', failure: { code: 'PROVIDER_ERROR' } };
const files = [aFile(), aFile({ attachmentId: 'map' })];

/** Claimed and written down, without a run; its parts got these answers. */
async function aSendAfter(...answers: ProviderAnswer[]) {
  const { database } = service;
  const { clientId, phone } = await aPerson(service);
  const sendId = randomUUID();
  const threadId = deriveId(sendId, 'thread');
  const openedBy = { kind: 'SEND', id: sendId, agentId: 'anna', action: 'CLOSE' } as const;
  const thread = { threadId, runId: randomUUID(), clientId, channelId: 'viber-main', openedBy };
  const message = { text: 'Here it is.', attachments: files };
  const { token_id: tokenId } = await database.selectFrom('tokens').select('token_id').executeTakeFirstOrThrow();
  const command = { ...aTemplateSend(clientId, { channelId: 'viber-main' }), attachmentIds: [] };
  await takeIn(database, { tokenId, key: sendId, route: '', bodyHash: '', sendId, command, clientId });
  const sends = createSendStore(database);
  await sends.recordClaim({ sendId, message, parts: partsOf(message, 'VIBER'), address: phone, thread });
  const dispatches = createDispatchStore(database);
  const begin = (part: number) => dispatches.begin(sendId, part, thread, true);
  for (const [part, answer] of answers.entries()) {
    await begin(part);
    await dispatches.finish(sendId, part, answer, true);
    if (part === 0) await sends.recordVerdict(sendId, verdictOf(answer), true);
  }
  const shown = async () => {
    const { state, delivery } = (await sends.find(sendId))!;
    return { state, status: delivery.status, parts: delivery.parts.map((part) => part.status) };
  };
  return { sendId, clientId, sends, begin, shown };
}

function verdictOf({ outcome }: ProviderAnswer) {
  if (outcome === 'accepted') return 'ACCEPTED' as const;
  return outcome === 'final' ? ('REJECTED' as const) : ('QUEUED' as const);
}

it('each part has an intent, a reference and a content of its own (A33, INV3)', async () => {
  const { sendId, begin, shown } = await aSendAfter(accepted, accepted);

  expect(await shown()).toEqual({ state: 'completing', status: 'QUEUED', parts: ['QUEUED', 'QUEUED', 'QUEUED'] });
  expect(await begin(2)).toMatchObject({ state: 'fresh', content: { message: { attachments: [files[1]] } } });
  const rows = await service.database
    .selectFrom('dispatches')
    .select(['reference', 'content_hash'])
    .where('send_id', '=', sendId)
    .execute();
  expect(new Set(rows.map(({ reference }) => reference)).size).toBe(3);
  expect(new Set(rows.map(({ content_hash }) => content_hash)).size).toBe(3);
});

it('a receipt that the text failed holds back no file (A33, INV14)', async () => {
  const { sendId, begin, shown } = await aSendAfter(accepted);
  const fact = { kind: 'RECEIPT', status: 'FAILED', origin: { sendId, part: 0 } } as const;
  const news = await createReceiptStore(service.database).record('viber-main', randomUUID(), fact);

  expect(news).toMatchObject({ status: 'FAILED', isNews: true });
  expect(await shown()).toMatchObject({ state: 'completing', status: 'FAILED' });
  expect(await begin(1)).toMatchObject({ state: 'fresh' });
});

it('nothing leaves beside a text that was refused at once (A31)', async () => {
  const { begin, shown } = await aSendAfter(refused);

  expect(await shown()).toMatchObject({ state: 'rejected', parts: ['FAILED', 'FAILED', 'FAILED'] });
  expect(await begin(1)).toEqual({ state: 'withheld' });
});

const conclusions = [
  {
    what: 'the text is out after all and the rest has not begun: it goes on',
    answers: [accepted],
    ends: { state: 'completing', parts: ['QUEUED', 'QUEUED', 'QUEUED'] },
    next: 'fresh',
  },
  {
    what: 'the text stays in doubt: the rest has not left',
    answers: [silent],
    ends: { state: 'failed', parts: ['UNCONFIRMED', 'FAILED', 'FAILED'] },
    next: 'withheld',
  },
  {
    what: 'the text is proved unsent: so is the rest',
    answers: [away],
    ends: { state: 'failed', parts: ['FAILED', 'FAILED', 'FAILED'] },
    next: 'withheld',
  },
  {
    what: 'a file is in doubt',
    answers: [accepted, accepted, silent],
    ends: { state: 'unconfirmed', parts: ['QUEUED', 'QUEUED', 'UNCONFIRMED'] },
    next: 'answered',
  },
  {
    what: 'one file is in doubt, another proved unsent',
    answers: [accepted, away, silent],
    ends: { state: 'failed', parts: ['QUEUED', 'FAILED', 'UNCONFIRMED'] },
    next: 'withheld',
  },
];
it.each(conclusions)('at the last look $what (A32, A33, INV7)', async ({ answers, ends, next }) => {
  const { sendId, sends, begin, shown } = await aSendAfter(...answers);

  await sends.conclude({ sendId, waitedFor: 'DISPATCH', begun: answers.length });
  await sends.conclude({ sendId, waitedFor: 'DISPATCH', begun: answers.length });

  expect(await shown()).toMatchObject(ends);
  expect(await begin(1)).toMatchObject({ state: next });
});

it('receipts that never came leave what is known as it is, and the send unconfirmed (A32)', async () => {
  const { sendId, sends, shown } = await aSendAfter(accepted, accepted, accepted);

  await sends.conclude({ sendId, waitedFor: 'RECEIPT', begun: 3 });

  expect(await shown()).toMatchObject({ state: 'unconfirmed', parts: ['QUEUED', 'QUEUED', 'QUEUED'] });
});

it('a file in doubt is reconciling once all have left, and a failed neighbour does not hide it (E7, INV7)', async () => {
  const { sendId, shown } = await aSendAfter(accepted, accepted, silent);
  const fact = { kind: 'RECEIPT', status: 'FAILED', origin: { sendId, part: 1 } } as const;

  expect(await shown()).toMatchObject({ state: 'reconciling', status: 'UNKNOWN' });
  await createReceiptStore(service.database).record('viber-main', randomUUID(), fact);
  expect(await shown()).toMatchObject({ state: 'reconciling', parts: ['QUEUED', 'FAILED', 'UNKNOWN'] });
});

it.each([
  { what: 'has nothing left', begun: false, state: 'rejected', parts: ['FAILED', 'FAILED', 'FAILED'] },
  { what: 'may the text have left', begun: true, state: 'failed', parts: ['UNCONFIRMED', 'FAILED', 'FAILED'] },
])('ended by hand before its verdict: $what, no other part did (W20, LIV2)', async ({ begun, state, parts }) => {
  const { sendId, begin, shown } = await aSendAfter();
  if (begun) await begin(0);

  await createOrphanStore(service.database).abandon(sendId);

  expect(await shown()).toMatchObject({ state, parts });
  expect(await begin(1)).toEqual({ state: 'withheld' });
});

it('what perhaps left before a block is in doubt, not refused (INV7, INV14)', async () => {
  const { clientId, begin } = await aSendAfter();
  await begin(0);
  await service.database.updateTable('clients').set({ blocked: true }).where('client_id', '=', clientId).execute();

  expect(await begin(0)).toMatchObject({ state: 'answered', answer: { outcome: 'unknown' } });
  expect(await begin(1)).toEqual({ state: 'withheld' });
});
