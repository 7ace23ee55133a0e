// Over a bare socket: `fetch` would tidy up addresses and headers before anybody sees them.
import { Agent, request as ask } from 'node:http';
import type { Caller, Request } from './request.js';

export interface Answer {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  text: string;
}

export interface Line {
  exchange(request: Request): Promise<Answer>;
  close(): void;
}

const PATIENCE = 15_000; // ms
const LATE = 1_000; // ms
const EVENT_STREAM = 'text/event-stream';

export function openLine(api: string, tokens: Readonly<Partial<Record<Caller, string>>>): Line {
  const { hostname, port } = new URL(api);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const answered: { at: number; bytes: number; what: string }[] = [];
  /** What breaks a connection is noticed by a later request. */
  const largestOfLate = () =>
    answered.filter(({ at }) => at > Date.now() - LATE).toSorted((one, other) => other.bytes - one.bytes)[0]?.what;
  return {
    exchange: ({ caller, method, path, headers, body }) =>
      new Promise((resolve, reject) => {
        const fail = (error: Error) =>
          reject(new Error(`${error.message}; the largest just before: ${largestOfLate()}`));
        const token = tokens[caller];
        const asked = ask({
          hostname,
          port,
          agent,
          method: method.toUpperCase(),
          path,
          timeout: PATIENCE,
          headers: {
            ...(token !== undefined && { authorization: `Bearer ${token}` }),
            ...(body?.contentType !== undefined && { 'content-type': body.contentType }),
            ...(body !== undefined && { 'content-length': body.bytes.length }),
            ...headers,
          },
        });
        asked.on('timeout', () => asked.destroy(new Error(`no answer within ${PATIENCE} ms`)));
        asked.on('error', fail);
        asked.on('response', (response) => {
          const bytes = body?.bytes.length ?? 0;
          const what = `${method} ${path} by ${caller} with ${bytes} bytes, answered ${response.statusCode}`;
          answered.push({ at: Date.now(), bytes, what });
          const { statusCode: status = 0, headers: answeredHeaders } = response;
          const isStream = answeredHeaders['content-type'] === EVENT_STREAM;
          const chunks: Buffer[] = [];
          const text = () => Buffer.concat(chunks).toString();
          response.on('data', (chunk: Buffer) => {
            chunks.push(chunk);
            if (isStream && text().includes('\n\n')) response.destroy(); // it would never end
          });
          response.on('error', fail);
          response.on('close', () => resolve({ status, headers: answeredHeaders, text: text() }));
        });
        asked.end(body?.bytes);
      }),
    close: () => agent.destroy(),
  };
}
