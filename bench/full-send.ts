// The whole send, through the HTTP API: a template to a client of its own, its thread closed at once.
import { randomUUID } from 'node:crypto';
import { threadWorkflowId, sendWorkflowId } from '../workflows/messages.js';
import { closedLoop, now, type Sample } from './closed-loop.js';
import { makeClients } from './directory.js';
import { readRun, type Run } from './history.js';
import { untilQuiet } from './quiet.js';
import type { Site } from './site.js';

interface AskedSend {
  clientId: string;
  sendId: string;
  begunAt: number;
  answeredAt: number;
}

export interface MeasuredSend extends AskedSend, Sample {
  run: Run;
  thread: Run;
}

const READERS = 16;

/** Resolves when the last of them is done. Reading that off PostgreSQL in between costs the servers next to nothing. */
export async function runSends(site: Site, concurrency: number, count: number): Promise<AskedSend[]> {
  const clientIds = await makeClients(site.database, count);
  const asked = await closedLoop(concurrency, count, () => ask(site, clientIds.pop() ?? ''));
  await untilQuiet(site.database);
  return asked;
}

async function ask({ crm }: Site, clientId: string): Promise<AskedSend> {
  const begunAt = now();
  const reply = await crm.send({ ...MESSAGE, clientId }, randomUUID());
  const answeredAt = now();
  if (reply.outcome === 'refused') throw new Error(`the send was refused: ${reply.refusals[0]?.code}`);
  return { clientId, sendId: reply.send.sendId, begunAt, answeredAt };
}

export const MESSAGE = {
  agentId: 'anna',
  channelId: 'wa-main',
  content: { kind: 'TEMPLATE', templateId: 'order-ready', variables: { 'header.1': 'A-1042', '1': '2026-06-05' } },
  action: { kind: 'CLOSE' },
} as const;

/** When each was done, by Temporal's own clock; it is the same machine's. Read afterwards, so that it distorts nothing. */
export async function readSends({ temporal }: Site, asked: readonly AskedSend[]): Promise<MeasuredSend[]> {
  const left = [...asked];
  return closedLoop(READERS, asked.length, async () => {
    const one = left.pop();
    if (one === undefined) throw new Error('more sends are read than were asked');
    const run = await readRun(temporal, sendWorkflowId(one.sendId));
    const thread = await readRun(temporal, threadWorkflowId(one.clientId));
    const { state } = run.result as { state: string };
    if (state !== 'delivered') throw new Error(`send ${one.sendId} has ended as ${state}`);
    return { ...one, run, thread, doneAt: Math.max(run.closedAt, thread.closedAt) };
  });
}
