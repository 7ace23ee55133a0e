// A thread that opens is told to every open wizard of its client (E2). The wizards here are runs that nobody works on: what
// they were told stands in their histories.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createWizardStore } from '../../store/wizard.js';
import { wizardWorkflowId } from '../../workflows/messages.js';
import { aMail, aPerson, aTemplateSend, type Person } from '../rig/people.js';
import { make } from '../rig/sends.js';
import { type Service, startService } from '../rig/service.js';
import { clientWrites } from '../rig/simulator.js';
import { by, tellThread, untilThread } from '../rig/threads.js';
import { until } from '../rig/until.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

async function startWizard(): Promise<string> {
  const wizardId = randomUUID();
  await service.temporal.workflow.start('sendWizard', {
    workflowId: wizardWorkflowId(wizardId),
    taskQueue: 'nobody',
    args: [],
  });
  return wizardId;
}

/** As a wizard does it: first its row, then the client's thread (design 3.1). */
async function register(wizardId: string, clientId: string): Promise<string | undefined> {
  await createWizardStore(service.database).register({ wizardId, clientId, agentId: 'boris' });
  const { items } = await service.crm.threads({ clientId });
  return items.find(({ state }) => state !== 'CLOSED')?.threadId;
}

async function toldTo(wizardId: string): Promise<{ signal: string; threadId: string }[]> {
  const { events } = await service.temporal.workflow.getHandle(wizardWorkflowId(wizardId)).fetchHistory();
  return (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: one }) => {
    const data = one?.input?.payloads?.[0]?.data;
    if (data === undefined || data === null) return [];
    const { threadId } = JSON.parse(Buffer.from(data).toString()) as { threadId: string };
    return [{ signal: one?.signalName ?? '', threadId }];
  });
}

it('opened by a send or by the client, and closed: every open wizard of that client is told, and no other (LIV10)', async () => {
  const { clientId, phone } = await aPerson(service);
  const stranger = await aPerson(service);
  const wizards = [await startWizard(), await startWizard(), await startWizard()];
  const [mine = '', too = '', others = ''] = wizards;
  await Promise.all([register(mine, clientId), register(too, clientId), register(others, stranger.clientId)]);

  const { threadId } = await make(service, aTemplateSend(clientId, { action: { kind: 'ASSIGN_TO_ME' } }));
  await tellThread(service, threadId ?? '', 'close', {}, by('anna'));
  await make(service, aMail(clientId));
  await clientWrites(service, phone, 'Hello?');
  const { items } = await until(
    () => service.crm.threads({ clientId, state: 'NEW' }),
    (page) => page.items.length === 1,
  );
  const told = await until(
    () => toldTo(mine),
    ({ length }) => length === 3,
  );

  expect(told).toEqual([
    { signal: 'threadOpened', threadId },
    { signal: 'threadClosed', threadId },
    { signal: 'threadOpened', threadId: items[0]?.threadId },
  ]);
  expect(await toldTo(too)).toEqual(told);
  expect(await toldTo(others)).toEqual([]);
});

it('a wizard that has ended holds nobody up', async () => {
  const { clientId } = await aPerson(service);
  const wizardId = await startWizard();
  await register(wizardId, clientId);
  await service.temporal.workflow.getHandle(wizardWorkflowId(wizardId)).terminate('over');

  expect((await make(service, aTemplateSend(clientId))).verdict).toBe('ACCEPTED');
});

/** While it is held, nobody writes a thread's row; reading goes on. */
async function holdRows<T>(work: () => Promise<T>): Promise<T> {
  return service.database.transaction().execute(async (tx) => {
    await sql`lock table threads in share row exclusive mode`.execute(tx);
    return work();
  });
}

const openers = [
  { who: 'a send', open: ({ clientId }: Person) => make(service, aTemplateSend(clientId)) },
  { who: 'the client', open: ({ phone }: Person) => clientWrites(service, phone, 'Hello?') },
];
it.each(openers)(
  'a wizard that registers before the row of a thread opened by $who is written, and does not see it, is told (LIV10)',
  async ({ open }) => {
    const person = await aPerson(service);
    const wizardId = await startWizard();

    const [seen, opening] = await holdRows(async () => {
      const under = open(person);
      await until(isSomebodyWaiting, (waits) => waits);
      return [await register(wizardId, person.clientId), under] as const;
    });
    await opening;

    expect(seen).toBeUndefined();
    const told = await until(
      () => toldTo(wizardId),
      ({ length }) => length > 0,
    );
    expect(told[0]?.signal).toBe('threadOpened');
  },
);

async function isSomebodyWaiting(): Promise<boolean> {
  const { rows } = await sql`
    select 1 from pg_locks where relation = 'threads'::regclass and not granted`.execute(service.database);
  return rows.length > 0;
}

it('a wizard that begins while a thread opens sees it or is told of it: 200 times, none misses it (LIV10)', async () => {
  const ways = { saw: 0, told: 0, both: 0 };
  const opening = await timeOfOpening();
  for (let round = 0; round < 25; round += 1) await Promise.all(Array.from({ length: 8 }, beginBoth));
  console.log(ways);
  expect(Math.min(ways.told, ways.saw)).toBeGreaterThan(5);

  async function beginBoth(_: unknown, index: number): Promise<void> {
    const wizardId = await startWizard();
    const { clientId, phone } = await aPerson(service);
    const opens =
      index % 2 === 0
        ? make(service, aTemplateSend(clientId, { action: { kind: 'ASSIGN_TO_ME' } }))
        : clientWrites(service, phone, 'Hello?');
    // Spread over the time that an opening takes and a little longer: an offset, not a wait for something.
    const offset = new Promise((resolve) => setTimeout(resolve, (index / 4) * opening));
    const [seen] = await Promise.all([offset.then(() => register(wizardId, clientId)), opens]);
    const threadId = await until(
      async () => (await service.crm.threads({ clientId })).items[0]?.threadId,
      (one) => one !== undefined,
    );
    await untilThread(service, threadId ?? '', ({ state }) => state !== 'OPENING');
    const told = await until(
      () => toldTo(wizardId),
      (all) => all.length > 0 || seen !== undefined,
    );
    ways[seen === undefined ? 'told' : told.length === 0 ? 'saw' : 'both'] += 1;
    await service.temporal.workflow.getHandle(wizardWorkflowId(wizardId)).terminate('over');
  }
}, 120_000);

/** How long eight openings at once take here and now, in ms. */
async function timeOfOpening(): Promise<number> {
  const begunAt = performance.now();
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      const { clientId } = await aPerson(service);
      await make(service, aTemplateSend(clientId, { action: { kind: 'ASSIGN_TO_ME' } }));
    }),
  );
  return performance.now() - begunAt;
}
