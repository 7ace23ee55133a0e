// Servers that a test run starts once: PostgreSQL with a migrated template, the workflow bundle, and a Temporal server.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts, startPostgres } from '../../scripts/servers/index.js';
import { openDatabase } from '../../store/database.js';
import { migrate } from '../../store/migrate.js';
import { bundleWorkflows } from '../../worker/bundle.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** host:port */
    temporal: string;
    /** URL of the maintenance database; each rig takes a copy of `template`. */
    postgres: string;
    template: string;
    /** Path of the bundled workflows. */
    bundle: string;
  }
}

export interface SharedServers {
  postgres: string;
  template: string;
  bundle: string;
  stop(): Promise<void>;
}

export async function startSharedServers(): Promise<SharedServers> {
  const folder = await mkdtemp(join(tmpdir(), 'outgoing-messages-test-'));
  const [port = 0] = await freePorts(1);
  const cluster = await startPostgres({ port, dataDir: join(folder, 'postgres'), durable: false, log: () => {} });
  const database = openDatabase(cluster.url, 1, () => {});
  await migrate(database);
  await database.destroy();
  const bundle = join(folder, 'workflows.js');
  await writeFile(bundle, (await bundleWorkflows()).code);
  return {
    postgres: cluster.url.replace(/\/[^/]*$/, '/postgres'),
    template: new URL(cluster.url).pathname.slice(1),
    bundle,
    async stop() {
      await cluster.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
