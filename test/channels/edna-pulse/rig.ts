import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

interface Call {
  path: string | undefined;
  headers: IncomingHttpHeaders;
  body: unknown;
}
export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

export const says =
  (status: number, body = '', headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(status, headers).end(body);
export const saysJson = (status: number, body: object): Answer => says(status, JSON.stringify(body));

/** Pulse as one answer: keeps what it was asked. */
export async function startPulse(answer: Answer) {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      calls.push({ path: request.url, headers: request.headers, body });
      answer(response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(stop);
  return { calls, stop, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
