// The rows of threads are a projection: what they miss or say wrongly is found and mended from the runs (F71, LIV2).
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compareThreads, type Difference, repairThread } from '../../activities/thread-repair.js';
import { createThreadRows } from '../../store/thread-row.js';
import { threadWorkflowId } from '../../workflows/messages.js';
import { aPerson, aTemplateSend } from '../rig/people.js';
import { make } from '../rig/sends.js';
import { type Service, startService } from '../rig/service.js';
import { until } from '../rig/until.js';

let service: Service;
let ports: Parameters<typeof compareThreads>[0];
beforeAll(async () => {
  service = await startService();
  ports = { rows: createThreadRows(service.database), workflows: service.temporal.workflow };
});
afterAll(() => service.stop());

async function waiting(): Promise<{ clientId: string; threadId: string }> {
  const { clientId } = await aPerson(service);
  const { threadId } = await make(service, aTemplateSend(clientId, { action: { kind: 'ASSIGN_TO_ME' } }));
  return { clientId, threadId: threadId ?? '' };
}

/** Other files' threads run on the same server; the list of runs lags a little. */
const differencesOf = async (clientId: string): Promise<Difference[]> =>
  (await compareThreads(ports, 0, true)).filter((difference) => difference.clientId === clientId);
const found = (clientId: string) =>
  until(
    () => differencesOf(clientId),
    ({ length }) => length > 0,
  );

it('a row that agrees with its run is no difference', async () => {
  const { clientId } = await waiting();

  expect(await differencesOf(clientId)).toEqual([]);
});

it('the row of a run that was ended by hand is closed, and the history says so; the client can be written to again', async () => {
  const { clientId, threadId } = await waiting();
  await service.temporal.workflow.getHandle(threadWorkflowId(clientId)).terminate('by hand');

  const [difference] = await found(clientId);
  expect(difference).toMatchObject({ kind: 'ROW_WITHOUT_RUN', threadId, row: { state: 'WAITING', agentId: 'anna' } });
  if (difference !== undefined) await repairThread(ports, difference);

  expect(await differencesOf(clientId)).toEqual([]);
  expect(await service.crm.findThread(threadId)).toMatchObject({
    state: 'CLOSED',
    closeReason: 'EXTERNAL_CALL_FORCED_CLOSURE',
  });
  const { items } = await service.crm.history(clientId);
  expect(items[0]?.event).toEqual({ code: 'THREAD_CLOSED', closeReason: 'EXTERNAL_CALL_FORCED_CLOSURE' });
  expect((await make(service, aTemplateSend(clientId))).verdict).toBe('ACCEPTED');
});

it('a run without a row is written down anew', async () => {
  const { clientId, threadId } = await waiting();
  const before = await service.crm.findThread(threadId);
  await service.database.updateTable('sends').set({ thread_id: null }).where('client_id', '=', clientId).execute();
  await service.database.deleteFrom('threads').where('thread_id', '=', threadId).execute();

  const [difference] = await found(clientId);
  expect(difference).toMatchObject({ kind: 'RUN_WITHOUT_ROW', threadId });
  if (difference !== undefined) await repairThread(ports, difference);

  const after = await until(
    () => service.crm.findThread(threadId).catch(() => undefined),
    (thread) => thread !== undefined,
  );
  expect(after).toEqual({ ...before, openedAt: after?.openedAt });
  expect(await differencesOf(clientId)).toEqual([]);
});

it('a row that says something else follows the run again, however new it pretends to be (W21)', async () => {
  const { clientId, threadId } = await waiting();
  const before = await service.crm.findThread(threadId);
  await service.database
    .updateTable('threads')
    .set({ state: 'ASSIGNED', agent_id: 'boris', version: 70 })
    .where('thread_id', '=', threadId)
    .execute();

  const [difference] = await found(clientId);
  expect(difference).toMatchObject({
    kind: 'ROW_DIFFERS',
    row: { state: 'ASSIGNED', agentId: 'boris' },
    run: { state: 'WAITING', agentId: 'anna' },
  });
  if (difference !== undefined) await repairThread(ports, difference);

  await until(
    () => differencesOf(clientId),
    ({ length }) => length === 0,
  );
  expect(await service.crm.findThread(threadId)).toEqual(before);
});
