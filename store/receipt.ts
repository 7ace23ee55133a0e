// Facts about a part and their fold. A fact is stored once; the status follows from the whole set (INV8, INV9).
import { sql, type Transaction } from 'kysely';
import type { ReceiptLog } from '../activities/ports.js';
import type { Delivery, DeliveryStatus } from '../domain/contracts/delivery.js';
import type { Failure, FailureCode } from '../domain/contracts/failure.js';
import type { SendState } from '../domain/contracts/outgoing-send.js';
import { stateAfter } from '../domain/outgoing-send.js';
import type { ReceiptFact } from '../domain/provider-fact.js';
import { type FactKind, foldPart, worstOf } from '../domain/receipt.js';
import { type Database, inTransaction, type Tables } from './database.js';

export interface FoldedSend {
  sendId: string;
  status: DeliveryStatus;
  failureCode?: FailureCode;
}

export function createReceiptStore(database: Database): ReceiptLog {
  return {
    record: (channelId, identity, fact) =>
      inTransaction(database, async (tx) => {
        const part = await partOf(tx, channelId, fact);
        await tx
          .insertInto('receipts')
          .values({
            channel_id: channelId,
            identity,
            send_id: part?.sendId ?? null,
            part: part?.part ?? null,
            reference: fact.reference ?? null,
            provider_message_id: fact.providerMessageId ?? null,
            kind: fact.status,
            failure: fact.failure === undefined ? null : JSON.stringify(fact.failure),
            provider_at: fact.providerAt ?? null,
          })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
        return part && (await fold(tx, part.sendId));
      }),
  };
}

/** A receipt changes sends of its own channel alone (SEC08). */
async function partOf(
  tx: Transaction<Tables>,
  channelId: string,
  { reference, providerMessageId, origin }: ReceiptFact,
): Promise<{ sendId: string; part: number } | undefined> {
  const row = await tx
    .selectFrom('dispatches')
    .innerJoin('sends', 'sends.send_id', 'dispatches.send_id')
    .select(['dispatches.send_id', 'dispatches.part'])
    .where('sends.channel_id', '=', channelId)
    .where((is) =>
      is.or([
        ...(reference === undefined ? [] : [is('dispatches.reference', '=', reference)]),
        ...(providerMessageId === undefined ? [] : [is('dispatches.provider_message_id', '=', providerMessageId)]),
        ...(origin === undefined
          ? []
          : [is.and([is('dispatches.send_id', '=', origin.sendId), is('dispatches.part', '=', origin.part)])]),
      ]),
    )
    .executeTakeFirst();
  return row && { sendId: row.send_id, part: row.part };
}

/** Our own words about a part: what an attempt learned, or that nothing more will be learned. */
export async function recordOwnFact(
  tx: Transaction<Tables>,
  {
    sendId,
    channelId,
    part,
    kind,
    failure,
  }: { sendId: string; channelId: string; part: number; kind: FactKind; failure?: Failure },
): Promise<void> {
  await tx
    .insertInto('receipts')
    .values({
      channel_id: channelId,
      identity: `${OWN}${sendId}:${part}:${kind}`,
      send_id: sendId,
      part,
      reference: null,
      provider_message_id: null,
      kind,
      failure: failure === undefined ? null : JSON.stringify(failure),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

const OWN = 'own:';

/**
 * Computes a send's delivery anew, writes it to history and send, and adds what the history still lacks of failures.
 * @param recorded the state that the workflow has just reached, when it has
 */
export async function fold(tx: Transaction<Tables>, sendId: string, recorded?: SendState): Promise<FoldedSend> {
  const send = await tx
    .selectFrom('sends')
    .select(['client_id', 'channel_id', 'thread_id', 'agent_id', 'state', 'verdict', sql<Date>`now()`.as('now')])
    .where('send_id', '=', sendId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  const rows = await tx
    .selectFrom('receipts')
    .select(['identity', 'part', 'kind', 'failure'])
    .where('send_id', '=', sendId)
    .execute();
  const facts = rows.map(({ identity, part, kind, failure }) => ({
    identity,
    part: part ?? 0,
    kind,
    ...(failure !== null && { failure }),
  }));
  const part = foldPart(0, facts);
  const worst = worstOf([part]);
  const delivery: Delivery = {
    status: worst.status,
    at: send.now.toISOString(),
    ...(worst.failure !== undefined && { failure: worst.failure }),
    parts: [{ kind: 'TEXT', ...part }],
  };
  await tx
    .updateTable('messages')
    .set({ delivery: JSON.stringify(delivery) })
    .where('send_id', '=', sendId)
    .where('kind', '=', 'MESSAGE')
    .where((is) =>
      is.or([is('delivery', 'is', null), is(is.ref('delivery', '->>').key('status'), '!=', delivery.status)]),
    )
    .execute();
  await tx
    .updateTable('sends')
    .set({ state: stateAfter(recorded ?? send.state, worst.status), failure_code: worst.failure?.code ?? null })
    .where('send_id', '=', sendId)
    .execute();

  // A rejection at once is told by the verdict; every other failure fact has its own entry (R35, R36, INV9).
  const late = facts.filter(
    ({ kind, identity }) => kind === 'FAILED' && (!identity.startsWith(OWN) || isLate(send.verdict)),
  );
  for (const { identity, failure } of late) {
    await tx
      .insertInto('messages')
      .values({
        client_id: send.client_id,
        channel_id: send.channel_id,
        thread_id: send.thread_id,
        kind: 'SYSTEM',
        direction: null,
        send_id: sendId,
        agent_id: send.agent_id,
        event: JSON.stringify({ code: 'DELIVERY_FAILED', sendId, failure: failure ?? { code: 'UNKNOWN' } }),
        identity: `failed:${sendId}:${identity}`,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  return { sendId, status: worst.status, ...(worst.failure !== undefined && { failureCode: worst.failure.code }) };
}

const isLate = (verdict: string | null): boolean => verdict === 'ACCEPTED' || verdict === 'QUEUED';
