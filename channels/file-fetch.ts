// Fetches a file that a client has sent, from the address that its provider names. Whoever writes a webhook chooses the
// address, so it is the one place that asks where a stranger may have pointed (SEC14).
import { createHash } from 'node:crypto';
import { lookup as resolveName, type LookupAddress } from 'node:dns';
import { createWriteStream } from 'node:fs';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps, type RequestOptions } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { isPublicAddress } from './public-address.js';

type FileAnswer =
  | { outcome: 'fetched'; size: number; sha256: string }
  /** Asking again would not help. */
  | { outcome: 'refused'; reason: string }
  | { outcome: 'away'; reason: string };

interface FileRequest {
  url: string;
  /** Where the bytes go. */
  path: string;
  /** Of a provider that an operator has named: it may be private, and plain http. */
  trustedOrigin?: string | undefined;
}

export interface FileFetchOptions {
  /** From the first step to the last byte, in ms. Default 30,000. */
  deadline?: number;
  /** In bytes. Default 25 MiB. */
  limit?: number;
  /** All addresses of a name; the system's own resolver by default. */
  resolve?: (name: string, done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void) => void;
}

export type FetchFile = (request: FileRequest) => Promise<FileAnswer>;

/** Nothing is followed, nothing is sent along, and no connection is kept. */
export function createFileFetch(options: FileFetchOptions = {}): FetchFile {
  const { deadline = 30_000, limit = 25 * 1024 * 1024 } = options;
  const { resolve = (name, done) => resolveName(name, { all: true }, done) } = options;
  return async ({ url: given, path, trustedOrigin }) => {
    const url = URL.canParse(given) ? new URL(given) : undefined;
    const isTrusted = url !== undefined && url.origin === trustedOrigin;
    if (url === undefined || url.username !== '' || url.password !== '') return refused('no plain address');
    if (!isTrusted && !isPublic(url)) return refused('not a public address under https');
    try {
      const signal = AbortSignal.timeout(deadline);
      const response = await answerOf(url, { signal, ...(!isTrusted && { lookup: publicLookup(resolve) }) });
      try {
        return judged(response, limit) ?? (await written(response, { path, limit, signal }));
      } finally {
        response.destroy();
      }
    } catch (error) {
      if (error instanceof NotTakenError) return refused(error.message);
      if (isOfDisk(error)) throw error;
      return { outcome: 'away', reason: error instanceof Error ? error.message : 'no answer' };
    }
  };
}

const refused = (reason: string): FileAnswer => ({ outcome: 'refused', reason });

class NotTakenError extends Error {}

/** As far as can be seen without asking for the addresses of a name. */
function isPublic({ protocol, hostname }: URL): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return protocol === 'https:' && (isIP(host) === 0 || isPublicAddress(host));
}

/** The connection goes to what was checked: the name is not asked for a second time. */
const publicLookup =
  (resolve: NonNullable<FileFetchOptions['resolve']>): LookupFunction =>
  (name, { all }, done) => {
    resolve(name, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null || first === undefined) return done(error ?? new Error('the name has no address'), []);
      if (!addresses.every(({ address }) => isPublicAddress(address)))
        return done(new NotTakenError('the name leads to an address that is not public'), []);
      return all === true ? done(null, addresses) : done(null, first.address, first.family);
    });
  };

function answerOf(url: URL, options: RequestOptions): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    request(url, { ...options, agent: false, headers: { accept: '*/*', 'accept-encoding': 'identity' } })
      .on('error', reject)
      .on('response', resolve)
      .end();
  });
}

const COMES_BACK: readonly number[] = [408, 425, 429];

/** By what stands before the bytes; undefined when they are wanted. */
function judged({ statusCode = 0, headers }: IncomingMessage, limit: number): FileAnswer | undefined {
  if (statusCode >= 500 || COMES_BACK.includes(statusCode))
    return { outcome: 'away', reason: `answered ${statusCode}` };
  if (statusCode !== 200) return refused(`answered ${statusCode}`);
  return Number(headers['content-length'] ?? 0) > limit ? refused('too large') : undefined;
}

interface Writing {
  path: string;
  limit: number;
  signal: AbortSignal;
}

async function written(response: IncomingMessage, { path, limit, signal }: Writing): Promise<FileAnswer> {
  const hash = createHash('sha256');
  let size = 0;
  const count = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size > limit) throw new NotTakenError('too large');
      hash.update(chunk);
      yield chunk;
    }
  };
  await pipeline(response, count, createWriteStream(path), { signal });
  return size === 0 ? refused('empty') : { outcome: 'fetched', size, sha256: hash.digest('hex') };
}

/** Ours, and nothing that the provider can help. */
const isOfDisk = (error: unknown): boolean =>
  error instanceof Error && 'syscall' in error && (error.syscall === 'open' || error.syscall === 'write');
