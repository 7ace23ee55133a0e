import { freePorts, requireFreePort } from '../servers/ports.js';

/** Which port each process listens on. */
export interface Ports {
  api: number;
  simulator: number;
  smtp: number;
  temporal: number;
  temporalUi: number;
  postgres: number;
}

const USUAL: Ports = { api: 3000, simulator: 3100, smtp: 3125, temporal: 7233, temporalUi: 8233, postgres: 5499 };

const PURPOSES: Record<keyof Ports, string> = {
  api: 'the API',
  simulator: 'the simulator',
  smtp: "the simulator's SMTP",
  temporal: 'Temporal',
  temporalUi: "Temporal's UI",
  postgres: 'PostgreSQL',
};

/** `auto` takes free ones; otherwise the usual ones, save those given. */
export async function planPorts(choice: 'auto' | Partial<Ports>): Promise<Ports> {
  if (choice !== 'auto') return { ...USUAL, ...choice };
  const names = Object.keys(USUAL) as (keyof Ports)[];
  const free = await freePorts(names.length);
  return Object.fromEntries(names.map((name, i) => [name, free[i]])) as unknown as Ports;
}

/**
 * @param patience how long another program may still take to leave a port, in ms
 * @throws with every port that is taken, its purpose and the way out
 */
export async function requireFree(ports: Ports, needed: (keyof Ports)[], patience: number): Promise<void> {
  const asked = needed.map((name) => requireFreePort({ port: ports[name], purpose: PURPOSES[name], patience }));
  const complaints = (await Promise.allSettled(asked)).flatMap((answer) =>
    answer.status === 'rejected' ? [(answer.reason as Error).message] : [],
  );
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
}
