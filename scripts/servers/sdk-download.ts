import { readdirSync, statSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnChild } from './child.js';
import { withProgress } from './progress.js';

export type SdkServer = 'dev-server' | 'time-skipping';

const STALLED = 60_000; // ms without a new byte

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = fileURLToPath(new URL('./sdk-download-main.ts', import.meta.url));

/**
 * Lets the SDK fetch its own server, in a process of its own since its native part cannot be interrupted.
 * @throws when it fails, or when no byte has come for a minute
 */
export async function downloadBySdk(server: SdkServer, work: string, file: string): Promise<void> {
  await withProgress(`downloading ${file} by the Temporal SDK`, 'about a minute', async () => {
    const failure = await download(server, work);
    const fetched = readdirSync(work).find((name) => !name.endsWith('.downloading'));
    if (fetched === undefined) throw new Error(failure);
    await rename(join(work, fetched), join(work, file));
  });
}

/** Why there may be no file: what the SDK said, or our limit. */
async function download(server: SdkServer, work: string): Promise<string> {
  const args = ['--import', 'tsx', program, server, work];
  const child = spawnChild({ command: process.execPath, args, cwd: root });
  const stalled = await Promise.race([child.exited.then(() => false), untilStalled(work, child.alive)]);
  if (stalled) await child.stop();
  await child.exited;
  return stalled ? `nothing has come for ${STALLED / 1000} s` : child.tail();
}

/** Size is the only progress that can be seen: the SDK writes the file in place. */
async function untilStalled(work: string, alive: () => boolean): Promise<boolean> {
  for (let last = { bytes: 0, at: Date.now() }; Date.now() - last.at < STALLED && alive(); ) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const bytes = bytesIn(work);
    if (bytes !== last.bytes) last = { bytes, at: Date.now() };
  }
  return alive();
}

const bytesIn = (folder: string): number =>
  readdirSync(folder).reduce(
    (sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
