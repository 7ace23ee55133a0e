// The one fetcher of files whose address somebody else chose, against servers that misbehave.
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createFileFetch, type FileFetchOptions } from '../../channels/file-fetch.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-fetch-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A server on loopback that counts who knocks, also those who only connect. */
async function startServer(answer: RequestListener = (_, response) => response.end('a file')) {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    answer(request, response);
  });
  let connections = 0;
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, port, seen, connections: () => connections };
}

const fetchFrom = (url: string, trustedOrigin?: string, options: FileFetchOptions = {}) =>
  createFileFetch(options)({ url, path: join(folder, 'file'), trustedOrigin });

describe('an address that no operator has set', () => {
  const hostile = [
    'http://HOST', // not https
    'https://HOST',
    'https://localhost:PORT/',
    'https://127.1:PORT/',
    'https://2130706433:PORT/',
    'https://0x7f000001:PORT/',
    'https://0177.0.0.1:PORT/',
    'https://0:PORT/',
    'https://[::1]:PORT/',
    'https://[::ffff:127.0.0.1]:PORT/',
    'https://[::ffff:7f00:1]:PORT/',
    'https://①②⑦.0.0.1:PORT/',
    'https://127.0.0.1:PORT\\@files.example/',
    'https://files.example@127.0.0.1:PORT/',
    'https://user:secret@localhost:PORT/',
    'https://169.254.169.254/latest/meta-data/',
    'ftp://HOST/a',
    'file:///etc/passwd',
    'data:text/plain,hello',
    'gopher://HOST/',
    '//HOST/a',
    'HOST',
    '',
  ];
  it.each(hostile)('%s is refused, and nobody is asked (SEC14)', async (spelling) => {
    const canary = await startServer();
    const url = spelling.replace('HOST', `127.0.0.1:${canary.port}`).replace('PORT', String(canary.port));

    expect(await fetchFrom(url)).toMatchObject({ outcome: 'refused' });
    expect(canary.connections()).toBe(0);
  });

  const names = [
    { what: 'loopback', addresses: ['127.0.0.1'] },
    { what: 'something public and something private', addresses: ['8.8.8.8', '127.0.0.1'] },
    { what: 'a mapped address', addresses: ['::ffff:127.0.0.1'] },
  ];
  it.each(names)(
    'a name that leads to $what is asked for once, and nobody behind it (SEC14)',
    async ({ addresses }) => {
      const canary = await startServer();
      const asked: string[] = [];
      const resolve: FileFetchOptions['resolve'] = (name, done) => {
        asked.push(name);
        done(
          null,
          addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
        );
      };

      const answer = await fetchFrom(`https://files.example:${canary.port}/a`, undefined, { resolve });

      expect(answer).toMatchObject({ outcome: 'refused' });
      expect({ asked, connections: canary.connections() }).toEqual({ asked: ['files.example'], connections: 0 });
    },
  );

  it('a name that nobody knows may be known later', async () => {
    const resolve: FileFetchOptions['resolve'] = (_, done) =>
      done(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), []);

    expect(await fetchFrom('https://files.example/a', undefined, { resolve })).toMatchObject({ outcome: 'away' });
  });
});

describe("a provider's own address", () => {
  it('may be private and plain, to the port; its neighbours may not (SEC14)', async () => {
    const { origin, connections } = await startServer();
    const neighbour = await startServer();

    expect(await fetchFrom(`${origin}/a.txt`, origin)).toEqual({
      outcome: 'fetched',
      size: 6,
      sha256: createHash('sha256').update('a file').digest('hex'),
    });
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('a file');
    expect(await fetchFrom(`${neighbour.origin}/a.txt`, origin)).toMatchObject({ outcome: 'refused' });
    expect([connections(), neighbour.connections()]).toEqual([1, 0]);
  });

  it('is told nothing of us, and sets no cookie (SEC14)', async () => {
    const { origin, seen } = await startServer((_, response) => {
      response.setHeader('set-cookie', 'seen=1').end('a file');
    });

    await fetchFrom(`${origin}/a`, origin);
    await fetchFrom(`${origin}/a`, origin);

    const told = new Set(seen.flatMap(({ headers }) => Object.keys(headers)));
    expect(seen).toHaveLength(2);
    expect(told).toEqual(new Set(['accept', 'accept-encoding', 'connection', 'host']));
  });

  it('that leads elsewhere is not followed (SEC14)', async () => {
    const canary = await startServer();
    const { origin } = await startServer((_, response) => {
      response.writeHead(302, { location: `${canary.origin}/secret` }).end();
    });

    expect(await fetchFrom(`${origin}/a`, origin)).toEqual({ outcome: 'refused', reason: 'answered 302' });
    expect(canary.connections()).toBe(0);
  });

  const answers = [
    { status: 404, outcome: 'refused' },
    { status: 403, outcome: 'refused' },
    { status: 204, outcome: 'refused' },
    { status: 206, outcome: 'refused' },
    { status: 429, outcome: 'away' },
    { status: 500, outcome: 'away' },
    { status: 503, outcome: 'away' },
  ];
  it.each(answers)('that answers $status: $outcome', async ({ status, outcome }) => {
    const { origin } = await startServer((_, response) => response.writeHead(status).end('x'));

    expect(await fetchFrom(origin, origin)).toMatchObject({ outcome });
  });
});

describe('how much and how long', () => {
  const LIMIT = 1000; // bytes
  const sizes: { what: string; answer: (response: ServerResponse) => void; outcome: string }[] = [
    { what: 'all that is allowed', answer: (response) => response.end('x'.repeat(LIMIT)), outcome: 'fetched' },
    { what: 'a byte more', answer: (response) => response.end('x'.repeat(LIMIT + 1)), outcome: 'refused' },
    {
      what: 'more than it said',
      answer: (response) => {
        response.write('x');
        response.end('x'.repeat(LIMIT));
      },
      outcome: 'refused',
    },
    {
      what: 'an announced giant, of which nothing is read',
      answer: (response) => response.writeHead(200, { 'content-length': 2 ** 40 }).write('x'),
      outcome: 'refused',
    },
    { what: 'nothing', answer: (response) => response.end(), outcome: 'refused' },
    {
      what: 'half of what it said',
      answer: (response) => {
        response.writeHead(200, { 'content-length': 100 }).write('x');
        setImmediate(() => response.destroy());
      },
      outcome: 'away',
    },
  ];
  it.each(sizes)('$what is $outcome (SEC14)', async ({ answer, outcome }) => {
    const { origin } = await startServer((_, response) => answer(response));

    expect(await fetchFrom(origin, origin, { limit: LIMIT })).toMatchObject({ outcome });
  });

  it.each([
    { what: 'who says nothing', answer: () => {} },
    {
      what: 'who says a byte now and then',
      answer: (response: ServerResponse) => {
        const timer = setInterval(() => response.write('x'), 10);
        response.on('close', () => clearInterval(timer));
      },
    },
  ])('$what is away after the deadline, counted from the first step (SEC14)', async ({ answer }) => {
    const { origin } = await startServer((_, response) => answer(response));

    expect(await fetchFrom(origin, origin, { deadline: 150 })).toMatchObject({ outcome: 'away' });
  });

  it('who does not listen is away', async () => {
    expect(await fetchFrom('http://127.0.0.1:9/a', 'http://127.0.0.1:9')).toMatchObject({ outcome: 'away' });
  });
});
