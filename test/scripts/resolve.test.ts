import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Maker, resolveBinary, type ServerBinary } from '../../scripts/servers/resolve.js';
import { resolveTemporalServer } from '../../scripts/servers/temporal-binary.js';
import { scratchFolders, writeScript } from './scratch.js';

const scratch = scratchFolders();
const system = process.env['PATH'] ?? '';
let bin: string;
let cache: string;

beforeEach(() => {
  bin = scratch();
  const home = scratch();
  cache = join(home, 'outgoing-messages');
  mkdirSync(cache);
  vi.stubEnv('XDG_CACHE_HOME', home);
  vi.stubEnv('PATH', bin);
  vi.stubEnv('CHURN', undefined);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const churn = (changes: Partial<ServerBinary> = {}): ServerBinary => ({
  title: 'the churn server',
  file: 'churn',
  variable: 'CHURN',
  objection: async () => undefined,
  makers: [],
  advice: ['buy a churn'],
  ...changes,
});

const maker = (name: string, make: Maker['make']): Maker => ({ name, make: vi.fn(make) });

it('an executable that the environment names goes before PATH', async () => {
  writeScript(join(bin, 'churn'), '');
  vi.stubEnv('CHURN', writeScript(join(cache, 'mine'), ''));

  expect(await resolveBinary(churn())).toBe(join(cache, 'mine'));
});

it('an environment variable that names something unusable ends the search', async () => {
  writeScript(join(bin, 'churn'), '');
  vi.stubEnv('CHURN', join(cache, 'absent'));

  await expect(resolveBinary(churn())).rejects.toThrow(/CHURN=.*absent cannot be used: not there/);
});

it('PATH goes before the cache', async () => {
  writeScript(join(bin, 'churn'), '');
  writeScript(join(cache, 'churn'), '');

  expect(await resolveBinary(churn())).toBe(join(bin, 'churn'));
});

it('an executable on PATH that will not do is passed over for the one in the cache', async () => {
  writeScript(join(bin, 'churn'), '');
  writeScript(join(cache, 'churn'), '');
  const objection = async (path: string) => (path.startsWith(bin) ? 'too old' : undefined);

  expect(await resolveBinary(churn({ objection }))).toBe(join(cache, 'churn'));
});

it('what is nowhere is made by the first maker that can, and found in the cache from then on', async () => {
  const broken = maker('broken', async () => Promise.reject(new Error('no milk')));
  const working = maker('working', async ({ work }) => void writeScript(join(work, 'churn'), ''));
  const binary = churn({ makers: [broken, working] });

  expect(await resolveBinary(binary)).toBe(join(cache, 'churn'));
  expect(await resolveBinary(binary)).toBe(join(cache, 'churn'));
  expect(working.make).toHaveBeenCalledOnce();
  expect(existsSync(join(cache, 'churn.work'))).toBe(false);
});

it('two that look for it at once make it once', async () => {
  const slow = maker('slow', async ({ work }) => {
    await new Promise((resolve) => setImmediate(resolve));
    writeScript(join(work, 'churn'), '');
  });
  const binary = churn({ makers: [slow] });

  await Promise.all([resolveBinary(binary), resolveBinary(binary)]);

  expect(slow.make).toHaveBeenCalledOnce();
});

it('a failure lists everything that was tried, why it failed and what can be done', async () => {
  const fails = (name: string, why: string) => maker(name, () => Promise.reject(new Error(why)));
  const makers = [fails('download', 'no network'), fails('build', 'no compiler')];

  const message = await resolveBinary(churn({ makers })).catch((error: Error) => error.message);

  expect(message).toMatch(
    /CHURN +not set\n.*PATH +no churn on it\n.*cache +.*not there\n.*download +no network\n.*build +no compiler\n.*\n.*buy a churn/,
  );
});

it.each([
  { says: 'temporal version 0.0.0-DEV (Server 1.29.1, UI 2.42.1)', usable: true },
  { says: 'temporal version 1.6.0 (Server 2.0.0, UI 3.0.0)', usable: true },
  { says: 'temporal version 1.4.0 (Server 1.28.9, UI 2.38.0)', usable: false },
  { says: 'tctl version 1.18.0', usable: false },
])('a Temporal CLI is judged by its server: "$says" is usable: $usable', async ({ says, usable }) => {
  vi.stubEnv('PATH', system);
  vi.stubEnv('TEMPORAL_CLI_PATH', writeScript(join(bin, 'temporal'), `echo "${says}"`));

  const found = resolveTemporalServer();

  if (usable) await expect(found).resolves.toBe(join(bin, 'temporal'));
  else await expect(found).rejects.toThrow(/server/i);
});
