// Files, stored once by their hash in chunks, so that neither an upload nor a download holds one whole in memory.
import { sql } from 'kysely';
import type { Files } from '../activities/ports.js';
import type { Attachment } from '../domain/contracts/attachment.js';
import { type Database, inTransaction } from './database.js';
import { isUuid } from './identity.js';

interface NewAttachment extends Omit<Attachment, 'attachmentId'> {
  /** Whose upload it is. */
  tokenId: string;
  /** Read at most once, and only when nobody has stored these bytes before. */
  bytes: AsyncIterable<Buffer>;
}

export interface AttachmentStore extends Pick<Files, 'read'> {
  put(file: NewAttachment): Promise<Attachment>;
  find(attachmentId: string): Promise<Attachment | undefined>;
  /** Whether this agent has uploaded it or it stands in a history (INV23). */
  isSeenBy(attachmentId: string, agentId: string): Promise<boolean>;
  bytesOf(sha256: string): AsyncIterable<Buffer>;
}

/** `true` for a row of `attachments` that this agent has uploaded, or that stands in a history. */
export const seenBy = (agentId: string) => sql<boolean>`
  (exists (select 1 from tokens where tokens.token_id = attachments.token_id and tokens.agent_id = ${agentId})
   or exists (select 1 from messages
               where messages.attachments @> jsonb_build_array(jsonb_build_object('attachmentId', attachment_id))))`;

export function createAttachmentStore(database: Database): AttachmentStore {
  const find = async (attachmentId: string) => {
    if (!isUuid(attachmentId)) return undefined;
    return database
      .selectFrom('attachments')
      .innerJoin('blobs', 'blobs.sha256', 'attachments.sha256')
      .select(['attachment_id as attachmentId', 'name', 'type', 'blobs.size', 'blobs.sha256'])
      .where('attachment_id', '=', attachmentId)
      .executeTakeFirst();
  };
  return {
    find,

    put: ({ bytes, tokenId, ...file }) =>
      inTransaction(database, async (tx) => {
        const { name, type, size, sha256 } = file;
        const isNew = await tx
          .insertInto('blobs')
          .values({ sha256, size })
          .onConflict((conflict) => conflict.doNothing())
          .returning('sha256')
          .executeTakeFirst();
        if (isNew !== undefined) {
          let [index, stored] = [0, 0];
          for await (const chunk of bytes) {
            await tx.insertInto('blob_chunks').values({ sha256, index, bytes: chunk }).execute();
            index += 1;
            stored += chunk.length;
          }
          if (stored !== size) throw new Error(`${stored} bytes were read of a file of ${size}`);
        }
        const { attachment_id: attachmentId } = await tx
          .insertInto('attachments')
          .values({ sha256, name, type, token_id: tokenId })
          .returning('attachment_id')
          .executeTakeFirstOrThrow();
        return { attachmentId, ...file };
      }),

    async isSeenBy(attachmentId, agentId) {
      if (!isUuid(attachmentId)) return false;
      const { rows } = await sql`
        select 1 from attachments where attachment_id = ${attachmentId} and ${seenBy(agentId)}`.execute(database);
      return rows.length > 0;
    },

    bytesOf: (sha256) => chunksOf(database, sha256),

    async read(attachmentId) {
      const file = await find(attachmentId);
      if (file === undefined) throw new Error(`attachment ${attachmentId} does not exist`);
      const chunks: Buffer[] = [];
      for await (const chunk of chunksOf(database, file.sha256)) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
  };
}

async function* chunksOf(database: Database, sha256: string): AsyncIterable<Buffer> {
  for (let index = 0; ; index += 1) {
    const row = await database
      .selectFrom('blob_chunks')
      .select('bytes')
      .where('sha256', '=', sha256)
      .where('index', '=', index)
      .executeTakeFirst();
    if (row === undefined) return;
    yield row.bytes;
  }
}
