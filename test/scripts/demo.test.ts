import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const demo = fileURLToPath(new URL('../../scripts/demo.ts', import.meta.url));
const OWN_SERVERS = { DATABASE_URL: undefined, TEMPORAL_ADDRESS: undefined, PAYLOAD_KEYS: undefined };

it('every story that the demo plays ends as the rules say', { timeout: 120_000 }, async () => {
  const env = { ...process.env, ...OWN_SERVERS };
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', demo], { env }).catch(
    ({ stdout: told, stderr }: { stdout: string; stderr: string }) => ({ stdout: told + stderr }),
  );

  expect(stdout).not.toContain('WRONG');
  expect(stdout).toMatch(/All \d+ stories ended as the rules say\./);
});
