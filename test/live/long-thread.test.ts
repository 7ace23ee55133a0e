// A thread that outlives the limits of one run goes on in the next one, with nothing lost. The server is told to suggest
// that early.
import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { registerSearchAttributes } from '../../scripts/search-attributes.js';
import { freePorts, startTemporal } from '../../scripts/servers/index.js';
import { threadWorkflowId } from '../../workflows/messages.js';
import { type Service, startService } from '../rig/service.js';
import { clientWrites } from '../rig/simulator.js';
import { by, tellThread, untilThread, writing, written } from '../rig/threads.js';
import { until } from '../rig/until.js';

let temporal: Awaited<ReturnType<typeof startTemporal>>;
let service: Service;
beforeAll(async () => {
  const [port = 0] = await freePorts(1);
  temporal = await startTemporal({
    port,
    log: () => {},
    settings: { 'limit.historyCount.suggestContinueAsNew': 30 },
  });
  const connection = await Connection.connect({ address: temporal.address });
  await registerSearchAttributes(connection, 'default');
  await connection.close();
  service = await startService({ temporalAddress: temporal.address });
});
afterAll(async () => {
  await service?.stop();
  await temporal?.stop();
});

const runIdOf = async (clientId: string) =>
  (await service.temporal.workflow.getHandle(threadWorkflowId(clientId)).describe()).runId;

it('100 messages and ten answers in one thread: over several runs none is lost, doubled or out of order (INV10)', async () => {
  const { threadId, clientId, phone } = await writing(service, 'message 0');
  const first = await runIdOf(clientId);
  await tellThread(service, threadId, 'take', {}, by('anna'));
  await tellThread(service, threadId, 'open', {}, by('anna'));
  for (let index = 1; index < 100; index += 1) {
    await clientWrites(service, phone, `message ${index}`);
    if (index % 10 !== 0) continue;
    const answered = await tellThread(
      service,
      threadId,
      'messages',
      { content: { kind: 'TEXT', text: `answer ${index}` } },
      by('anna'),
    );
    expect(answered.status).toBe(201);
  }

  const texts = async () => {
    const entries = [];
    for (let after: string | undefined; ; ) {
      const { items, next } = await service.crm.history(clientId, after);
      entries.push(...items);
      if (next === null) return entries.toReversed();
      after = next;
    }
  };
  const all = await until(texts, (entries) => entries.filter(({ threadId: of }) => of === threadId).length === 109);

  expect(await runIdOf(clientId)).not.toBe(first);
  const received = all.filter(({ direction }) => direction === 'IN').map(({ text }) => text);
  expect(received).toEqual(Array.from({ length: 100 }, (_, index) => `message ${index}`));
  expect((await service.crm.threads({ clientId })).items).toHaveLength(1);
  expect(await tellThread(service, threadId, 'close', {}, by('anna'))).toMatchObject({
    status: 200,
    body: { state: 'CLOSED' },
  });
}, 120_000);

it('a claim is known by its own run also from a later one: an answer and the timer of silence go on (INV5)', async () => {
  const { threadId, clientId, phone } = await written(service, { kind: 'ASSIGN_TO_ME' });
  const first = await runIdOf(clientId);
  for (let index = 0; index < 12; index += 1) {
    await clientWrites(service, phone, `message ${index}`);
    await untilThread(service, threadId, ({ state }) => state === 'ANSWER_NEEDED');
    await tellThread(service, threadId, 'messages', { content: { kind: 'TEXT', text: `answer ${index}` } }, by('anna'));
  }
  const before = await service.crm.findThread(threadId);

  expect(await runIdOf(clientId)).not.toBe(first);
  expect(before).toMatchObject({ state: 'WAITING', agentId: 'anna' });
  const [timer = 0] = await timersOf(clientId);
  expect(Math.abs(timer - Date.parse(before.closesAt ?? ''))).toBeLessThan(5_000);
  const other = await service.crm.send(
    {
      agentId: 'boris',
      clientId,
      channelId: 'wa-main',
      content: { kind: 'TEXT', text: 'x' },
      action: { kind: 'CLOSE' },
    },
    `other-${clientId}`,
  );
  expect(other).toMatchObject({ outcome: 'refused' });
  expect(other.outcome === 'refused' && other.refusals.find(({ code }) => code === 'THREAD_ACTIVE')).toMatchObject({
    holder: { threadId, agentId: 'anna', state: 'WAITING', opener: 'AGENT' },
  });
}, 120_000);

/** When the run's current details say that it closes by itself. */
async function timersOf(clientId: string): Promise<number[]> {
  const { currentDetails = '' } = await service.temporal.workflow
    .getHandle(threadWorkflowId(clientId))
    .query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return [...currentDetails.matchAll(/waitingTimeout at (\S+)/g)].map(([, at = '']) => Date.parse(at));
}
