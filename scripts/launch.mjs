// Runs a script of ours, or a binary of node_modules, with the locked dependencies in place. It is the first thing
// that runs on a fresh clone, so it needs nothing but Node:
//   node scripts/launch.mjs scripts/start.ts [args...]
//   node scripts/launch.mjs --bin vitest run [args...]
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { complainAboutNode } from './node-floor.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});

async function main([first, ...rest]) {
  if (first === undefined) throw new Error('usage: node scripts/launch.mjs <file.ts> | --bin <binary> [args...]');
  const complaint = complainAboutNode(process.versions.node);
  if (complaint) throw new Error(complaint);

  const { installLocked } = await import('./install.mjs'); // not earlier: an old Node could not load it
  await installLocked(root);
  if (first === '--bin') runBinary(rest);
  else await runScript([first, ...rest]);
}

/** In a group of its own: Ctrl-C reaches it once, through us, and it is gone when we are gone. */
async function runScript(args) {
  const { guarded } = await import('./guard.mjs');
  const command = guarded(process.execPath, ['--import', 'tsx', ...args]);
  follow(spawn(...command, { detached: true, stdio: ['inherit', 'inherit', 'inherit', 'pipe'] }));
}

/** In our group: such a program may read the keyboard. */
function runBinary([name, ...args]) {
  if (name === undefined) throw new Error('--bin: the name of a binary is missing');
  follow(spawn(join(root, 'node_modules', '.bin', name), args, { stdio: 'inherit' }));
}

function follow(child) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  endWithNpm(() => child.kill('SIGTERM'));
  child.on('error', (error) => {
    process.stderr.write(`${child.spawnfile} cannot be run: ${error.message}\n`);
    process.exit(127);
  });
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));
}

/** npm passes SIGINT and SIGTERM on but cannot pass on its own SIGKILL. */
function endWithNpm(end) {
  if (!process.env.npm_lifecycle_event) return;
  const npm = process.ppid;
  setInterval(() => process.ppid !== npm && end(), 1000).unref();
}
