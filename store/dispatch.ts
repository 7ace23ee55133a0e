import { sql } from 'kysely';
import type { DispatchLog, Intent, PartContent, ProviderAnswer } from '../activities/ports.js';
import type { Claim } from '../domain/thread.js';
import { type Database, type Executor, inTransaction } from './database.js';
import { deriveId, hashOf } from './identity.js';
import { fold, recordOwnFact } from './receipt.js';

export function createDispatchStore(database: Database): DispatchLog {
  return {
    begin: (sendId, part, claim) =>
      inTransaction(database, async (tx) => {
        const send = await claimedSend(tx, sendId);
        return isHeld(send, claim) ? intentOf(tx, send, sendId, part) : { state: 'claimLost' };
      }),

    finish: (sendId, part, answer, expectsReceipts) =>
      inTransaction(database, async (tx) => {
        const finished = await tx
          .updateTable('dispatches')
          .set({
            outcome: answer.outcome,
            finished_at: sql<Date>`now()`,
            provider_message_id: answer.outcome === 'accepted' ? (answer.providerMessageId ?? null) : null,
            failure: 'failure' in answer ? JSON.stringify(answer.failure) : null,
          })
          .where('send_id', '=', sendId)
          .where('part', '=', part)
          .where((is) => is.or([is('outcome', 'is', null), is('outcome', '=', 'unknown')]))
          .returning('reference')
          .executeTakeFirst();
        if (finished === undefined || answer.outcome === 'retry') return;
        await recordAnswer(tx, sendId, part, answer, expectsReceipts);
        await adoptParked(tx, sendId, part, finished.reference, answer);
        await fold(tx, sendId);
      }),
  };
}

/** Under a lock, so that two attempts at once find one intent (W16). */
const claimedSend = (tx: Executor, sendId: string) =>
  tx
    .selectFrom('sends')
    .leftJoin('threads', (join) =>
      join.onRef('threads.thread_id', '=', 'sends.thread_id').on('threads.opener_id', '=', sendId),
    )
    .select([
      'sends.channel_id',
      'sends.address',
      'sends.message',
      'sends.created_at',
      'threads.thread_id',
      'threads.run_id',
    ])
    .where('sends.send_id', '=', sendId)
    .forNoKeyUpdate('sends')
    .executeTakeFirstOrThrow();

type ClaimedSend = Awaited<ReturnType<typeof claimedSend>>;

/** INV5: nothing leaves without the claim that was won for it; the row keeps the run that opened the thread. */
const isHeld = ({ thread_id, run_id }: ClaimedSend, claim: Claim | undefined): boolean =>
  claim === undefined || (thread_id === claim.threadId && run_id === claim.runId);

async function intentOf(tx: Executor, send: ClaimedSend, sendId: string, part: number): Promise<Intent> {
  if (send.message === null || send.address === null) throw new Error(`send ${sendId} was not claimed`);
  const content: PartContent = {
    address: send.address,
    askedAt: send.created_at.toISOString(),
    message: send.message,
  };
  const found = { reference: deriveId(sendId, String(part)), channelId: send.channel_id, content };

  const last = await tx
    .selectFrom('dispatches')
    .selectAll()
    .where('send_id', '=', sendId)
    .where('part', '=', part)
    .orderBy('attempt', 'desc')
    .executeTakeFirst();
  switch (last?.outcome) {
    case 'accepted':
      return { state: 'answered', answer: { outcome: 'accepted' } };
    case 'final':
      return { state: 'answered', answer: { outcome: 'final', failure: last.failure ?? { code: 'UNKNOWN' } } };
    case 'unknown':
    case null:
      return { state: 'open', ...found };
    case 'retry':
    case undefined:
      await tx
        .insertInto('dispatches')
        .values({
          send_id: sendId,
          part,
          attempt: (last?.attempt ?? 0) + 1,
          reference: found.reference,
          content_hash: hashOf(JSON.stringify(content)),
        })
        .execute();
      return { state: 'fresh', ...found };
  }
}

async function recordAnswer(
  tx: Parameters<typeof recordOwnFact>[0],
  sendId: string,
  part: number,
  answer: Exclude<ProviderAnswer, { outcome: 'retry' }>,
  expectsReceipts: boolean,
): Promise<void> {
  const { channel_id: channelId } = await tx
    .selectFrom('sends')
    .select('channel_id')
    .where('send_id', '=', sendId)
    .executeTakeFirstOrThrow();
  const own = { sendId, channelId, part };
  switch (answer.outcome) {
    case 'accepted':
      return recordOwnFact(tx, { ...own, kind: expectsReceipts ? 'ACCEPTED' : 'SENT' });
    case 'final':
      return recordOwnFact(tx, { ...own, kind: 'FAILED', failure: answer.failure });
    case 'unknown':
      return recordOwnFact(tx, {
        ...own,
        kind: 'UNKNOWN',
        failure: { ...answer.failure, code: 'OUTCOME_UNCONFIRMED' },
      });
  }
}

/** Receipts that came before our own answer and could not be matched until now (W28). */
async function adoptParked(
  tx: Executor,
  sendId: string,
  part: number,
  reference: string,
  answer: ProviderAnswer,
): Promise<void> {
  const messageId = answer.outcome === 'accepted' ? answer.providerMessageId : undefined;
  await tx
    .updateTable('receipts')
    .set({ send_id: sendId, part })
    .where('send_id', 'is', null)
    .where((is) =>
      is.or([
        is('reference', '=', reference),
        ...(messageId === undefined ? [] : [is('provider_message_id', '=', messageId)]),
      ]),
    )
    .execute();
}
