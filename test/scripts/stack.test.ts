import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { until } from '../../scripts/servers/until.js';
import { type Stack, type StackOptions, startStack } from '../../scripts/stack.js';
import { scratchFolders } from './scratch.js';
import { failing, standIns } from './stand-ins.js';

const scratch = scratchFolders();
const fixture = fileURLToPath(new URL('./fixtures/stack.ts', import.meta.url));
let dataDir: string;
let stack: Stack | undefined;

beforeEach(() => {
  dataDir = join(scratch(), 'data');
  vi.stubEnv('PROGRAM_DIARY', `${dataDir}.diary`);
  for (const name of ['DATABASE_URL', 'TEMPORAL_ADDRESS', 'PAYLOAD_KEYS', 'PUBLIC_URL']) vi.stubEnv(name, undefined);
});

afterEach(async () => {
  await stack?.stop();
  stack = undefined;
  vi.unstubAllEnvs();
});

async function start(options: Partial<StackOptions> = {}): Promise<Stack> {
  const programs = standIns(options.programs);
  stack = await startStack({ dataDir, ports: 'auto', durable: false, ...options, programs });
  return stack;
}

const diary = () => readFileSync(`${dataDir}.diary`, 'utf8').trim().split('\n');
const addressesFile = () => JSON.parse(readFileSync(join(dataDir, 'addresses.json'), 'utf8'));
const answers = (url: string) => fetch(url).then(({ ok }) => ok);
const answersNot = (url: string) =>
  answers(url).then(
    () => false,
    () => true,
  );

describe('a stack', { timeout: 60_000 }, () => {
  it('migrates before anything of ours runs, and tells each process where the others are', async () => {
    const { addresses, payloadKeys } = await start();
    const env = await fetch(addresses.api).then((reply) => reply.json());

    expect(diary()[0]).toBe('migrate starts');
    expect(addressesFile()).toEqual(addresses);
    expect(env).toMatchObject({
      DATABASE_URL: addresses.database,
      TEMPORAL_ADDRESS: addresses.temporal,
      SIMULATOR_URL: addresses.simulator,
      PUBLIC_URL: addresses.api,
      PAYLOAD_KEYS: payloadKeys,
    });
  });

  it('keeps its payload keys, to itself', async () => {
    const first = await start();
    await first.stop();
    const second = await start();

    expect(second.payloadKeys).toBe(first.payloadKeys);
    expect(second.payloadKeys).toMatch(/^k1:[A-Za-z0-9+/]{43}=$/);
    expect(statSync(join(dataDir, 'payload-keys')).mode & 0o777).toBe(0o600);
  });

  it('starts a process that has died again, at the same address, within ten seconds', async () => {
    const { addresses } = await start();
    await fetch(`${addresses.api}/die`).catch(() => {});

    await until(() => answers(addresses.api), { what: 'the API answers again', deadline: 10_000 });
    expect(addressesFile()).toEqual(addresses);
  });

  it('stops whoever asks before whoever answers, and leaves nothing', async () => {
    const { addresses, stop } = await start();
    await stop();

    expect(diary().at(-1)).toBe('simulator stops');
    expect(diary().slice(-3, -1).toSorted()).toEqual(['api stops', 'worker stops']);
    expect(await answersNot(addresses.temporalUi ?? '')).toBe(true);
    expect(existsSync(join(dataDir, 'addresses.json'))).toBe(false);
  });

  it('has its folder for itself', async () => {
    await start();

    await expect(startStack({ dataDir, ports: 'auto' })).rejects.toThrow(`in use by process ${process.pid}`);
  });

  it('that cannot come up says why, and leaves the folder free', async () => {
    await expect(start({ programs: standIns({ migrate: failing }) })).rejects.toThrow('no tables today');

    const { addresses } = await start();
    expect(await answers(addresses.api)).toBe(true);
  });

  it('that is interrupted while it starts leaves nothing running', async () => {
    const quit = new AbortController();
    const onStep = (step: string) => step === 'PostgreSQL' && quit.abort();

    await expect(start({ signal: quit.signal, onStep })).rejects.toThrow(/abort/);
    expect(existsSync(join(dataDir, 'lock'))).toBe(false);
    expect(existsSync(join(dataDir, 'postgres', 'cluster', 'postmaster.pid'))).toBe(false);
  });

  it('uses the servers that the environment names', async () => {
    const other = await start();
    vi.stubEnv('DATABASE_URL', other.addresses.database);
    vi.stubEnv('TEMPORAL_ADDRESS', other.addresses.temporal);
    const folder = join(scratch(), 'data');
    const guest = await startStack({ dataDir: folder, ports: 'auto', programs: standIns() });
    await guest.stop();

    expect(guest.addresses).toMatchObject({ ...other.addresses, ...ownAddresses(guest), temporalUi: null });
    expect(existsSync(join(folder, 'postgres'))).toBe(false);
  });

  it('that is killed takes everything with it, and starts again on the same folder', async () => {
    const args = ['--import', 'tsx', fixture, dataDir];
    const killed = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(killed.stdout, 'data')) as [Buffer];
    killed.kill('SIGKILL');
    const api = line.toString().trim();

    await until(() => answersNot(api), { what: 'the API ends', deadline: 10_000 });
    const again = await start();
    expect(await answers(again.addresses.api)).toBe(true);
  });
});

const ownAddresses = ({ addresses: { api, simulator, smtp } }: Stack) => ({ api, simulator, smtp });
