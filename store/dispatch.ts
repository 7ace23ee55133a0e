import { sql } from 'kysely';
import type { DispatchLog, Intent, PartContent, ProviderAnswer } from '../activities/ports.js';
import type { ChannelType } from '../domain/contracts/channel.js';
import type { Failure } from '../domain/contracts/failure.js';
import { type OutgoingMessage, partsOf } from '../domain/outgoing-message.js';
import type { Claim } from '../domain/thread.js';
import { type Database, type Executor, inTransaction } from './database.js';
import { deriveId } from './identity.js';
import { fold, recordOwnFact } from './receipt.js';

export function createDispatchStore(database: Database): DispatchLog {
  return {
    async begin(sendId, part, claim, isKeyed) {
      for (;;) {
        const row = await ask(database, sendId, part, claim, isKeyed);
        const intent = intentOf(row, sendId, part);
        if (intent?.state === 'withheld') await recordWithheld(database, sendId, row.channelId, part);
        if (intent !== undefined) return intent; // else another attempt wrote its intent just now
      }
    },

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
          // What is not proved stays in doubt: only an attempt without any result can turn out to have left nothing.
          .where((is) =>
            answer.outcome === 'retry'
              ? is('outcome', 'is', null)
              : is.or([is('outcome', 'is', null), is('outcome', '=', 'unknown')]),
          )
          .returning('reference')
          .executeTakeFirst();
        if (finished === undefined || answer.outcome === 'retry') return;
        await recordAnswer(tx, sendId, part, answer, expectsReceipts);
        await adoptParked(tx, sendId, part, finished.reference, answer);
        await fold(tx, sendId);
      }),
  };
}

interface Row {
  channelId: string;
  channelType: ChannelType;
  address: string | null;
  message: OutgoingMessage | null;
  askedAt: Date;
  mayLeave: boolean;
  /** Nothing that was written before in the thread is still to leave. */
  isNext: boolean;
  /** The attempt whose intent this statement wrote. */
  begun: number | null;
  lastOutcome: ProviderAnswer['outcome'] | null;
  lastAttempt: number | null;
  lastFailure: Failure | null;
}

/**
 * Reads the send and writes the intent in one statement. INV5: only while the thread is the one that this send's claim
 * opened, and is open or was settled by this very send. INV14: not past a block, on a disabled channel, or once the send is over; it is not while a part of it is
 * still to go, however its neighbours fail (A33). A reply leaves after what stands before it in its thread. INV3: an intent beside one that is not proved unsent cannot exist,
 * whoever else tries at the same time.
 */
async function ask(
  database: Database,
  sendId: string,
  part: number,
  claim: Claim | undefined,
  isKeyed: boolean,
): Promise<Row> {
  // In doubt, it is repeated where the provider absorbs that, and may come after all.
  const leaving = ['dispatching', 'queued', 'completing', ...(isKeyed ? ['reconciling'] : [])];
  const reference = deriveId(sendId, String(part));
  const { rows } = await sql<Row>`
    with send as (
      select sends.send_id, sends.channel_id, channels.body->>'type' as channel_type, sends.address, sends.message,
             sends.created_at,
             sends.state not in ('refused', 'rejected', 'failed', 'unconfirmed')
               and not clients.blocked
               and (channels.body->>'enabled')::boolean
               and not exists (select 1 from identities
                                where identities.channel_id = sends.channel_id and identities.address = sends.address
                                  and identities.blocked)
               and (${claim === undefined}::boolean
                    or exists (select 1 from threads
                                where thread_id = ${claim?.threadId ?? null} and run_id = ${claim?.runId ?? null}
                                  and (sends.reply is not null
                                       or (opener_id = ${sendId}
                                           and (sends.verdict is not null
                                                or close_reason is distinct from 'EXTERNAL_CALL_FORCED_CLOSURE'
                                               and close_reason is distinct from 'SEND_REJECTED'))))) as may_leave,
             sends.reply is null
               or not exists (select 1 from messages own
                                join messages earlier on earlier.client_id = own.client_id
                                 and earlier.thread_id = own.thread_id and earlier.position < own.position
                                join sends before on before.send_id = earlier.send_id and earlier.kind = 'MESSAGE'
                               where own.send_id = sends.send_id and own.kind = 'MESSAGE'
                                 and before.state = any(${leaving}::text[])) as is_next
        from sends
        join clients on clients.client_id = sends.client_id
        join channels on channels.channel_id = sends.channel_id
       where send_id = ${sendId}
         for update of sends),
    last as (
      select attempt, outcome, failure from dispatches
       where send_id = ${sendId} and part = ${part} order by attempt desc limit 1),
    begun as (
      insert into dispatches (send_id, part, attempt, reference, content_hash)
      select send_id, ${part}, coalesce((select attempt from last), 0) + 1, ${reference}::uuid,
             encode(sha256(convert_to(concat_ws(' ', address, ${part}::int, message::text), 'UTF8')), 'hex')
        from send
       where may_leave and is_next and address is not null and coalesce((select outcome = 'retry' from last), not exists (select 1 from last))
      on conflict do nothing returning attempt)
    select send.channel_id as "channelId", send.channel_type as "channelType", send.address, send.message,
           send.created_at as "askedAt", send.may_leave as "mayLeave", send.is_next as "isNext", begun.attempt as begun, last.outcome as "lastOutcome",
           last.attempt as "lastAttempt", last.failure as "lastFailure"
      from send left join last on true left join begun on true`.execute(database);
  const [row] = rows;
  if (row === undefined) throw new Error(`send ${sendId} does not exist`);
  return row;
}

function intentOf(row: Row, sendId: string, part: number): Intent | undefined {
  const { address, channelType } = row;
  if (row.message === null || address === null) throw new Error(`send ${sendId} was not claimed`);
  const message = partsOf(row.message, channelType)[part];
  if (message === undefined) throw new Error(`send ${sendId} has no part ${part}`);
  const content: PartContent = { address, askedAt: row.askedAt.toISOString(), message };
  const found = { reference: deriveId(sendId, String(part)), content };
  if (row.begun !== null) return { state: 'fresh', ...found };
  switch (row.lastOutcome) {
    case 'accepted':
      return { state: 'answered', answer: { outcome: 'accepted' } };
    case 'final':
      return { state: 'answered', answer: { outcome: 'final', failure: row.lastFailure ?? { code: 'UNKNOWN' } } };
    case 'unknown':
    case null:
      if (row.lastAttempt === null) return unbegun(row);
      return row.mayLeave ? { state: 'open', ...found } : { state: 'answered', answer: IN_DOUBT };
    case 'retry':
      return unbegun(row);
  }
}

const unbegun = ({ mayLeave, isNext }: Row): Intent | undefined => {
  if (!mayLeave) return { state: 'withheld' };
  return isNext ? undefined : { state: 'early' };
};

/** Perhaps an attempt left before, and none may follow it (INV7). */
const IN_DOUBT: ProviderAnswer = { outcome: 'unknown', failure: { code: 'OUTCOME_UNCONFIRMED' } };

/** Not beside an attempt that another has begun meanwhile: a doubt about that one weighs more. */
const recordWithheld = (database: Database, sendId: string, channelId: string, part: number): Promise<void> =>
  inTransaction(database, async (tx) => {
    const tried = await tx
      .selectFrom('dispatches')
      .select('attempt')
      .where('send_id', '=', sendId)
      .where('part', '=', part)
      .where('outcome', 'is distinct from', 'retry')
      .executeTakeFirst();
    if (tried !== undefined) return;
    const failure = {
      code: 'UNKNOWN' as const,
      detail: 'withheld by us: its thread, channel or client was gone or blocked',
    };
    await recordOwnFact(tx, { sendId, channelId, part, kind: 'FAILED', failure });
    await fold(tx, sendId);
  });

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
    .where('channel_id', '=', (has) => has.selectFrom('sends').select('channel_id').where('send_id', '=', sendId))
    .where((is) =>
      is.or([
        is('reference', '=', reference),
        ...(messageId === undefined ? [] : [is('provider_message_id', '=', messageId)]),
      ]),
    )
    .execute();
}
