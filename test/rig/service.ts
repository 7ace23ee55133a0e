// The whole service for a test file: its own database, API, worker and simulator on the shared servers. At its end every
// run that it started is replayed from its history.
import { randomBytes, randomUUID } from 'node:crypto';
import { serve } from '@hono/node-server';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import pino from 'pino';
import { inject } from 'vitest';
import { relayOnce } from '../../activities/relay.js';
import { sweepOnce } from '../../activities/sweep.js';
import { createApp } from '../../api/app.js';
import { ChatCenter } from '../../client/index.js';
import type { SettingsBody } from '../../domain/contracts/settings.js';
import { type Simulator, startSimulator } from '../../simulator/start.js';
import type { Database } from '../../store/database.js';
import { openNews } from '../../store/news.js';
import { type KeyRing, parseKeyRing } from '../../store/sealing.js';
import { createTokenStore, type Role } from '../../store/token.js';
import { type WiredWorker, wire } from '../../worker/activities.js';
import { repeatUntil } from '../../worker/repeat.js';
import { TASK_QUEUE } from '../../workflows/messages.js';
import { copyOfTemplate, type DatabaseServer } from './database.js';
import { fillDirectory } from './directory.js';
import { replayAll } from './replay.js';

export interface Service {
  /** As a backend system. */
  crm: ChatCenter;
  /** As an operator: settings, channels, templates. */
  operator: ChatCenter;
  as(role: Role, agentId?: string): Promise<{ chatCenter: ChatCenter; token: string }>;
  api: string;
  simulator: string;
  database: Database;
  databaseUrl: string;
  payloadKeys: string;
  temporal: Client;
  /** host:port */
  temporalAddress: string;
  /** Looks for orphans at once; in production every few seconds. */
  sweep(): Promise<number>;
  stopWorker(): Promise<void>;
  startWorker(): Promise<void>;
  /** Replays what was run, then stops everything. */
  stop(): Promise<void>;
}

export interface ServiceOptions {
  settings?: SettingsBody;
  /** Own worker processes are started by the test; default true: one in this process. */
  hasWorker?: boolean;
  /** In ms; how long a provider may take. */
  providerTimeout?: number;
  temporalAddress?: string;
  /** Default: the shared one. */
  postgres?: DatabaseServer;
  /** Puts something around the activities of the worker in this process. */
  adapt?: Adapt;
  /** How many of the runs are replayed at the end, evenly chosen; default all. */
  replays?: number;
}

type Adapt = (activities: WiredWorker['activities']) => WiredWorker['activities'];

Runtime.install({ logger: new DefaultLogger('ERROR') });
const log = pino({ level: 'fatal' });

export async function startService(options: ServiceOptions = {}): Promise<Service> {
  const { hasWorker = true, providerTimeout = 2_000, temporalAddress = inject('temporal') } = options;
  const { adapt = (activities) => activities } = options;
  const payloadKeys = `test:${randomBytes(32).toString('base64')}`;
  const ring = parseKeyRing(payloadKeys);
  const { database, url: databaseUrl, drop } = await copyOfTemplate(options.postgres);
  const connection = await Connection.connect({ address: temporalAddress });
  const temporal = new Client({ connection });
  const news = openNews(databaseUrl, () => {});
  const app = createApp({
    database,
    payloadKeys: ring,
    temporal: connection,
    workflows: temporal.workflow,
    news,
    environment: {},
    log,
  });
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const api = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const simulator = await startSimulator(simulatorSettings);
  const simulatorUrl = `http://127.0.0.1:${simulator.httpPort}`;

  const tokens = createTokenStore(database);
  const as: Service['as'] = async (role, agentId) => {
    const token = await tokens.create({ role, name: 'test', ...(agentId !== undefined && { agentId }) });
    return { token, chatCenter: new ChatCenter({ baseUrl: api, token }) };
  };
  const { chatCenter: crm } = await as('integrator');
  const { chatCenter: operator } = await as('operator');
  await fillDirectory({ operator, api, simulator: simulatorUrl, smtpPort: simulator.smtpPort });
  if (options.settings !== undefined) await operator.putSettings(options.settings);

  let worker: RunningWorker | undefined;
  const startWorker = async () => {
    worker = await runWorker({ database, payloadKeys: ring, publicUrl: api, temporalAddress, providerTimeout, adapt });
  };
  const stopWorker = async () => {
    await worker?.stop();
    worker = undefined;
  };
  if (hasWorker) await startWorker();

  return {
    crm,
    operator,
    as,
    api,
    simulator: simulatorUrl,
    database,
    databaseUrl,
    payloadKeys,
    temporal,
    temporalAddress,
    startWorker,
    stopWorker,
    async sweep() {
      if (worker === undefined) throw new Error('no worker to sweep');
      return worker.sweep();
    },
    async stop() {
      await stopWorker();
      await replayAll(temporal, database, options.replays);
      await news.stop();
      await stopListening(server, simulator);
      await connection.close();
      await drop();
    },
  };
}

const simulatorSettings = {
  host: '127.0.0.1',
  port: 0,
  smtpPort: 0,
  webhookKey: 'test-webhook-key',
  webhookHeader: 'X-API-KEY',
  callbackRetriesMs: [200, 1_000, 5_000],
  pulseSilenceMs: 10_000,
  smtpSilenceMs: 10_000,
} as const;

async function stopListening(server: ReturnType<typeof serve>, simulator: Simulator): Promise<void> {
  await simulator.stop();
  if ('closeAllConnections' in server) server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

interface RunningWorker {
  sweep(): Promise<number>;
  stop(): Promise<void>;
}

interface WorkerOptions {
  database: Database;
  payloadKeys: KeyRing;
  publicUrl: string;
  temporalAddress: string;
  providerTimeout: number;
  adapt: Adapt;
}

/** The worker and its relay in this process, wired as worker/main.ts does. */
async function runWorker({
  database,
  payloadKeys,
  publicUrl,
  temporalAddress,
  providerTimeout,
  adapt,
}: WorkerOptions): Promise<RunningWorker> {
  const connection = await NativeConnection.connect({ address: temporalAddress });
  const { workflow: workflows } = new Client({ connection });
  const timeouts = { provider: providerTimeout, mail: providerTimeout };
  const { activities, relay, sweep, synchroniseTemplates } = wire({
    database,
    payloadKeys,
    publicUrl,
    workflows,
    timeouts,
    environment: {},
  });
  const worker = await Worker.create({
    connection,
    taskQueue: TASK_QUEUE,
    workflowBundle: { codePath: inject('bundle') },
    activities: adapt(activities),
    identity: `test-${randomUUID()}`,
  });
  const stopping = new AbortController();
  const running = worker.run();
  const faults: unknown[] = [];
  const onFault = (_: unknown, error?: unknown) => void faults.push(error ?? _);
  const relaying = repeatUntil(stopping.signal, {
    work: () => relayOnce({ ...relay, onFault }),
    idlePause: 20,
    onFault,
  });
  const synchronising = repeatUntil(stopping.signal, { work: synchroniseTemplates, idlePause: 50, onFault: () => {} });
  return {
    sweep: () => sweepOnce(sweep, 0),
    async stop() {
      stopping.abort();
      worker.shutdown();
      await Promise.all([running, relaying, synchronising]);
      await connection.close();
      if (faults.length > 0) throw faults[0];
    },
  };
}
