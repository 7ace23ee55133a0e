import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { inject, onTestFinished } from 'vitest';
import type { Service } from './service.js';

const PROGRAM = fileURLToPath(new URL('../../api/main.ts', import.meta.url));

export interface ApiProcess {
  api: string;
  /** As a stack does it; resolves with the exit code. */
  terminate(): Promise<unknown>;
}

/** One more API on the service's database, in a process of its own; it is gone when the test is over. */
export async function startApiProcess({ databaseUrl, payloadKeys }: Service): Promise<ApiProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM], {
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      PAYLOAD_KEYS: payloadKeys,
      TEMPORAL_ADDRESS: inject('temporal'),
      PORT: '0',
      HOST: '127.0.0.1',
      LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = once(child, 'exit').then(([code]) => code as unknown);
  const port = await new Promise<string>((resolve) =>
    child.stdout.on('data', (chunk) => {
      const said = /api ready http=(\d+)/.exec(String(chunk));
      if (said?.[1] !== undefined) resolve(said[1]);
    }),
  );
  return {
    api: `http://127.0.0.1:${port}`,
    terminate() {
      child.kill('SIGTERM');
      return exited;
    },
  };
}
