// Facts about a part and their fold. A fact is stored once; the status follows from the whole set (INV8, INV9).
import { isDeepStrictEqual } from 'node:util';
import { sql, type Transaction } from 'kysely';
import type { DeliveryReading, ReceiptLog } from '../activities/ports.js';
import type { Delivery, DeliveryStatus } from '../domain/contracts/delivery.js';
import type { Failure } from '../domain/contracts/failure.js';
import type { SendState, Verdict } from '../domain/contracts/outgoing-send.js';
import { stateAfter } from '../domain/outgoing-send.js';
import type { ReceiptFact } from '../domain/provider-fact.js';
import { type DeliveryFact, type FactKind, foldPart, isTerminal, worstOf } from '../domain/receipt.js';
import { type Database, inTransaction, type Tables } from './database.js';

export interface FoldedSend extends DeliveryReading {
  sendId: string;
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
        const { facts, ...folded } = await fold(tx, part.sendId);
        return { ...folded, isNews: isNews(facts, identity) };
      }),
  };
}

/** What is final after this fact was not final, or otherwise final, before it; asked again, the answer is the same. */
function isNews(facts: readonly DeliveryFact[], identity: string): boolean {
  const own = facts.findIndex((fact) => fact.identity === identity);
  const after = foldPart(0, facts.slice(0, own + 1)).status;
  return isTerminal(after) && classOf(after) !== classOf(foldPart(0, facts.slice(0, own)).status);
}

const classOf = (status: DeliveryStatus): DeliveryStatus => (status === 'READ' ? 'DELIVERED' : status);

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

/** What the workflow has just reached, when it has. */
export interface Reached {
  state?: SendState;
  verdict?: Verdict;
}

/** Computes a send's delivery anew and writes what has changed of it, with what the history still lacks of failures. */
export async function fold(tx: Transaction<Tables>, sendId: string, reached: Reached = {}): Promise<FoldedSend> {
  const send = await lockedSend(tx, sendId);
  const facts = await factsOf(tx, sendId);
  const part = foldPart(0, facts);
  const worst = worstOf([part]);
  const verdict = reached.verdict ?? send.verdict;
  const state = stateAfter(reached.state ?? send.state, worst.status, restOf(facts));
  const failureCode = worst.failure?.code ?? null;
  if (state !== send.state || verdict !== send.verdict || failureCode !== send.failure_code) {
    const changes = { state, verdict, failure_code: failureCode };
    await tx.updateTable('sends').set(changes).where('send_id', '=', sendId).execute();
  }
  const delivery: Delivery = {
    status: worst.status,
    at: send.now.toISOString(),
    ...(worst.failure !== undefined && { failure: worst.failure }),
    parts: [{ kind: 'TEXT', ...part }],
  };
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
  return {
    sendId,
    status: worst.status,
    facts,
    ...(failureCode !== null && { failureCode }),
  };
}

/** Where a send rests that the provider has taken: where no receipt comes, our own word is the last. */
function restOf(facts: readonly DeliveryFact[]): 'awaitingReceipt' | 'sent' | undefined {
  if (facts.some(({ kind, identity }) => kind === 'SENT' && identity.startsWith(OWN))) return 'sent';
  return facts.some(({ kind }) => kind === 'ACCEPTED' || kind === 'SENT') ? 'awaitingReceipt' : undefined;
}

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

/** A rejection at once is told by the verdict; every other failure fact has its own entry (R35, R36, INV9). */
const isLateFailure = ({ kind, identity }: DeliveryFact, verdict: Verdict | null): boolean =>
  kind === 'FAILED' && (!identity.startsWith(OWN) || verdict === 'ACCEPTED' || verdict === 'QUEUED');

interface FailedSend {
  sendId: string;
  client_id: string;
  channel_id: string;
  thread_id: string | null;
  agent_id: string;
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
