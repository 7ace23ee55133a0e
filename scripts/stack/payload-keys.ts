import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The key ring of this data folder, `<id>:<base64 of 32 bytes>`; without it what is stored cannot be read again. */
export async function payloadKeys(dataDir: string): Promise<string> {
  const file = join(dataDir, 'payload-keys');
  const fresh = `k1:${randomBytes(32).toString('base64')}\n`;
  await writeFile(file, fresh, { mode: 0o600, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return (await readFile(file, 'utf8')).trim();
}
