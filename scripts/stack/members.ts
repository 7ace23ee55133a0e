import { join } from 'node:path';
import { startPostgres } from '../servers/postgres.js';
import { startTemporal } from '../servers/temporal.js';
import { resolveTemporalServer } from '../servers/temporal-binary.js';
import type { Addresses, Servers } from './addresses.js';
import type { Crew } from './crew.js';
import type { Ports } from './port-plan.js';
import { type Program, startProgram } from './program.js';

const ownTemporal = (): boolean => !process.env['TEMPORAL_ADDRESS'];
const ownPostgres = (): boolean => !process.env['DATABASE_URL'];

/** The ports of what is started, not of what others run. */
export const neededPorts = (): (keyof Ports)[] => [
  'api',
  'simulator',
  'smtp',
  ...(ownTemporal() ? (['temporal', 'temporalUi'] as const) : []),
  ...(ownPostgres() ? (['postgres'] as const) : []),
];

export interface ServerSite {
  dataDir: string;
  durable: boolean;
  ports: Ports;
}

/** Temporal and PostgreSQL, unless the environment names those of others. */
export async function startServers(crew: Crew, site: ServerSite): Promise<Servers> {
  if (ownTemporal()) await crew.step('Temporal server at hand', resolveTemporalServer);
  const [temporal, database] = await crew.together([addTemporal(crew, site), addPostgres(crew, site)]);
  return { ...temporal, database };
}

async function addTemporal(crew: Crew, { dataDir, durable, ports }: ServerSite): Promise<Omit<Servers, 'database'>> {
  const other = process.env['TEMPORAL_ADDRESS'];
  if (other) return { temporal: other, temporalUi: null };
  const place = {
    port: ports.temporal,
    uiPort: ports.temporalUi,
    ...(durable && { dbFile: join(dataDir, 'temporal.db') }),
  };
  const start = (signal: AbortSignal) => startTemporal({ ...place, log: crew.logOf('temporal'), signal });
  const { address, uiAddress = null } = await crew.step('Temporal', () => crew.add('temporal', start));
  return { temporal: address, temporalUi: uiAddress };
}

async function addPostgres(crew: Crew, { dataDir, durable, ports }: ServerSite): Promise<string> {
  const other = process.env['DATABASE_URL'];
  if (other) return other;
  const place = { port: ports.postgres, dataDir: join(dataDir, 'postgres'), durable };
  const start = (signal: AbortSignal) => startPostgres({ ...place, log: crew.logOf('postgres'), signal });
  const { url } = await crew.step('PostgreSQL', () => crew.add('postgres', start));
  return url;
}

export interface ProgramSite {
  programs: Record<'simulator' | 'worker' | 'api', Program>;
  env: NodeJS.ProcessEnv;
  addresses: Addresses;
}

/** Simulator, worker and API, which do not wait for each other. */
export async function startPrograms(crew: Crew, { addresses, env, programs }: ProgramSite): Promise<void> {
  const add = (name: keyof typeof programs, title: string, ready: { healthy?: string[]; says?: string }) => {
    const about = { title, program: programs[name], env, log: crew.logOf(name), ...ready };
    return crew.step(title, () => crew.add(name, (signal) => startProgram({ ...about, signal })));
  };
  await crew.together([
    add('simulator', 'simulator', { healthy: [`${addresses.simulator}/healthz`] }),
    add('worker', 'worker', { says: 'worker ready' }),
    add('api', 'API', { healthy: [`${addresses.api}/healthz`, `${addresses.api}/readyz`] }),
  ]);
}
