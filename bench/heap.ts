// What an open run holds of a worker's memory.
import { fileURLToPath } from 'node:url';
import { spawnChild } from '../scripts/servers/child.js';

export const RUNS_KEPT = 200;

export interface HeldPerRun {
  heapKb: number;
  rssKb: number;
}

/** `send`: one that waits for its receipt. */
export interface HeapLine {
  thread: HeldPerRun;
  send: HeldPerRun;
}

export async function measureHeap(temporalAddress: string): Promise<HeapLine> {
  const child = spawnChild({
    command: process.execPath,
    args: ['--expose-gc', '--import', 'tsx', 'bench/heap-worker.ts'],
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, TEMPORAL_ADDRESS: temporalAddress },
  });
  const end = await child.exited;
  const line = child
    .tail()
    .split('\n')
    .findLast((text) => text.startsWith('{"thread"'));
  if (line === undefined) throw new Error(`the heap was not measured, ${end}; last words:\n${child.tail()}`);
  return JSON.parse(line) as HeapLine;
}
