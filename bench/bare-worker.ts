// The bare workflow's worker: a process of its own, with the SDK settings of worker/main.ts.
import { fileURLToPath } from 'node:url';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { BARE_QUEUE, CACHED_WORKFLOWS } from './names.js';

Runtime.install({ logger: new DefaultLogger('WARN') });
const connection = await NativeConnection.connect(loadClientConnectConfig().connectionOptions);
const worker = await Worker.create({
  connection,
  taskQueue: BARE_QUEUE,
  workflowsPath: fileURLToPath(new URL('bare-workflow.ts', import.meta.url)),
  activities: { answer: async () => 'done' },
  maxCachedWorkflows: CACHED_WORKFLOWS,
});
console.log('bare worker ready');
await worker.run();
await connection.close();
