import { connect, createServer, type Server } from 'node:net';
import { until } from './until.js';

/** Distinct free ports, as many as asked for. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listen(0, '127.0.0.1')));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map(close));
  return ports;
}

export interface PortNeed {
  port: number;
  /** Whose port it is: `the API`. */
  purpose: string;
  /** How long another program may still take to leave it, in ms; default 0. */
  patience?: number;
}

/** @throws with the purpose and the way out when another program holds the port */
export async function requireFreePort({ port, purpose, patience = 0 }: PortNeed): Promise<void> {
  const free = () => isFree(port);
  await until(free, { what: `port ${port}`, deadline: patience, every: 200 }).catch(({ cause }: Error) => {
    if (cause) throw new Error(`Port ${port}, for ${purpose}, cannot be used.`, { cause });
    throw new Error(
      `Port ${port}, for ${purpose}, is taken: use --port or --ports auto, or stop the program that holds it.`,
    );
  });
}

/** Neither on all addresses nor on this one: some systems let two programs share a port that way. */
async function isFree(port: number): Promise<boolean> {
  for (const host of [undefined, '127.0.0.1']) {
    const server = await listen(port, host).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') return undefined;
      throw error;
    });
    if (!server) return false;
    await close(server);
  }
  return true;
}

function listen(port: number, host?: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => resolve(server));
  });
}

const close = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));

/** Whether somebody listens there. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
