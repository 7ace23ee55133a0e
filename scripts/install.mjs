// Installs what package-lock.json says, once, however many launchers ask for it at the same time.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { guarded } from './guard.mjs';
import { waitForLock } from './lock.mjs';

const REPORT = 10_000; // ms between two lines of progress

export async function installLocked(root, npm = 'npm') {
  if (isInstalled(root)) return;
  const tellWait = (pid) => say(`process ${pid} is installing the dependencies, waiting for it`);
  const release = await waitForLock(join(root, '.data', 'install.lock'), tellWait);
  try {
    if (!isInstalled(root)) await install(root, npm);
    writeFileSync(stampOf(root), lockHash(root));
  } finally {
    release();
  }
}

/** By our stamp, or, after an `npm ci` by hand, by npm's own record of what it has put there. */
export function isInstalled(root) {
  return read(stampOf(root)) === lockHash(root) || matchesRecord(root);
}

const stampOf = (root) => join(root, 'node_modules', '.locked-dependencies');
const lockHash = (root) =>
  createHash('sha256')
    .update(read(join(root, 'package-lock.json')))
    .digest('hex');

function matchesRecord(root) {
  const record = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const names = Object.keys(wanted).filter((name) => name !== '' && !isOptional(wanted[name]));
  return names.length > 0 && names.every((name) => record[name]?.version === wanted[name].version);
}

/** Such a package may be absent: it is for another platform, or for development where that is not what is done here. */
const isOptional = (entry) =>
  entry.optional || entry.devOptional || entry.os || entry.cpu || (isProduction() && entry.dev);

const isProduction = () => process.env.NODE_ENV === 'production';

function packagesOf(file) {
  const text = read(file);
  return text === '' ? {} : (JSON.parse(text).packages ?? {});
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

async function install(root, npm) {
  const begun = Date.now();
  const seconds = () => Math.round((Date.now() - begun) / 1000);
  say('installing the locked dependencies (npm ci), about a minute the first time');
  const ticker = setInterval(() => say(`still installing, ${seconds()} s`), REPORT);
  const failure = await npmCi(root, npm).finally(() => clearInterval(ticker));
  if (failure) throw new Error(`${failure}\n${ADVICE}`);
  say(`dependencies installed in ${seconds()} s`);
}

const ADVICE = `The dependencies could not be installed; npm's own words stand above.
Check that npm reaches its registry (proxy, .npmrc), that the disk has 1 GB free and that package-lock.json is
unchanged, then run the command again; or run "npm ci" by hand.`;

/** Nothing of it goes to stdout, which belongs to the script that is launched. */
function npmCi(root, npm) {
  const args = ['ci', isProduction() ? '--omit=dev' : '--include=dev', '--loglevel=error', '--no-audit', '--no-fund'];
  const child = spawn(...guarded(npm, args), { cwd: root, detached: true, stdio: ['ignore', 2, 2, 'pipe'] });
  const stop = () => child.kill('SIGTERM');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stop);
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(`${npm} cannot be run: ${error.message}`));
    child.on('exit', (code, signal) => {
      child.stdio[3].destroy();
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(name, stop);
      resolve(code === 0 ? undefined : `${npm} ci ended with ${signal ?? code}`);
    });
  });
}

const say = (line) => process.stderr.write(`[install] ${line}\n`);
