// Attachments: uploaded once, fetched by those who may see the history, and by providers under signed addresses.
import { Readable } from 'node:stream';
import { Hono, type Context } from 'hono';
import { z } from 'zod';
import { isActive } from '../../domain/attachment.js';
import { Attachment } from '../../domain/contracts/attachment.js';
import type { AttachmentStore } from '../../store/attachment.js';
import { isSignedFile } from '../../store/file-address.js';
import type { KeyRing } from '../../store/sealing.js';
import { optionalKey, type Once } from '../once.js';
import { invalid, notFound } from '../problem.js';
import { type ApiVariables, eyesOf, json, newRoutes, params, problem, problems, route } from '../route.js';
import { type Upload, withUpload } from './upload.js';

/** Not a zod schema: a validator would read the whole body into memory. */
const File = {
  type: 'object' as const,
  properties: { file: { type: 'string' as const, format: 'binary' } },
  required: ['file'],
};

export function attachmentRoutes(attachments: AttachmentStore, once: Once) {
  return newRoutes()
    .openapi(
      route('post /v1/attachments', {
        summary: 'Upload one file, in the field `file`; at most 100 MiB',
        request: { ...optionalKey, body: { content: { 'multipart/form-data': { schema: File } } } },
        responses: {
          201: { description: 'The attachment, its type by its bytes', ...json(Attachment) },
          413: problem('More than 100 MiB'),
          415: problem('Not multipart/form-data'),
          ...problems,
        },
      }),
      async (context) =>
        withUpload(context.req.raw, async (upload) => {
          const { sha256, name } = upload;
          const { answer } = await once(context, 'POST /v1/attachments', { sha256, name }, async () => ({
            status: 201,
            answer: await keep(attachments, upload, context.var.bearer.tokenId),
          }));
          return context.json(answer, 201);
        }),
    )
    .openapi(
      route('get /v1/attachments/{attachmentId}', {
        summary: 'The bytes of an attachment, always as a download',
        request: params('attachmentId'),
        responses: {
          200: { description: 'The file', content: { 'application/octet-stream': { schema: z.string() } } },
          404: problem('Unknown attachment, or one that this token may not see'),
          ...problems,
        },
      }),
      async (context) => {
        const { attachmentId } = context.req.valid('param');
        const agentId = eyesOf(context.var.bearer);
        if (agentId !== undefined && !(await attachments.isSeenBy(attachmentId, agentId))) missing(attachmentId);
        return download(context, attachments, attachmentId);
      },
    );
}

/** For providers: without a token, under an address that we have signed. */
export const fileRoutes = (attachments: AttachmentStore, ring: KeyRing) =>
  new Hono<ApiVariables>().get('/files/:attachmentId', async (context) => {
    const attachmentId = context.req.param('attachmentId');
    const { expires = '', signature = '' } = context.req.query();
    if (!isSignedFile(ring, { attachmentId, expires, signature })) return missing(attachmentId);
    return download(context, attachments, attachmentId);
  });

function missing(attachmentId: string): never {
  throw notFound('attachment', attachmentId);
}

async function keep(attachments: AttachmentStore, upload: Upload, tokenId: string): Promise<Attachment> {
  const kept = await attachments.keep({ ...upload, tokenId });
  if (kept.outcome === 'executable')
    throw invalid([{ path: 'file', message: `must not be an executable (${kept.type})` }]);
  return kept.attachment;
}

/** Nothing in it is ever run or shown by a browser on our origin. */
async function download(
  context: Context<ApiVariables>,
  attachments: AttachmentStore,
  attachmentId: string,
): Promise<Response> {
  const file = await attachments.find(attachmentId);
  if (file === undefined) return missing(attachmentId);
  return context.body(Readable.toWeb(Readable.from(attachments.bytesOf(file.sha256))) as ReadableStream, 200, {
    'content-type': isActive(file.type) ? 'application/octet-stream' : file.type,
    'content-length': String(file.size),
    'content-disposition': `attachment; filename="file"; filename*=UTF-8''${encoded(file.name)}`,
    'content-security-policy': "default-src 'none'; sandbox",
    'cache-control': 'private, no-store',
  });
}

/** RFC 8187. */
const encoded = (name: string): string =>
  encodeURIComponent(name).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
