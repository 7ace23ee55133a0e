// npm test: gets the servers first, since a test hook has no time for that, then runs every test.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resolveTemporalServer, resolveTestServer } from './servers/index.js';

const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));

const scratch = mkdtempSync(join(tmpdir(), 'outgoing-test-'));
const report = join(scratch, 'report.json');
try {
  const servers = {
    TEMPORAL_CLI_PATH: await resolveTemporalServer(),
    TEMPORAL_TEST_SERVER: await resolveTestServer(),
  };
  process.exitCode = await runVitest(servers);
  process.stdout.write(`\n${countsIn(report, process.exitCode)}\n`);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function runVitest(servers: Record<string, string>): Promise<number> {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const args = [vitest, 'run', ...reporters, ...process.argv.slice(2)];
  const child = spawn(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...servers } });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}

/** A file that could not even be loaded counts as a failed test. */
function countsIn(file: string, exitCode: number): string {
  const result = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Report) : undefined;
  const { numFailedTests = 0, numPassedTests = 0, numPendingTests = 0, numTodoTests = 0 } = result ?? {};
  const failed = Math.max(numFailedTests, exitCode === 0 ? 0 : 1);
  const skipped = numPendingTests + numTodoTests;
  return `${numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

interface Report {
  numPassedTests?: number;
  numFailedTests?: number;
  numPendingTests?: number;
  numTodoTests?: number;
}
