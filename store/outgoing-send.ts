import { type Selectable, sql } from 'kysely';
import { jsonArrayFrom, jsonObjectFrom } from 'kysely/helpers/postgres';
import type { SendLog, SendReading } from '../activities/ports.js';
import type { Delivery } from '../domain/contracts/delivery.js';
import type { FailureCode } from '../domain/contracts/failure.js';
import type { Send, SendBody, SendState, Verdict } from '../domain/contracts/outgoing-send.js';
import { Settings } from '../domain/contracts/settings.js';
import type { OutgoingMessage } from '../domain/eligibility.js';
import { type Database, type Executor, inTransaction, type Tables } from './database.js';
import { deriveId } from './identity.js';
import { type Page, type PageRequest, pageOf } from './page.js';
import { fold, type FoldedSend, recordOwnFact } from './receipt.js';
import { insertThread } from './thread.js';

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

/** Keeps what was asked for under its id, before anything is started; a repeat keeps the first. */
export async function recordSend(tx: Executor, sendId: string, body: SendBody): Promise<void> {
  await tx
    .insertInto('sends')
    .values({
      send_id: sendId,
      agent_id: body.agentId,
      client_id: body.clientId,
      channel_id: body.channelId,
      content: JSON.stringify(body.content),
      action: body.action?.kind ?? null,
      state: 'claiming',
      verdict: null,
      opens_thread_id: deriveId(sendId, 'thread'),
      thread_id: null,
      address: null,
      failure_code: null,
    })
    .onConflict((conflict) => conflict.column('send_id').doNothing())
    .execute();
}

export function createSendStore(database: Database): SendStore {
  return {
    read: (sendId) => readSend(database, sendId),

    async recordRefusal(sendId) {
      await database.updateTable('sends').set({ state: 'refused' }).where('send_id', '=', sendId).execute();
    },

    recordClaim: ({ sendId, message, address, thread }) =>
      inTransaction(database, async (tx) => {
        if (thread !== undefined) {
          const agentId = thread.openedBy.kind === 'SEND' ? thread.openedBy.agentId : undefined;
          await insertThread(tx, thread, {
            state: 'OPENING',
            minimised: false,
            ...(agentId !== undefined && { agentId }),
          });
        }
        const send = await tx
          .updateTable('sends')
          .set({ state: 'dispatching', message: JSON.stringify(message), address, thread_id: thread?.threadId ?? null })
          .where('send_id', '=', sendId)
          .where('state', '=', 'claiming')
          .returningAll()
          .executeTakeFirst();
        if (send !== undefined) await recordMessage(tx, send, message);
      }),

    recordVerdict: (sendId, verdict, expectsReceipts) =>
      inTransaction(database, async (tx) => {
        return outcomeOf(await fold(tx, sendId, { verdict, state: restingState(verdict, expectsReceipts) }));
      }),

    conclude: (sendId, waitedFor) => inTransaction(database, (tx) => conclude(tx, sendId, waitedFor)),

    async find(sendId) {
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

async function recordMessage(tx: Executor, send: Selectable<Tables['sends']>, message: OutgoingMessage): Promise<void> {
  const delivery: Delivery = {
    status: 'QUEUED',
    at: send.created_at.toISOString(),
    parts: [{ index: 0, kind: 'TEXT', status: 'QUEUED' }],
  };
  await tx
    .insertInto('messages')
    .values({
      client_id: send.client_id,
      channel_id: send.channel_id,
      thread_id: send.thread_id,
      kind: 'MESSAGE',
      direction: 'OUT',
      send_id: send.send_id,
      agent_id: send.agent_id,
      text: message.text,
      title: message.title ?? null,
      signature: message.signature ?? null,
      subject: message.subject ?? null,
      delivery: JSON.stringify(delivery),
      identity: `send:${send.send_id}`,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** One reading, all of it from one statement and so from one instant (INV14). */
async function readSend(database: Database, sendId: string): Promise<SendReading> {
  const row = await database
    .selectFrom('sends')
    .innerJoin('agents', 'agents.agent_id', 'sends.agent_id')
    .innerJoin('clients', 'clients.client_id', 'sends.client_id')
    .innerJoin('channels', 'channels.channel_id', 'sends.channel_id')
    .select((has) => [
      'sends.agent_id',
      'sends.client_id',
      'sends.channel_id',
      'sends.content',
      'sends.action',
      'sends.opens_thread_id',
      'agents.body as agent',
      'channels.body as channel',
      'clients.blocked',
      'clients.phone',
      'clients.email',
      sql<Date>`now()`.as('now'),
      jsonObjectFrom(
        has
          .selectFrom('identities')
          .select([
            'identities.address',
            'identities.blocked',
            sql<number | null>`extract(epoch from last_inbound_at) * 1000`.as('lastInboundAt'),
          ])
          .whereRef('identities.client_id', '=', 'sends.client_id')
          .whereRef('identities.channel_id', '=', 'sends.channel_id')
          .orderBy('last_inbound_at', (order) => order.desc().nullsLast())
          .limit(1),
      ).as('identity'),
      jsonArrayFrom(
        has
          .selectFrom('message_templates')
          .select(['message_templates.channel_id', 'template_id', 'message_templates.body'])
          .whereRef('message_templates.channel_id', '=', 'sends.channel_id'),
      ).as('templates'),
      jsonObjectFrom(has.selectFrom('settings').select('settings.body')).as('settings'),
    ])
    .where('sends.send_id', '=', sendId)
    .executeTakeFirstOrThrow();
  const { identity } = row;
  return {
    agentId: row.agent_id,
    clientId: row.client_id,
    channelId: row.channel_id,
    threadId: row.opens_thread_id,
    content: row.content,
    ...(row.action !== null && { action: { kind: row.action } }),
    settings: Settings.parse(row.settings?.body ?? {}),
    situation: {
      now: row.now.getTime(),
      agent: row.agent,
      client: {
        blocked: row.blocked,
        ...(row.phone !== null && { phone: row.phone }),
        ...(row.email !== null && { email: row.email }),
      },
      channel: row.channel,
      ...(identity !== null && {
        identity: {
          address: identity.address,
          blocked: identity.blocked,
          ...(identity.lastInboundAt !== null && { lastInboundAt: identity.lastInboundAt }),
        },
      }),
      templates: row.templates.map(({ channel_id, template_id, body }) => ({
        channelId: channel_id,
        templateId: template_id,
        ...body,
      })),
    },
  };
}

/** The last look: attempts that are all proved unsent make a failure, what stays unknown becomes unconfirmed (A32). */
async function conclude(tx: Parameters<typeof fold>[0], sendId: string, waitedFor: 'DISPATCH' | 'RECEIPT') {
  const before = await fold(tx, sendId);
  const { channel_id: channelId } = await tx
    .selectFrom('sends')
    .select('channel_id')
    .where('send_id', '=', sendId)
    .executeTakeFirstOrThrow();
  const own = { sendId, channelId, part: 0 };
  const isKnown = before.facts.some(({ kind }) => kind !== 'UNKNOWN' && kind !== 'UNCONFIRMED');
  if (waitedFor === 'RECEIPT') {
    await recordOwnFact(tx, { ...own, kind: 'UNCONFIRMED' });
    return outcomeOf(await fold(tx, sendId, { state: 'unconfirmed' }));
  }
  if (isKnown) return outcomeOf(before);

  const last = await tx
    .selectFrom('dispatches')
    .select(['outcome', 'failure'])
    .where('send_id', '=', sendId)
    .orderBy('attempt', 'desc')
    .executeTakeFirst();
  if (last === undefined || last.outcome === 'retry') {
    await recordOwnFact(tx, { ...own, kind: 'FAILED', failure: last?.failure ?? { code: 'PROVIDER_ERROR' } });
    return outcomeOf(await fold(tx, sendId));
  }
  await recordOwnFact(tx, { ...own, kind: 'UNCONFIRMED', failure: { code: 'OUTCOME_UNCONFIRMED' } });
  return outcomeOf(await fold(tx, sendId, { state: 'unconfirmed' }));
}

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
    agentId: row.agent_id,
    createdAt: row.created_at.toISOString(),
    ...(failure !== undefined && { failure }),
  };
}
