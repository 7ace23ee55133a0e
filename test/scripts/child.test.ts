import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { spawnChild } from '../../scripts/servers/child.js';
import { until } from '../../scripts/servers/until.js';
import { lives, scratchFolders } from './scratch.js';

const scratch = scratchFolders();
const fixture = fileURLToPath(new URL('./fixtures/parent.ts', import.meta.url));

/** A parent process that starts one shell command as its child; both pids. */
async function family(command: string): Promise<{ parent: number; child: number }> {
  const file = join(scratch(), 'pid');
  const parent = spawn(process.execPath, ['--import', 'tsx', fixture, file, command], { stdio: 'ignore' });
  const started = () => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n');
  await until(started, { what: 'the child starts', deadline: 10_000 });
  return { parent: parent.pid ?? 0, child: Number(readFileSync(file, 'utf8')) };
}

const gone = (pid: number, deadline: number) => until(() => !lives(pid), { what: `${pid} ends`, deadline });

it('a child ends when its parent is killed', async () => {
  const { child, parent } = await family('exec sleep 300');

  process.kill(parent, 'SIGKILL');

  await gone(child, 5000);
});

it('a child that does not want to end is killed ten seconds after its parent', { timeout: 30_000 }, async () => {
  const { child, parent } = await family('trap "" TERM; while :; do sleep 0.1; done');

  process.kill(parent, 'SIGKILL');

  await gone(child, 15_000);
});

it('a child has the pid, the output and the exit code of its program', async () => {
  const lines: string[] = [];
  const args = ['-c', 'echo $$; echo oops >&2; exit 3'];
  const child = spawnChild({ command: 'sh', args, onLine: (line, stream) => lines.push(`${stream} ${line}`) });

  expect(await child.exited).toBe('exit code 3');
  expect(lines.toSorted()).toEqual(['stderr oops', `stdout ${child.pid}`]);
});

it('a program that does not exist is an early end with words', async () => {
  const child = spawnChild({ command: 'no-such-program', args: [] });

  expect(await child.exited).toBe('exit code 127');
  expect(child.tail()).toContain('no-such-program');
});

it('nothing of a child is left behind after it was stopped', async () => {
  const child = spawnChild({ command: 'sleep', args: ['300'] });

  await child.stop();

  expect(await child.exited).toBe('signal SIGTERM');
  await until(() => !lives(-child.pid), { what: 'the watcher ends', deadline: 5000 });
});

it('a Ctrl-C in the terminal does not reach a child: it is in a group of its own', async () => {
  const child = spawnChild({ command: 'sleep', args: ['300'] });
  const ps = spawn('ps', ['-o', 'pgid=', '-p', `${child.pid}`]);
  const [group] = (await once(ps.stdout, 'data')) as [Buffer];

  expect(Number(group)).toBe(child.pid);
  await child.stop();
});
