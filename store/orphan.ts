import { sql, type Transaction } from 'kysely';
import type { OrphanLog } from '../activities/ports.js';
import type { SendState, Verdict } from '../domain/contracts/outgoing-send.js';
import { endForGood } from './conclusion.js';
import { type Database, inTransaction, type Tables } from './database.js';
import { fold, recordOwnFact } from './receipt.js';

export function createOrphanStore(database: Database): OrphanLog {
  return {
    async overdue() {
      const { rows } = await sql<{ sendId: string }>`
        select send_id as "sendId" from sends
         where state in ('dispatching', 'queued', 'completing', 'reconciling')
           and created_at < now() - interval '1 minute'
             - coalesce((select (body->>'dispatchDeadlineSeconds')::int from settings), 900) * interval '1 second'
             - coalesce((select (body->>'unknownDeadlineSeconds')::int from settings), 900) * interval '1 second'
         order by created_at limit ${BATCH}`.execute(database);
      return rows.map(({ sendId }) => sendId);
    },

    abandon: (sendId) =>
      inTransaction(database, async (tx) => {
        const send = await tx
          .selectFrom('sends')
          .select(['channel_id', 'verdict'])
          .where('send_id', '=', sendId)
          .forNoKeyUpdate()
          .executeTakeFirstOrThrow();
        if (send.verdict !== null) {
          await endForGood(tx, sendId, await partsBegun(tx, sendId));
          return send.verdict;
        }
        const end = (await mayHaveLeft(tx, sendId)) ? UNCONFIRMED : REJECTED;
        const { parts } = await fold(tx, sendId);
        for (const { index } of parts) {
          // Before the verdict the first part alone can have left (A31).
          const { kind, failure } = index === 0 ? end : REJECTED;
          await recordOwnFact(tx, { sendId, channelId: send.channel_id, part: index, kind, failure });
        }
        await fold(tx, sendId, { state: end.state, verdict: end.verdict });
        return end.verdict;
      }),
  };
}

const BATCH = 100;

async function partsBegun(tx: Transaction<Tables>, sendId: string): Promise<number> {
  const { begun } = await tx
    .selectFrom('dispatches')
    .select(({ fn }) => fn.count<number>('part').distinct().as('begun'))
    .where('send_id', '=', sendId)
    .executeTakeFirstOrThrow();
  return begun;
}

const ended = { detail: 'the send was ended by hand' };
const REJECTED = {
  verdict: 'REJECTED' as Verdict,
  state: 'rejected' as SendState,
  kind: 'FAILED' as const,
  failure: { code: 'UNKNOWN' as const, ...ended },
};
const UNCONFIRMED = {
  verdict: 'QUEUED' as Verdict,
  state: 'unconfirmed' as SendState,
  kind: 'UNCONFIRMED' as const,
  failure: { code: 'OUTCOME_UNCONFIRMED' as const, ...ended },
};

/** Some intent is not proved unsent. */
async function mayHaveLeft(tx: Transaction<Tables>, sendId: string): Promise<boolean> {
  const unproved = await tx
    .selectFrom('dispatches')
    .select('attempt')
    .where('send_id', '=', sendId)
    .where((is) => is.or([is('outcome', 'is', null), is('outcome', 'in', ['accepted', 'unknown'])]))
    .executeTakeFirst();
  return unproved !== undefined;
}
