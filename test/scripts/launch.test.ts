import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { installLocked, isInstalled } from '../../scripts/install.mjs';
import { complainAboutNode } from '../../scripts/node-floor.mjs';
import { scratchFolders, writeScript } from './scratch.js';

const scratch = scratchFolders();
const launch = fileURLToPath(new URL('../../scripts/launch.mjs', import.meta.url));

let root: string;
let npm: string;
const installs = () => readFileSync(join(root, 'npm.log'), 'utf8').trim().split('\n').length;

/** A checkout whose npm writes down that it was called and leaves what npm leaves. */
beforeEach(() => {
  root = scratch();
  writeLock(root, '1.0.0');
  npm = writeScript(
    join(root, 'npm'),
    `echo "$@" >> ${root}/npm.log; sleep 0.3; mkdir -p ${root}/node_modules; echo noise`,
  );
});

function writeLock(folder: string, version: string, file = 'package-lock.json'): void {
  mkdirSync(folder, { recursive: true });
  const packages = { '': {}, 'node_modules/a': { version }, 'node_modules/b': { version, os: ['plan9'] } };
  writeFileSync(join(folder, file), JSON.stringify({ packages }));
}

it('the locked dependencies are installed once, and again when the lock file has changed', async () => {
  await installLocked(root, npm);
  await installLocked(root, npm);
  expect(installs()).toBe(1);

  writeLock(root, '2.0.0');
  await installLocked(root, npm);
  expect(installs()).toBe(2);
});

it('what "npm ci" has installed by hand is not installed again', () => {
  expect(isInstalled(root)).toBe(false);

  writeLock(join(root, 'node_modules'), '1.0.0', '.package-lock.json');
  expect(isInstalled(root)).toBe(true);
});

it('in production what is for development may be absent', () => {
  const packages = {
    '': {},
    'node_modules/a': { version: '1.0.0' },
    'node_modules/t': { version: '1.0.0', dev: true },
  };
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages }));
  writeLock(join(root, 'node_modules'), '1.0.0', '.package-lock.json');
  expect(isInstalled(root)).toBe(false);

  vi.stubEnv('NODE_ENV', 'production');
  onTestFinished(() => void vi.unstubAllEnvs());

  expect(isInstalled(root)).toBe(true);
});

it('two launches at once on a fresh clone install once', async () => {
  await Promise.all([installLocked(root, npm), installLocked(root, npm)]);

  expect(installs()).toBe(1);
});

it('a failed installation says what to do and is tried again next time', async () => {
  const broken = writeScript(join(root, 'broken'), 'exit 1');

  await expect(installLocked(root, broken)).rejects.toThrow(/exit code 1|ended with 1[\s\S]*npm ci/);
  expect(isInstalled(root)).toBe(false);
  expect(existsSync(join(root, '.data', 'install.lock'))).toBe(false);
});

it.each([
  { version: '20.18.3', complains: true },
  { version: '18.20.0', complains: true },
  { version: '20.19.0', complains: false },
  { version: '24.0.0', complains: false },
])('Node $version is complained about: $complains', ({ complains, version }) => {
  expect(complainAboutNode(version, '20.19.0') !== undefined).toBe(complains);
});

it('a launched script keeps stdout to itself and passes its exit code on', () => {
  const script = join(scratch(), 'script.mts');
  writeFileSync(
    script,
    'const words: string[] = process.argv.slice(2);\nconsole.log(...words);\nprocess.exitCode = 7;\n',
  );

  const { status, stdout } = spawnSync(process.execPath, [launch, script, 'a', 'b'], { encoding: 'utf8' });

  expect({ status, stdout }).toEqual({ status: 7, stdout: 'a b\n' });
});

it('a script that a signal ends is reported as shells do', () => {
  const script = join(scratch(), 'script.mts');
  writeFileSync(script, "process.kill(process.pid, 'SIGTERM');\nsetTimeout(() => {}, 10_000);\n");

  expect(spawnSync(process.execPath, [launch, script]).status).toBe(143);
});

it('a binary of node_modules can be launched too', () => {
  const words = execFileSync(process.execPath, [launch, '--bin', 'vitest', '--version'], { encoding: 'utf8' });

  expect(words).toMatch(/^vitest\//);
});

it('the launcher needs nothing that is installed', () => {
  const bare = scratch();
  for (const file of ['launch', 'install', 'lock', 'guard', 'node-floor']) {
    cpSync(join(dirname(launch), `${file}.mjs`), join(bare, 'scripts', `${file}.mjs`));
  }
  writeFileSync(join(bare, 'package.json'), '{"engines":{"node":">=20.19.0"}}');

  const { status, stderr } = spawnSync(process.execPath, [join(bare, 'scripts', 'launch.mjs')], { encoding: 'utf8' });

  expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining('usage') });
});
