import { Connection } from '@temporalio/client';
import type { TestProject } from 'vitest/node';
import { registerSearchAttributes } from '../../scripts/search-attributes.js';
import { freePorts, startTemporal } from '../../scripts/servers/index.js';
import { startSharedServers } from '../rig/servers.js';

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const [port = 0] = await freePorts(1);
  const temporal = await startTemporal({ port, log: () => {} });
  const connection = await Connection.connect({ address: temporal.address });
  await registerSearchAttributes(connection, 'default');
  await connection.close();
  const servers = await startSharedServers();
  provide('temporal', temporal.address);
  provide('postgres', servers.postgres);
  provide('template', servers.template);
  provide('bundle', servers.bundle);
  return async () => {
    await servers.stop();
    await temporal.stop();
  };
}
