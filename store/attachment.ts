// Files, stored once by their hash in chunks, so that neither an upload nor a download holds one whole in memory.
import { sql } from 'kysely';
import { createReadStream } from 'node:fs';
import type { Files } from '../activities/ports.js';
import { attachmentName, isExecutable } from '../domain/attachment.js';
import type { Attachment } from '../domain/contracts/attachment.js';
import { type Database, type Executor, inTransaction } from './database.js';
import { typeOf } from './file-type.js';
import { isUuid } from './identity.js';

/** A file that has come in and lies on disk. */
interface NewFile extends Pick<Attachment, 'size' | 'sha256'> {
  /** As it was given. */
  name: string;
  path: string;
  /** Whose upload it is. */
  tokenId?: string;
  /** Under which it is kept once; without it every file is another attachment. */
  attachmentId?: string;
}

type KeptFile = { outcome: 'kept'; attachment: Attachment } | { outcome: 'executable'; type: string };

export interface AttachmentStore extends Pick<Files, 'read'> {
  /** By its cleaned name and the type of its bytes; what a double click would run is not kept. */
  keep(file: NewFile): Promise<KeptFile>;
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

const known = (executor: Executor) =>
  executor
    .selectFrom('attachments')
    .innerJoin('blobs', 'blobs.sha256', 'attachments.sha256')
    .select(['attachment_id as attachmentId', 'name', 'type', 'blobs.size', 'blobs.sha256']);

/** In the order of the ids; one that nobody has is left out. */
export async function attachmentsOf(executor: Executor, ids: readonly string[]): Promise<Attachment[]> {
  if (ids.length === 0) return [];
  const found = await known(executor).where('attachment_id', 'in', ids).execute();
  return ids.flatMap((id) => found.filter(({ attachmentId }) => attachmentId === id.toLowerCase()));
}

export function createAttachmentStore(database: Database): AttachmentStore {
  const find = async (attachmentId: string) => {
    if (!isUuid(attachmentId)) return undefined;
    return known(database).where('attachment_id', '=', attachmentId).executeTakeFirst();
  };
  return {
    find,

    async keep({ name: given, path, size, sha256, tokenId, attachmentId }) {
      const name = attachmentName(given);
      const type = await typeOf(path);
      if (isExecutable(name, type)) return { outcome: 'executable', type };
      const kept = await inTransaction(database, async (tx) => {
        await storeBytes(tx, { path, size, sha256 });
        const { attachment_id } = await tx
          .insertInto('attachments')
          .values({
            sha256,
            name,
            type,
            token_id: tokenId ?? null,
            ...(attachmentId && { attachment_id: attachmentId }),
          })
          .onConflict((conflict) => conflict.column('attachment_id').doUpdateSet({ name }))
          .returning('attachment_id')
          .executeTakeFirstOrThrow();
        return attachment_id;
      });
      return { outcome: 'kept', attachment: { attachmentId: kept, name, type, size, sha256 } };
    },

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

const CHUNK = 1024 * 1024; // bytes

/** Read only when nobody has stored these bytes before. */
async function storeBytes(tx: Executor, { path, size, sha256 }: Pick<NewFile, 'path' | 'size' | 'sha256'>) {
  const isNew = await tx
    .insertInto('blobs')
    .values({ sha256, size })
    .onConflict((conflict) => conflict.doNothing())
    .returning('sha256')
    .executeTakeFirst();
  if (isNew === undefined) return;
  let [index, stored] = [0, 0];
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK }) as AsyncIterable<Buffer>) {
    await tx.insertInto('blob_chunks').values({ sha256, index, bytes: chunk }).execute();
    index += 1;
    stored += chunk.length;
  }
  if (stored !== size) throw new Error(`${stored} bytes were read of a file of ${size}`);
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
