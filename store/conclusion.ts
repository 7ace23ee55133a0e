// How we end a send ourselves: what is proved unsent has failed, what stays unknown is unconfirmed (A32, INV7).
import type { Transaction } from 'kysely';
import type { Conclusion } from '../activities/ports.js';
import type { Failure } from '../domain/contracts/failure.js';
import { restOf } from '../domain/outgoing-send.js';
import { type FactKind, isTerminal } from '../domain/receipt.js';
import type { Tables } from './database.js';
import { fold, type FoldedSend, recordOwnFact } from './receipt.js';

interface End {
  part: number;
  kind: FactKind;
  failure?: Failure;
}

/** The last look; it ends nothing where the first part has turned out to be out and the others are yet to follow. */
export async function conclude(tx: Transaction<Tables>, { sendId, waitedFor, begun }: Conclusion): Promise<FoldedSend> {
  const before = await fold(tx, sendId);
  if (waitedFor === 'RECEIPT') return end(tx, before, receiptsThatNeverCame(before));
  return goesOn(before, begun) ? before : end(tx, before, await endsOfDispatch(tx, before, begun));
}

/** Of a send that runs no more: nothing of it will leave any more. */
export async function endForGood(tx: Transaction<Tables>, sendId: string, begun: number): Promise<FoldedSend> {
  const before = await fold(tx, sendId);
  return end(tx, before, await endsOfDispatch(tx, before, begun));
}

/** Of a send whose first part was refused nothing else leaves (A31). */
export const withholdRest = (tx: Transaction<Tables>, send: FoldedSend): Promise<FoldedSend> =>
  end(
    tx,
    send,
    send.parts.filter(({ index }) => index > 0).map(({ index }) => withheld(index)),
  );

async function end(tx: Transaction<Tables>, before: FoldedSend, ends: readonly End[]): Promise<FoldedSend> {
  const { sendId, channelId } = before;
  if (ends.length === 0) return before;
  for (const one of ends) await recordOwnFact(tx, { sendId, channelId, ...one });
  const isInDoubt = ends.some(({ kind }) => kind === 'UNCONFIRMED');
  return fold(tx, sendId, isInDoubt ? { state: 'unconfirmed' } : {});
}

const receiptsThatNeverCame = ({ parts }: FoldedSend): End[] =>
  parts.filter(({ status }) => !isTerminal(status)).map(({ index }) => ({ part: index, kind: 'UNCONFIRMED' }));

const goesOn = ({ parts, facts }: FoldedSend, begun: number): boolean =>
  begun < parts.length && parts[0]?.status !== 'FAILED' && restOf(parts.length, facts) === 'completing';

async function endsOfDispatch(tx: Transaction<Tables>, before: FoldedSend, begun: number): Promise<End[]> {
  const attempts = await lastAttempts(tx, before.sendId);
  return before.parts
    .filter(({ index }) => !isKnown(before, index))
    .map(({ index }) => {
      if (index >= begun) return withheld(index);
      const last = attempts.find(({ part }) => part === index);
      return last === undefined || last.outcome === 'retry'
        ? { part: index, kind: 'FAILED', failure: last?.failure ?? { code: 'PROVIDER_ERROR' } }
        : { part: index, kind: 'UNCONFIRMED', failure: { code: 'OUTCOME_UNCONFIRMED' } };
    });
}

const isKnown = ({ facts }: FoldedSend, index: number): boolean =>
  facts.some(({ part, kind }) => part === index && kind !== 'UNKNOWN' && kind !== 'UNCONFIRMED');

const withheld = (part: number): End => ({
  part,
  kind: 'FAILED',
  failure: { code: 'UNKNOWN', detail: 'withheld by us: the first part is not known to have left' },
});

const lastAttempts = (tx: Transaction<Tables>, sendId: string) =>
  tx
    .selectFrom('dispatches')
    .distinctOn('part')
    .select(['part', 'outcome', 'failure'])
    .where('send_id', '=', sendId)
    .orderBy('part')
    .orderBy('attempt', 'desc')
    .execute();
