import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tryLock, waitForLock } from '../../scripts/lock.mjs';
import { scratchFolders } from './scratch.js';

const scratch = scratchFolders();

it('a lock has one holder, and the next one once it is released', () => {
  const folder = join(scratch(), 'lock');
  const first = tryLock(folder);
  const second = tryLock(folder);

  expect(second).toEqual({ holder: process.pid });
  first.release?.();
  expect(tryLock(folder).holder).toBeUndefined();
});

it.each([
  { who: 'a process that has ended', owner: '999999999 1' },
  { who: 'an earlier process whose pid is ours now', owner: `${process.pid} 1` },
])('the lock of $who is taken over', ({ owner }) => {
  const folder = join(scratch(), 'lock');
  mkdirSync(folder);
  writeFileSync(join(folder, 'owner'), owner);

  expect(tryLock(folder).holder).toBeUndefined();
});

it('who waits for a lock is told by whom it is held', async () => {
  const folder = join(scratch(), 'lock');
  const { release } = tryLock(folder);
  const told: number[] = [];
  const waiting = waitForLock(folder, (pid) => {
    told.push(pid);
    release?.();
  });

  (await waiting)();

  expect(told).toEqual([process.pid]);
});
