import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { freePorts, requireFreePort } from '../../scripts/servers/ports.js';
import { planPorts, requireFree } from '../../scripts/stack/port-plan.js';

let holder: Server | undefined;

afterEach(() => void holder?.close());

function hold(host: string): Promise<number> {
  const server = createServer();
  holder = server;
  return new Promise((resolve) => {
    server.listen(0, host, () => resolve((server.address() as AddressInfo).port));
  });
}

it.each(['127.0.0.1', '0.0.0.0'])('a port taken on %s is named with its purpose and the way out', async (host) => {
  const port = await hold(host);

  await expect(requireFreePort({ port, purpose: 'the API' })).rejects.toThrow(
    `Port ${port}, for the API, is taken: use --port or --ports auto, or stop the program that holds it.`,
  );
});

it('a port that is left in time counts as free', async () => {
  const port = await hold('127.0.0.1');
  const wait = requireFreePort({ port, purpose: 'the API', patience: 5000 });
  holder?.close();

  await expect(wait).resolves.toBeUndefined();
});

it('free ports are distinct', async () => {
  const ports = await freePorts(6);

  expect(new Set(ports).size).toBe(6);
});

it('a given port replaces the usual one, the others stay', async () => {
  expect(await planPorts({ api: 4000 })).toMatchObject({ api: 4000, simulator: 3100, temporal: 7233 });
});

it('all taken ports are named at once', async () => {
  const port = await hold('127.0.0.1');
  const ports = { ...(await planPorts('auto')), api: port, smtp: port };

  await expect(requireFree(ports, ['api', 'smtp', 'simulator'], 0)).rejects.toThrow(/the API[\s\S]*SMTP/);
});
