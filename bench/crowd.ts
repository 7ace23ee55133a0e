// A crowd at one client: 1,000 sends at once, of which one can win, and what everybody else feels of it (LIV6, F53).
import { randomUUID } from 'node:crypto';
import type { ChatCenter, SendReply } from '../client/index.js';
import { now } from './closed-loop.js';
import { makeClients } from './directory.js';
import { MESSAGE } from './full-send.js';
import type { Site } from './site.js';
import { median, percentile } from './statistics.js';

export const CROWD = 1_000;
const USUAL = 60; // sends of others, one after another, before and during
const ROUNDS = 3;

/** In ms, but for the counts. */
export interface CrowdLine {
  winners: number;
  toldTheHolder: number;
  /** Until the last of the crowd is answered. */
  lasted: number;
  /** A send to another client, from request to verdict. */
  usual: { p50: number; p95: number };
  during: { p50: number; p95: number };
}

export async function measureCrowd({ crm, database }: Pick<Site, 'crm' | 'database'>): Promise<CrowdLine> {
  const usual: number[] = [];
  const during: number[] = [];
  const counts = { winners: 0, toldTheHolder: 0, lasted: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    usual.push(...(await othersSend(crm, await makeClients(database, USUAL), () => true)));
    const [crowded = '', ...others] = await makeClients(database, USUAL + 1);
    let isOver = false;
    const begunAt = now();
    const crowd = Promise.all(Array.from({ length: CROWD }, () => send(crm, crowded))).finally(() => {
      isOver = true;
    });
    during.push(...(await othersSend(crm, others, () => !isOver)));
    const replies = await crowd;
    counts.lasted = Math.max(counts.lasted, now() - begunAt);
    counts.winners += replies.filter(({ outcome }) => outcome === 'made').length / ROUNDS;
    counts.toldTheHolder += replies.filter(isTold).length / ROUNDS;
  }
  return { ...counts, usual: spreadOf(usual), during: spreadOf(during) };
}

const isTold = (reply: SendReply): boolean =>
  reply.outcome === 'refused' && reply.refusals.some(({ code }) => code === 'THREAD_ACTIVE');

const spreadOf = (values: number[]) => ({ p50: median(values), p95: percentile(values, 0.95) });

const send = (crm: ChatCenter, clientId: string): Promise<SendReply> =>
  crm.send({ ...MESSAGE, action: { kind: 'ASSIGN_TO_ME' }, clientId }, randomUUID());

/** One after another, as long as it goes on. */
async function othersSend(crm: ChatCenter, clientIds: string[], goesOn: () => boolean): Promise<number[]> {
  const times: number[] = [];
  for (const clientId of clientIds) {
    if (!goesOn()) break;
    const begunAt = now();
    await send(crm, clientId);
    times.push(now() - begunAt);
  }
  return times;
}
