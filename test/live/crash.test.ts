// The worker is killed at every step of a send, and another one takes over: one message in the ledger each time.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aPerson, aTemplateSend } from '../rig/people.js';
import { ended } from '../rig/sends.js';
import { type Service, startService } from '../rig/service.js';
import { ledgerOf } from '../rig/simulator.js';
import { until } from '../rig/until.js';
import { startWorkerProcess } from '../rig/worker-process.js';

let service: Service;
beforeAll(async () => {
  service = await startService({ hasWorker: false });
});
afterAll(() => service.stop());

/** Asked by a caller who keeps asking under the same key, as the contract says. */
async function askUntilAnswered(request: Parameters<Service['crm']['send']>[0]) {
  const key = randomUUID();
  const reply = await until(
    () => service.crm.send(request, key).catch((error: unknown) => ({ outcome: 'away' as const, error })),
    ({ outcome }) => outcome !== 'away',
    60_000,
  );
  if (reply.outcome !== 'made') throw new Error(`not made: ${JSON.stringify(reply)}`);
  return reply.send;
}

const steps = [
  { activity: 'claimThread', window: 'W07: claimed and recorded, not reported' },
  { activity: 'dispatchPart', window: 'W15: answered and recorded, not reported' },
  { activity: 'settleSend', window: 'W19: thread told, not reported' },
  { activity: 'projectThread', window: 'W21: thread written down, not reported' },
];
it.each(steps)(
  'killed after $activity a send is delivered once ($window, INV3)',
  async ({ activity }) => {
    const { clientId, phone } = await aPerson(service);
    const dying = await startWorkerProcess(service, activity);

    const answer = askUntilAnswered(aTemplateSend(clientId));
    await dying.died;
    const heir = await startWorkerProcess(service);
    const { sendId } = await answer;
    const { state } = await ended(service, sendId);

    expect(state).toBe('delivered');
    expect(await ledgerOf(service, phone)).toHaveLength(1);
    const threads = await service.database
      .selectFrom('threads')
      .select('thread_id')
      .where('client_id', '=', clientId)
      .execute();
    expect(threads).toHaveLength(1);
    await heir.kill();
  },
  90_000,
);

it('killed between intent and result a send is delivered once (W13, INV3)', async () => {
  const { clientId, phone } = await aPerson(service, '0005'); // the provider accepts and never answers
  await service.operator.putSettings({ verdictSeconds: 25 });
  const doomed = await startWorkerProcess(service);

  const answer = askUntilAnswered(aTemplateSend(clientId));
  await until(
    () => ledgerOf(service, phone),
    ({ length }) => length === 1,
  );
  await doomed.kill();
  const heir = await startWorkerProcess(service);
  const { sendId } = await answer;
  const { state } = await ended(service, sendId);

  expect(state).toBe('delivered');
  expect(await ledgerOf(service, phone)).toHaveLength(1);
  await heir.kill();
}, 90_000);
