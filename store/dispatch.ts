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
        if (claim !== undefined && !(await holdsThread(tx, sendId, claim))) return { state: 'claimLost' };
        return intentOf(tx, sendId, part);
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

/** INV5: nothing leaves without the claim that was won for it; the row keeps the run that opened the thread. */
async function holdsThread(tx: Executor, sendId: string, { threadId, runId }: Claim): Promise<boolean> {
  const row = await tx
    .selectFrom('threads')
    .select('run_id')
    .where('thread_id', '=', threadId)
    .where('opener_id', '=', sendId)
    .forShare()
    .executeTakeFirst();
  return row?.run_id === runId;
}

async function intentOf(tx: Executor, sendId: string, part: number): Promise<Intent> {
  const send = await tx
    .selectFrom('sends')
    .select(['channel_id', 'address', 'message', 'created_at'])
    .where('send_id', '=', sendId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
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
