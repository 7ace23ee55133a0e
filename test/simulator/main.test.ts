import { spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

function start(environment: Record<string, string>) {
  const simulator = spawn(process.execPath, ['--import', 'tsx', 'simulator/main.ts'], {
    cwd: ROOT,
    env: { ...process.env, SIMULATOR_PORT: '0', SIMULATOR_SMTP_PORT: '0', ...environment },
  });
  onTestFinished(() => void simulator.kill('SIGKILL'));
  const exit = new Promise<number | null>((resolve) => simulator.once('exit', resolve));
  return { simulator, exit, complaints: text(simulator.stderr) };
}

it.each(['SIGTERM', 'SIGINT'] as const)(
  'it says when it is ready, and stops cleanly on %s',
  async (signal) => {
    const { simulator, exit } = start({});
    let output = '';
    simulator.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await vi.waitUntil(() => output.endsWith('\n'), { timeout: 15_000 });

    const [, port] = /^simulator ready http=(\d+) smtp=\d+\n$/.exec(output) ?? [];
    const health = await fetch(`http://127.0.0.1:${port}/healthz`);
    simulator.kill(signal);

    expect(health.status).toBe(200);
    expect(await exit).toBe(0);
  },
  20_000,
);

it('all problems of the environment are told at once, a line each', async () => {
  const { exit, complaints } = start({ SIMULATOR_PORT: 'http', SIMULATOR_WEBHOOK_HEADER: 'Cookie' });

  expect(await exit).toBe(1);
  expect((await complaints).trim().split('\n')).toEqual([
    'SIMULATOR_PORT: expected a whole number from 0 to 65535, got "http"',
    'SIMULATOR_WEBHOOK_HEADER: expected X-API-KEY or Authorization, got "Cookie"',
  ]);
}, 20_000);

it.each(['SIMULATOR_PORT', 'SIMULATOR_SMTP_PORT'])(
  'a taken port is named with the way out (%s)',
  async (setting) => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void holder.close());
    const { port } = holder.address() as AddressInfo;

    const { exit, complaints } = start({ [setting]: String(port) });

    expect(await exit).toBe(1);
    expect(await complaints).toBe(
      `${setting}: port ${port} on 127.0.0.1 is taken by another process; stop it, or set ${setting} to a free port, or to 0 for any free one\n`,
    );
  },
  20_000,
);
