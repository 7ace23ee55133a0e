import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Connection, Client } from '@temporalio/client';
import pg from 'pg';
import { expect, it } from 'vitest';
import { freePorts, startPostgres, startTemporal } from '../../scripts/servers/index.js';
import { scratchFolders } from './scratch.js';

const scratch = scratchFolders();
const SLOW = { timeout: 60_000 };
const log = () => {};

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows;
}

it('PostgreSQL keeps its rows over a stop and over a kill', SLOW, async () => {
  const [port = 0] = await freePorts(1);
  const options = { port, dataDir: join(scratch(), 'postgres'), log };

  const first = await startPostgres(options);
  await query(first.url, 'create table note (words text)');
  await first.stop();
  const second = await startPostgres(options);
  await query(second.url, "insert into note values ('kept')");
  process.kill(second.pid, 'SIGKILL');
  await second.exited;
  const third = await startPostgres(options);
  const rows = await query(third.url, 'select words from note');
  await third.stop();

  expect(rows).toEqual([{ words: 'kept' }]);
  expect(third.url).toBe(first.url);
});

it('PostgreSQL knows upper and lower case beyond ASCII', SLOW, async () => {
  const [port = 0] = await freePorts(1);
  const server = await startPostgres({ port, dataDir: join(scratch(), 'postgres'), log, durable: false });
  const [row] = await query(server.url, "select lower('ЖÄ') as lower, current_setting('server_encoding') as encoding");
  await server.stop();

  expect(row).toEqual({ lower: 'жä', encoding: 'UTF8' });
});

it('a second PostgreSQL on the same folder is refused by name', SLOW, async () => {
  const [port = 0, other = 0] = await freePorts(2);
  const dataDir = join(scratch(), 'postgres');
  const server = await startPostgres({ port, dataDir, log });

  await expect(startPostgres({ port: other, dataDir, log, patience: 0 })).rejects.toThrow(`process ${server.pid}`);
  await server.stop();
});

it('Temporal keeps its workflows over a stop and over a kill', SLOW, async () => {
  const [port = 0, uiPort = 0] = await freePorts(2);
  const options = { port, uiPort, dbFile: join(scratch(), 'temporal.db'), log };
  const workflowId = randomUUID();

  const first = await startTemporal(options);
  await withClient(first.address, (client) => client.workflow.start('note', { workflowId, taskQueue: 'nobody' }));
  await first.stop();
  const second = await startTemporal(options);
  process.kill(second.pid, 'SIGKILL');
  await second.exited;
  const third = await startTemporal(options);
  const ui = await fetch(third.uiAddress ?? '');
  const found = await withClient(third.address, (client) => client.workflow.getHandle(workflowId).describe());
  await third.stop();

  expect(found.status.name).toBe('RUNNING');
  expect(ui.status).toBe(200);
});

async function withClient<T>(address: string, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

it('a Temporal that cannot start says why', SLOW, async () => {
  const [port = 0] = await freePorts(1);
  const dbFile = join(scratch(), 'temporal.db');
  writeFileSync(dbFile, 'neither empty nor a database, but long enough to be taken for one'.repeat(100));

  await expect(startTemporal({ port, dbFile, log })).rejects.toThrow(/ended with exit code 1[\s\S]*not a database/);
});
