// The HTTP process: stateless, so that more copies scale it.
import { serve } from '@hono/node-server';
import { Connection, WorkflowClient } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import pino from 'pino';
import { parseEnvironment } from '../store/config.js';
import { openDatabase } from '../store/database.js';
import { openNews } from '../store/news.js';
import { createApp } from './app.js';
import { type ApiConfig, ApiEnvironment } from './config.js';

const POOL_SIZE = 20;
const HEADERS_TIMEOUT = 5_000; // ms, SEC12
const REQUEST_TIMEOUT = 60_000; // ms; for a body of 100 MiB

async function main(config: ApiConfig): Promise<void> {
  const log = pino({ level: config.LOG_LEVEL, base: { process: 'api' } });
  const database = openDatabase(config.DATABASE_URL, POOL_SIZE, (error) =>
    log.warn({ name: error.name }, 'idle connection lost'),
  );
  const news = openNews(config.DATABASE_URL, (error) =>
    log.warn(
      { name: error instanceof Error ? error.name : '' },
      'the connection that hears of news was lost, and is made anew',
    ),
  );
  const { connectionOptions, namespace } = loadClientConnectConfig();
  const temporal = Connection.lazy(connectionOptions);
  const workflows = new WorkflowClient({ connection: temporal, ...(namespace !== undefined && { namespace }) });
  const app = createApp({
    database,
    payloadKeys: config.PAYLOAD_KEYS,
    temporal,
    workflows,
    news,
    environment: process.env,
    log,
  });
  const server = serve(
    {
      fetch: app.fetch,
      port: config.PORT,
      hostname: config.HOST,
      serverOptions: { headersTimeout: HEADERS_TIMEOUT, requestTimeout: REQUEST_TIMEOUT },
    },
    ({ port }) => console.log(`api ready http=${port}`),
  );
  server.on('error', (error) => {
    console.error(`cannot listen on port ${config.PORT}: ${error.message}; set PORT to another one`);
    process.exit(1);
  });
  const stop = () => {
    // A call to Temporal whose caller has hung up may still be tried again; it ends with the process.
    server.close(() => void database.destroy().finally(() => process.exit(0)));
    void news.stop(); // ends the streams, which the server waits for
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

try {
  await main(parseEnvironment(ApiEnvironment, process.env));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
