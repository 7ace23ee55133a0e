import type { Selectable } from 'kysely';
import type { MessageLog } from '../activities/ports.js';
import type { HistoryEntry } from '../domain/contracts/history.js';
import { clientWhoWrote } from './client.js';
import { type Database, inTransaction, type Tables } from './database.js';
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

    receive: ({ channelId, identity, receivedAt }, fact) =>
      inTransaction(database, async (tx) => {
        const { clientId, isBlocked } = await clientWhoWrote(tx, channelId, receivedAt, fact);
        const message = { client_id: clientId, channel_id: channelId, identity: `in:${identity}` };
        await tx
          .insertInto('messages')
          .values({ ...message, thread_id: null, kind: 'MESSAGE', direction: 'IN', text: fact.text ?? null })
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
      }),
  };
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
