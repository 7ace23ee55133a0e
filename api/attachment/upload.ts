// Takes one file out of a multipart body, on disk and not in memory, counted and hashed while it comes in.
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import { bodyTooLarge, UPLOAD_LIMIT } from '../limits.js';
import { invalid, ProblemError } from '../problem.js';

export interface Upload {
  /** As it was given. */
  name: string;
  path: string;
  size: number;
  /** Hexadecimal. */
  sha256: string;
}

const FIELD = 'file';

/** Gives the file to `use` and removes it afterwards. @throws ProblemError when the body holds no one file */
export async function withUpload<T>(request: Request, use: (upload: Upload) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'outgoing-messages-upload-'));
  try {
    return await use(await receive(request, join(folder, 'file')));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function receive(request: Request, path: string): Promise<Upload> {
  const contentType = request.headers.get('content-type') ?? '';
  if (!/^multipart\/form-data\b/i.test(contentType))
    throw new ProblemError('UNSUPPORTED_MEDIA_TYPE', 'the body must be multipart/form-data');
  if (request.body === null) throw noFile();

  const parser = parserFor(contentType);
  const files: Promise<Upload>[] = [];
  const streams: BusboyFileStream[] = [];
  parser.on('file', (field: string, stream: BusboyFileStream, name: string | undefined) => {
    streams.push(stream);
    const file = field === FIELD && files.length === 0 ? keep(stream, name ?? '', path) : refuse(stream);
    file.catch((error: Error) => parser.destroy(error)); // the rest is not read
    files.push(file);
  });
  parser.on('field', (name: string) => {
    parser.destroy(invalid([{ path: name, message: 'unknown field' }]));
  });
  try {
    await pipeline(Readable.fromWeb(request.body as never), parser);
  } catch (error) {
    for (const stream of streams) stream.destroy(error as Error); // the parser does not end them when it breaks off
    await Promise.allSettled(files);
    if (error instanceof ProblemError) throw error;
    throw invalid([{ path: '', message: 'the body is not multipart/form-data, or broke off' }]);
  }
  const [upload] = await Promise.all(files);
  if (upload === undefined) throw noFile();
  if (upload.size === 0) throw invalid([{ path: FIELD, message: 'must not be empty' }]);
  return upload;
}

function parserFor(contentType: string): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      preservePath: true,
      limits: { files: 2, fields: 10, fieldSize: 1024, headerPairs: 100 },
    });
  } catch {
    throw invalid([{ path: '', message: 'the body is not multipart/form-data with a boundary' }]);
  }
}

async function keep(stream: BusboyFileStream, name: string, path: string): Promise<Upload> {
  const hash = createHash('sha256');
  let size = 0;
  const count = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size > UPLOAD_LIMIT) bodyTooLarge();
      hash.update(chunk);
      yield chunk;
    }
  };
  await pipeline(stream, count, createWriteStream(path));
  // Forms write a quotation mark as %22.
  return { name: name.replaceAll('%22', '"'), path, size, sha256: hash.digest('hex') };
}

function refuse(stream: BusboyFileStream): Promise<never> {
  stream.resume();
  return Promise.reject(invalid([{ path: FIELD, message: 'exactly one file is taken, in the field "file"' }]));
}

const noFile = () => invalid([{ path: FIELD, message: 'is required' }]);
