// Files, stored once by their hash in chunks, so that neither an upload nor a download holds one whole in memory.
import { sql } from 'kysely';
import type { Files } from '../activities/ports.js';
import type { Attachment } from '../domain/contracts/attachment.js';
import { type Database, inTransaction } from './database.js';

interface NewAttachment extends Omit<Attachment, 'attachmentId'> {
  /** Whose upload it is. */
  tokenId: string;
  /** Read at most once, and only when nobody has stored these bytes before. */
  bytes: AsyncIterable<Buffer>;
}

export interface AttachmentStore extends Pick<Files, 'read'> {
  put(file: NewAttachment): Promise<Attachment>;
  find(attachmentId: string): Promise<Attachment | undefined>;
  /** Whether it was uploaded under this token or stands in a history. */
  isSeenBy(attachmentId: string, tokenId: string): Promise<boolean>;
  bytesOf(sha256: string): AsyncIterable<Buffer>;
}

export function createAttachmentStore(database: Database): AttachmentStore {
  const find = (attachmentId: string) =>
    database
      .selectFrom('attachments')
      .innerJoin('blobs', 'blobs.sha256', 'attachments.sha256')
      .select(['attachment_id as attachmentId', 'name', 'type', 'blobs.size', 'blobs.sha256'])
      .where('attachment_id', '=', attachmentId)
      .executeTakeFirst();
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
          let index = 0;
          for await (const chunk of bytes) {
            await tx.insertInto('blob_chunks').values({ sha256, index, bytes: chunk }).execute();
            index += 1;
          }
        }
        const { attachment_id: attachmentId } = await tx
          .insertInto('attachments')
          .values({ sha256, name, type, token_id: tokenId })
          .returning('attachment_id')
          .executeTakeFirstOrThrow();
        return { attachmentId, ...file };
      }),

    async isSeenBy(attachmentId, tokenId) {
      const { rows } = await sql`
        select 1 from attachments
         where attachment_id = ${attachmentId}
           and (token_id = ${tokenId}
                or exists (select 1 from messages
                            where messages.attachments @> ${JSON.stringify([{ attachmentId }])}::jsonb))`.execute(
        database,
      );
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
