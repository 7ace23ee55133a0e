// A worker in a process of its own that a test can kill. The program is `test/rig/dying-worker.ts`, which is
// worker/main.ts but for one thing: it may be told to die right after one of its activities has done its work, before
// Temporal hears of it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import type { Service } from './service.js';

const PROGRAM = fileURLToPath(new URL('dying-worker.ts', import.meta.url));

export interface WorkerProcess {
  /** Kill -9. */
  kill(): Promise<void>;
  /** Resolves when it has died by itself. */
  died: Promise<void>;
}

/**
 * @param diesAfter name of the activity after whose first completion the process kills itself
 * @param diesFor the client in whose work it has to be; default anybody's
 */
export async function startWorkerProcess(service: Service, diesAfter = '', diesFor = ''): Promise<WorkerProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM], {
    env: {
      ...process.env,
      DATABASE_URL: service.databaseUrl,
      PAYLOAD_KEYS: service.payloadKeys,
      TEMPORAL_ADDRESS: service.temporalAddress,
      WORKFLOW_BUNDLE: inject('bundle'),
      PROVIDER_TIMEOUT_SECONDS: '2',
      LOG_LEVEL: 'error',
      DIES_AFTER: diesAfter,
      DIES_FOR: diesFor,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const died = once(child, 'exit').then(() => {});
  await Promise.race([
    saidReady(child),
    died.then(() => Promise.reject(new Error('the worker died before it was ready'))),
  ]);
  return {
    died,
    async kill() {
      child.kill('SIGKILL');
      await died;
    },
  };
}

async function saidReady(child: ChildProcess): Promise<void> {
  for await (const chunk of child.stdout ?? []) if (String(chunk).includes('worker ready')) return;
}
