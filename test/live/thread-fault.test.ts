// Everything that can happen to a client's thread goes on while a worker, Temporal or PostgreSQL is killed and comes
// back: callers ask again under their keys, and in the end nothing is lost, doubled or left over.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { registerSearchAttributes } from '../../scripts/search-attributes.js';
import { freePorts, startPostgres, startTemporal } from '../../scripts/servers/index.js';
import { openDatabase } from '../../store/database.js';
import { migrate } from '../../store/migrate.js';
import { copyOfTemplate } from '../rig/database.js';
import { type Chat, openChat } from '../rig/races/acts.js';
import { gather } from '../rig/races/gather.js';
import { keepJournal } from '../rig/races/journal.js';
import { createLog, type OperationLog } from '../rig/races/log.js';
import { createTally, inRounds, judge, later, randomFrom } from '../rig/races/rounds.js';
import { settlementsIn } from '../rig/races/ways.js';
import { type Service, type ServiceOptions, startService } from '../rig/service.js';
import { until } from '../rig/until.js';
import { startWorkerProcess } from '../rig/worker-process.js';

const TIMEOUT = 240_000; // ms
/** A killed worker's tasks are given to another one only when their time is up. */
const LAG = 60_000; // ms

interface Scene {
  service: Service;
  log: OperationLog;
  chat: Chat;
}

/** Its worker is a process of its own, which the test starts. */
async function open(options: ServiceOptions = {}): Promise<Scene> {
  const service = await startService({ ...options, hasWorker: false });
  await keepJournal(service.database);
  const log = createLog();
  return { service, log, chat: await openChat(service, log) };
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outgoing-messages-fault-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function complaintsIn({ service, log }: Scene, clients: ReadonlySet<string>, since: number) {
  return judge(log, clients, await gather(service, clients, since), LAG);
}

const KILLS = Number(process.env['FAULT_KILLS'] ?? 10);
const steps = ['claimThread', 'dispatchPart', 'settleSend', 'projectThread'];

it(
  'a worker is killed at each step, ten times, and another one finishes everything (W07, W15, W19, W21)',
  async () => {
    const scene = await open();
    const { service, chat } = scene;
    const since = Date.now();
    const clients = new Set<string>();
    const working: Promise<unknown>[] = [];
    const killed = createTally(steps);

    for (let kill = 0; kill < steps.length * KILLS; kill += 1) {
      const step = steps[kill % steps.length]!;
      const client = await chat.newClient();
      clients.add(client.clientId);
      const random = randomFrom(kill + 1);
      const worker = await startWorkerProcess(service, step, client.clientId);
      // Only once the send has its claim: one that is refused comes to no further step.
      const soon = async (act: (threadId: string) => Promise<unknown>) => {
        const threadId = await chat.threadOf(client);
        return later(random() * 60, () => act(threadId));
      };
      const sales = { kind: 'GROUP', id: 'sales' } as const;
      working.push(
        chat.acts.send(client, 'anna', 'ASSIGN_TO_ME', 'whatsapp'),
        soon(() => chat.acts.write(client)),
        soon((threadId) => chat.acts.command(client, 'anna', 'transfer', threadId, sales)),
      );
      await worker.died;
      killed.count(step);
    }
    const heir = await startWorkerProcess(service);
    await Promise.all(working);

    const { complaints, cases } = await complaintsIn(scene, clients, since);
    console.log(
      'killed after',
      killed.table(),
      'settled twice:',
      cases.filter(({ runs }) => settlementsIn(runs[0]).length > 1).length,
    );
    expect(complaints).toEqual([]);
    await heir.kill();
    await service.stop();
  },
  TIMEOUT,
);

const ROUNDS = 50;

/** Rounds of every kind; once some are over the server is away for a moment. */
async function roundsAround(
  { chat, log }: Scene,
  outage: () => Promise<void>,
): Promise<{ clients: Set<string>; met: number }> {
  const { acts } = chat;
  const clients = new Set<string>();
  let over = 0;
  let away: Promise<void> | undefined;
  let met = 0;
  const beAway = async () => {
    met = log.operations.filter(({ endedAt }) => endedAt === undefined).length;
    await outage();
  };
  await inRounds(ROUNDS, 8, async (index, random) => {
    const client = await chat.newClient();
    clients.add(client.clientId);
    const soon = <T>(act: () => Promise<T>) => later(random() * 60, act);
    const threadId = () => chat.threadOf(client);
    switch (index % 5) {
      case 0:
        await Promise.all([
          soon(() => acts.send(client, 'anna', 'ASSIGN_TO_ME')),
          soon(() => acts.send(client, 'boris', 'ASSIGN_TO_ME')),
        ]);
        break;
      case 1:
        await Promise.all([soon(() => acts.send(client, 'anna', 'ASSIGN_TO_ME')), soon(() => acts.write(client))]);
        break;
      case 2:
        await Promise.all([soon(() => acts.send(client, 'anna', 'CLOSE')), soon(() => acts.write(client))]);
        await acts.write(client);
        break;
      case 3:
        await acts.send(client, 'anna', 'ASSIGN_TO_ME');
        await Promise.all([
          soon(async () => acts.command(client, 'vera', 'transfer', await threadId(), { kind: 'GROUP', id: 'sales' })),
          soon(async () => acts.command(client, 'vera', 'close', await threadId())),
        ]);
        break;
      default:
        await Promise.all([
          soon(() => acts.send(client, 'anna', 'ASSIGN_TO_ME', 'whatsapp')),
          soon(() => acts.write(client, 'whatsapp')),
        ]);
    }
    over += 1;
    if (over > ROUNDS / 3) away ??= beAway();
  });
  await away;
  return { clients, met };
}

it(
  'Temporal is killed and comes back on its file, in the middle of everything (W02, W03)',
  async () => {
    const [port = 0] = await freePorts(1);
    const start = () => startTemporal({ port, dbFile: join(folder, 'temporal.db'), patience: 10_000, log: () => {} });
    let temporal = await start();
    const connection = await Connection.connect({ address: temporal.address });
    await registerSearchAttributes(connection, 'default');
    await connection.close();
    const scene = await open({ temporalAddress: temporal.address });
    const worker = await startWorkerProcess(scene.service);
    const since = Date.now();

    const { clients, met } = await roundsAround(scene, async () => {
      process.kill(-temporal.pid, 'SIGKILL');
      await temporal.exited;
      temporal = await start();
    });

    const { complaints } = await complaintsIn(scene, clients, since);
    console.log(
      `Temporal was killed while ${met} operations were under way; all ${clients.size} rounds took ${Date.now() - since} ms`,
    );
    expect(complaints).toEqual([]);
    expect(met).toBeGreaterThan(4);
    await worker.kill();
    await scene.service.stop();
    await temporal.stop();
  },
  TIMEOUT,
);

it(
  'PostgreSQL is killed and comes back, in the middle of everything (INV11)',
  async () => {
    const [port = 0] = await freePorts(1);
    const start = () => startPostgres({ port, dataDir: join(folder, 'postgres'), log: () => {} });
    let postgres = await start();
    const database = openDatabase(postgres.url, 1, () => {});
    await migrate(database);
    await database.destroy();
    const url = postgres.url.replace(/\/[^/]*$/, '/postgres');
    const scene = await open({ postgres: { url, template: 'outgoing' } });
    const worker = await startWorkerProcess(scene.service);
    const since = Date.now();

    const { clients, met } = await roundsAround(scene, async () => {
      process.kill(-postgres.pid, 'SIGKILL');
      await postgres.exited;
      postgres = await start();
    });

    const { complaints } = await complaintsIn(scene, clients, since);
    console.log(
      `PostgreSQL was killed while ${met} operations were under way; all ${clients.size} rounds took ${Date.now() - since} ms`,
    );
    expect(complaints).toEqual([]);
    expect(met).toBeGreaterThan(4);
    await worker.kill();
    await scene.service.stop();
    await postgres.stop();
  },
  TIMEOUT,
);

it('a connection that is lost between two statements fails its transaction, not the process (INV11)', async () => {
  const { database, drop } = await copyOfTemplate();
  const work = database.transaction().execute(async (tx) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
    const pid = rows[0]?.pid;
    await sql`select pg_terminate_backend(${pid})`.execute(database);
    const isGone = async () => (await sql`select from pg_stat_activity where pid = ${pid}`.execute(database)).rows;
    await until(isGone, ({ length }) => length === 0);
    await sql`select 1`.execute(tx);
  });

  await expect(work).rejects.toThrow();
  expect((await sql`select 1`.execute(database)).rows).toHaveLength(1);
  await drop();
});
