// Facts about a part and their fold. A fact is stored once; the status follows from the whole set (INV8, INV9).
import { isDeepStrictEqual } from 'node:util';
import { sql, type Transaction } from 'kysely';
import type { DeliveryReading, ReceiptLog } from '../activities/ports.js';
import type { Delivery } from '../domain/contracts/delivery.js';
import type { Failure } from '../domain/contracts/failure.js';
import type { SendState, Verdict } from '../domain/contracts/outgoing-send.js';
import { restOf, stateAfter } from '../domain/outgoing-send.js';
import type { ReceiptFact } from '../domain/provider-fact.js';
import {
  type DeliveryFact,
  type FactKind,
  foldSend,
  isLateFailure,
  isNews,
  type MessagePart,
  ownIdentity,
  type SendDelivery,
} from '../domain/receipt.js';
import { type Database, inTransaction, type Tables } from './database.js';

export interface FoldedSend extends DeliveryReading {
  sendId: string;
  channelId: string;
  parts: SendDelivery['parts'];
  /** In the order in which they were stored. */
  facts: DeliveryFact[];
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
        if (part === undefined) return undefined;
        const { facts, parts, channelId: _, ...folded } = await fold(tx, part.sendId);
        return { ...folded, isNews: isNews(parts, facts, identity) };
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
      identity: ownIdentity(sendId, part, kind),
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

/** What the workflow has just reached, when it has. */
export interface Reached {
  state?: SendState;
  verdict?: Verdict;
}

/** Computes a send's delivery anew and writes what has changed of it, with what the history still lacks of failures. */
export async function fold(tx: Transaction<Tables>, sendId: string, reached: Reached = {}): Promise<FoldedSend> {
  const send = await lockedSend(tx, sendId);
  const facts = await factsOf(tx, sendId);
  const { status, failure, parts } = foldSend(partsOfMessage(send.delivery), facts);
  const verdict = reached.verdict ?? send.verdict;
  const state = stateAfter(reached.state ?? send.state, status, restOf(parts.length, facts));
  const failureCode = failure?.code ?? null;
  if (state !== send.state || verdict !== send.verdict || failureCode !== send.failure_code) {
    const changes = { state, verdict, failure_code: failureCode };
    await tx.updateTable('sends').set(changes).where('send_id', '=', sendId).execute();
  }
  const delivery: Delivery = { status, at: send.now.toISOString(), ...(failure !== undefined && { failure }), parts };
  if (send.delivery !== null && !saysTheSame(send.delivery, delivery)) {
    await tx
      .updateTable('messages')
      .set({ delivery: JSON.stringify(delivery) })
      .where('send_id', '=', sendId)
      .where('kind', '=', 'MESSAGE')
      .execute();
  }
  await recordFailures(
    tx,
    { ...send, sendId },
    facts.filter((fact) => isLateFailure(fact, verdict)),
  );
  const { channel_id: channelId } = send;
  return { sendId, channelId, status, parts, facts, ...(failureCode !== null && { failureCode }) };
}

const TEXT_ALONE: MessagePart[] = [{ index: 0, kind: 'TEXT' }];

/** As the claim wrote them down. */
const partsOfMessage = (delivery: Delivery | null): MessagePart[] =>
  delivery?.parts.map(({ index, kind, attachmentId }) =>
    attachmentId === undefined ? { index, kind } : { index, kind, attachmentId },
  ) ?? TEXT_ALONE;

/** Under a lock, so that facts which arrive at once are folded one after the other. */
const lockedSend = (tx: Transaction<Tables>, sendId: string) =>
  tx
    .selectFrom('sends')
    .leftJoin('messages', (join) =>
      join.onRef('messages.send_id', '=', 'sends.send_id').on('messages.kind', '=', 'MESSAGE'),
    )
    .select([
      'sends.client_id',
      'sends.channel_id',
      'sends.thread_id',
      'sends.agent_id',
      'sends.state',
      'sends.verdict',
      'sends.failure_code',
      'messages.delivery',
      sql<Date>`now()`.as('now'),
    ])
    .where('sends.send_id', '=', sendId)
    .forNoKeyUpdate('sends')
    .executeTakeFirstOrThrow();

async function factsOf(tx: Transaction<Tables>, sendId: string): Promise<DeliveryFact[]> {
  const rows = await tx
    .selectFrom('receipts')
    .select(['identity', 'part', 'kind', 'failure'])
    .where('send_id', '=', sendId)
    .orderBy('receipt_id')
    .execute();
  return rows.map(({ identity, part, kind, failure }) => ({
    identity,
    part: part ?? 0,
    kind,
    ...(failure !== null && { failure }),
  }));
}

interface FailedSend {
  sendId: string;
  client_id: string;
  channel_id: string;
  thread_id: string | null;
  agent_id: string | null;
}

async function recordFailures(tx: Transaction<Tables>, send: FailedSend, failures: DeliveryFact[]): Promise<void> {
  if (failures.length === 0) return;
  const { sendId, client_id, channel_id, thread_id, agent_id } = send;
  await tx
    .insertInto('messages')
    .values(
      failures.map(({ identity, failure = { code: 'UNKNOWN' as const } }) => ({
        client_id,
        channel_id,
        thread_id,
        kind: 'SYSTEM' as const,
        direction: null,
        send_id: sendId,
        agent_id,
        event: JSON.stringify({ code: 'DELIVERY_FAILED', sendId, failure }),
        identity: `failed:${sendId}:${identity}`,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

const saysTheSame = ({ at: _, ...one }: Delivery, { at: __, ...other }: Delivery): boolean =>
  isDeepStrictEqual(one, other);
