// A lock between processes: a folder that holds its owner's name. Plain JavaScript, since the launcher needs it
// before anything is installed.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL = 200; // ms
const TELL = 50; // polls between two words about the wait

/** Takes the lock, or says which process holds it. */
export function tryLock(folder) {
  mkdirSync(dirname(folder), { recursive: true });
  clearStale(folder);
  const mine = `${folder}.${process.pid}`;
  rmSync(mine, { recursive: true, force: true });
  mkdirSync(mine);
  writeFileSync(join(mine, 'owner'), nameOf(process.pid));
  try {
    renameSync(mine, folder); // fails where a folder with an owner stands: two can never both succeed
    return { release: () => release(folder) };
  } catch (error) {
    rmSync(mine, { recursive: true, force: true });
    if (!['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(error.code)) throw error;
    return { holder: pidOf(ownerOf(folder)) };
  }
}

/** Waits for the lock as long as its holder lives. */
export async function waitForLock(folder, onWait) {
  for (let tries = 0; ; tries++) {
    const lock = tryLock(folder);
    if (lock.release) return lock.release;
    if (tries % TELL === 0) onWait(lock.holder);
    await sleep(POLL);
  }
}

/** Out of the way first: an emptied folder would let the next one in while this one still deletes. */
function release(folder) {
  const aside = `${folder}.free.${process.pid}`;
  if (existsSync(folder)) renameSync(folder, aside);
  rmSync(aside, { recursive: true, force: true });
}

function clearStale(folder) {
  const owner = ownerOf(folder);
  if (owner === '' || isAlive(owner)) return;
  const aside = `${folder}.stale.${process.pid}`;
  try {
    renameSync(folder, aside);
  } catch {
    return; // another process was quicker
  }
  if (ownerOf(aside) !== owner && !existsSync(folder)) renameSync(aside, folder); // it had a new owner by then
  rmSync(aside, { recursive: true, force: true });
}

function ownerOf(folder) {
  try {
    return readFileSync(join(folder, 'owner'), 'utf8');
  } catch {
    return '';
  }
}

const pidOf = (owner) => Number(owner.split(' ')[0]);
const isAlive = (owner) => nameOf(pidOf(owner)) === owner;

/** A process by pid and start time: a pid alone is given out again, most of all in containers. */
function nameOf(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code === 'ESRCH') return '';
  }
  return `${pid} ${startOf(pid)}`;
}

function startOf(pid) {
  try {
    if (!existsSync('/proc/self/stat'))
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)])
        .toString()
        .trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]; // field 22 of proc(5), in ticks since boot
  } catch {
    return 'unknown';
  }
}
