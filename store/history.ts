import { type Selectable, sql } from 'kysely';
import type { MessageLog } from '../activities/ports.js';
import type { HistoryEntry, HistoryEvent } from '../domain/contracts/history.js';
import type { MessageFact } from '../domain/provider-fact.js';
import { attachmentsOf } from './attachment.js';
import { clientAt, clientWhoWrote } from './client-identity.js';
import { type Database, type Executor, inTransaction, isUniqueViolation, type Tables } from './database.js';
import { deriveId } from './identity.js';
import { type Page, type PageRequest, pageOf } from './page.js';

export interface HistoryStore extends MessageLog {
  /** Newest first. */
  list(clientId: string, request: PageRequest): Promise<Page<HistoryEntry>>;
}

export function createHistoryStore(database: Database): HistoryStore {
  return {
    async list(clientId, { limit, after }) {
      const rows = await database
        .selectFrom('messages')
        .selectAll()
        .where('client_id', '=', clientId)
        .$if(after !== undefined, (query) => query.where('position', '<', Number(after)))
        .orderBy('position', 'desc')
        .limit(limit + 1)
        .execute();
      return pageOf(rows, limit, ({ position }) => String(position), entryOf);
    },

    receive: (row, fact) => inTransaction(database, (tx) => receive(tx, row, fact), isUniqueViolation),

    clientAt: (channelId, address) => clientAt(database, channelId, address),

    async receiveClosing({ channelId, identity: given }, thread) {
      const identity = `in:${given}`;
      if (thread !== undefined) await noteClosing(database, { ...thread, channelId, identity });
      const note = await database
        .selectFrom('messages')
        .select(['client_id', 'thread_id'])
        .where('channel_id', '=', channelId)
        .where('identity', '=', identity)
        .executeTakeFirst();
      if (note === undefined || note.thread_id === null) return undefined;
      return { clientId: note.client_id, threadId: note.thread_id };
    },
  };
}

type ReceivedRow = Parameters<MessageLog['receive']>[0];

async function receive(tx: Executor, { channelId, identity, receivedAt }: ReceivedRow, fact: MessageFact) {
  const { clientId, isBlocked } = await clientWhoWrote(tx, channelId, receivedAt, fact);
  const message = { client_id: clientId, channel_id: channelId, identity: `in:${identity}` };
  const attachments = JSON.stringify(await attachmentsOf(tx, fact.attachmentIds ?? []));
  await tx
    .insertInto('messages')
    .values({ ...message, thread_id: null, kind: 'MESSAGE', direction: 'IN', text: fact.text ?? null, attachments })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { entry_id: entryId, thread_id: attachedTo } = await tx
    .selectFrom('messages')
    .select(['entry_id', 'thread_id'])
    .where('channel_id', '=', channelId)
    .where('identity', '=', message.identity)
    .executeTakeFirstOrThrow();
  const opensThread = !isBlocked && attachedTo === null;
  return { clientId, entryId, threadId: deriveId(entryId, 'thread'), opensThread };
}

const CLOSED_BY_CLIENT = { code: 'CLIENT_CLOSED' } as const satisfies HistoryEvent;

/** Once, and only while the thread has not closed. */
async function noteClosing(
  executor: Executor,
  note: { clientId: string; threadId: string; channelId: string; identity: string },
): Promise<void> {
  const { clientId, threadId, channelId, identity } = note;
  await sql`
    insert into messages (client_id, channel_id, thread_id, kind, event, identity)
    select ${clientId}, ${channelId}, ${threadId}, 'SYSTEM', ${JSON.stringify(CLOSED_BY_CLIENT)}::jsonb, ${identity}
     where not exists (select 1 from threads where thread_id = ${threadId} and state = 'CLOSED')
    on conflict do nothing`.execute(executor);
}

function entryOf(row: Selectable<Tables['messages']>): HistoryEntry {
  return {
    entryId: row.entry_id,
    kind: row.kind,
    ...(row.direction !== null && { direction: row.direction }),
    at: row.at.toISOString(),
    ...(row.thread_id !== null && { threadId: row.thread_id }),
    channelId: row.channel_id,
    ...(row.send_id !== null && { sendId: row.send_id }),
    ...(row.agent_id !== null && { agentId: row.agent_id }),
    ...(row.text !== null && { text: row.text }),
    ...(row.title !== null && { title: row.title }),
    ...(row.signature !== null && { signature: row.signature }),
    ...(row.subject !== null && { subject: row.subject }),
    attachments: row.attachments,
    ...(row.delivery !== null && { delivery: row.delivery }),
    ...(row.event !== null && { event: row.event }),
  };
}
