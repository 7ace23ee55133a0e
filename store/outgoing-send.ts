import { sql } from 'kysely';
import type { SendLog } from '../activities/ports.js';
import type { FailureCode } from '../domain/contracts/failure.js';
import type { Send, SendState, Verdict } from '../domain/contracts/outgoing-send.js';
import { partsToShow } from '../domain/receipt.js';
import type { ThreadRecord } from '../domain/thread.js';
import { conclude, withholdRest } from './conclusion.js';
import { type Database, inTransaction } from './database.js';
import { isUuid } from './identity.js';
import { type Page, type PageRequest, pageOf } from './page.js';
import { fold, type FoldedSend } from './receipt.js';
import { readSend } from './situation.js';
import { firstRow } from './thread.js';

interface SendFilter {
  clientId?: string | undefined;
  agentId?: string | undefined;
  state?: SendState | undefined;
  failureCode?: FailureCode | undefined;
}

export interface SendStore extends SendLog {
  /** A send that was made; one that was refused is none. */
  find(sendId: string): Promise<Send | undefined>;
  list(filter: SendFilter, request: PageRequest): Promise<Page<Send>>;
}

export function createSendStore(database: Database): SendStore {
  return {
    read: (sendId) => readSend(database, sendId),

    async recordRefusal(sendId) {
      const { rows } = await sql`
        with refused as (
          update sends set state = 'refused'
           where send_id = ${sendId} and state in ('claiming', 'dispatching', 'refused') and verdict is null
             and not exists (select 1 from dispatches where dispatches.send_id = sends.send_id)
          returning send_id),
        unwritten as (delete from messages where send_id in (select send_id from refused))
        select send_id from refused`.execute(database);
      return rows.length > 0;
    },

    recordClaim: (claimed) => recordClaim(database, claimed),

    recordVerdict: (sendId, verdict, expectsReceipts) =>
      inTransaction(database, async (tx) => {
        const send = await fold(tx, sendId, { verdict, state: restingState(verdict, expectsReceipts) });
        return outcomeOf(verdict === 'REJECTED' ? await withholdRest(tx, send) : send);
      }),

    conclude: (job) => inTransaction(database, async (tx) => outcomeOf(await conclude(tx, job))),

    async find(sendId) {
      if (!isUuid(sendId)) return undefined;
      const row = await shownSends(database).where('sends.send_id', '=', sendId).executeTakeFirst();
      return row && sendOf(row);
    },

    async list({ clientId, agentId, state, failureCode }, { limit, after }) {
      const rows = await shownSends(database)
        .$if(clientId !== undefined, (query) => query.where('sends.client_id', '=', clientId!))
        .$if(agentId !== undefined, (query) => query.where('sends.agent_id', '=', agentId!))
        .$if(state !== undefined, (query) => query.where('sends.state', '=', state!))
        .$if(failureCode !== undefined, (query) => query.where('sends.failure_code', '=', failureCode!))
        .$if(after !== undefined, (query) => query.where('messages.position', '<', Number(after)))
        .orderBy('messages.position', 'desc')
        .limit(limit + 1)
        .execute();
      return pageOf(rows, limit, ({ position }) => String(position), sendOf);
    },
  };
}

/** Where a send rests after its verdict, unless the receipts already say more. */
function restingState(verdict: Verdict, expectsReceipts: boolean): SendState {
  switch (verdict) {
    case 'REJECTED':
      return 'rejected';
    case 'QUEUED':
      return 'queued';
    case 'ACCEPTED':
      return expectsReceipts ? 'awaitingReceipt' : 'sent';
  }
}

/**
 * Thread row, send and history entry in one statement; a repeat keeps them. E-mail has no thread (R3). A refusal that was
 * written down and never told is no obstacle: what the run has come to counts.
 */
async function recordClaim(
  database: Database,
  { sendId, message, parts, address, thread, inThread }: Parameters<SendLog['recordClaim']>[0],
): Promise<void> {
  const { text = null, title = null, signature = null, subject = null, attachments = [] } = message;
  const shown = partsToShow(parts).map((part) => ({ ...part, status: 'QUEUED' }));
  await sql`
    with ${thread === undefined ? threadOfReply(inThread) : firstClaim(thread)},
    send as (
      update sends
         set state = 'dispatching', message = ${JSON.stringify(message)}::jsonb, address = ${address},
             thread_id = ${thread?.threadId ?? inThread ?? null}
       where send_id = ${sendId} and state in ('claiming', 'refused') and (select count(*) from thread) >= 0
      returning client_id, channel_id, thread_id, send_id, agent_id, created_at)
    insert into messages (client_id, channel_id, thread_id, kind, direction, send_id, agent_id, text, title, signature,
                          subject, attachments, delivery, identity)
    select client_id, channel_id, thread_id, 'MESSAGE', 'OUT', send_id, agent_id, ${text}, ${title}, ${signature},
           ${subject}, ${JSON.stringify(attachments)}::jsonb, jsonb_build_object('status', 'QUEUED', 'at', to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'parts', ${JSON.stringify(shown)}::jsonb),
           'send:' || send_id
      from send
    on conflict do nothing`.execute(database);
}

const firstClaim = (thread: ThreadRecord) => {
  const { openedBy } = thread;
  return firstRow(
    thread,
    { state: 'OPENING', minimised: false },
    openedBy.kind === 'SEND' ? openedBy.agentId : undefined,
  );
};

/** Replies of one thread are written down one by one, so that the order of their entries is the order in which they leave. */
const threadOfReply = (threadId: string | undefined) =>
  threadId === undefined
    ? sql`thread as (select)`
    : sql`thread as (select thread_id from threads where thread_id = ${threadId} for no key update)`;

const outcomeOf = ({ status, failureCode }: FoldedSend) => ({
  status,
  ...(failureCode !== undefined && { failureCode }),
});

const shownSends = (database: Database) =>
  database
    .selectFrom('sends')
    .innerJoin('messages', (join) =>
      join.onRef('messages.send_id', '=', 'sends.send_id').on('messages.kind', '=', 'MESSAGE'),
    )
    .select([
      'sends.send_id',
      'sends.state',
      'sends.verdict',
      'sends.thread_id',
      'sends.client_id',
      'sends.channel_id',
      'sends.agent_id',
      'sends.created_at',
      'messages.delivery',
      'messages.position',
    ]);

type ShownSend = Awaited<ReturnType<ReturnType<typeof shownSends>['executeTakeFirstOrThrow']>>;

function sendOf(row: ShownSend): Send {
  if (row.delivery === null) throw new Error(`the history entry of send ${row.send_id} has no delivery`);
  const { failure } = row.delivery;
  return {
    sendId: row.send_id,
    state: row.state,
    verdict: row.verdict ?? 'QUEUED', // claimed and durable: what QUEUED says
    threadId: row.thread_id,
    delivery: row.delivery,
    clientId: row.client_id,
    channelId: row.channel_id,
    ...(row.agent_id !== null && { agentId: row.agent_id }),
    createdAt: row.created_at.toISOString(),
    ...(failure !== undefined && { failure }),
  };
}
