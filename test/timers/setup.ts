import type { TestProject } from 'vitest/node';
import { resolveTestServer } from '../../scripts/servers/index.js';
import { startSharedServers } from '../rig/servers.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of the time-skipping server. */
    testServer: string;
  }
}

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  provide('testServer', await resolveTestServer());
  const servers = await startSharedServers();
  provide('postgres', servers.postgres);
  provide('template', servers.template);
  provide('bundle', servers.bundle);
  return () => servers.stop();
}
