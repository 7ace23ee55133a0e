// Histories of earlier code, replayed on this one: what runs today must still be able to go on after a deployment.
// New ones are recorded with `RECORD_HISTORIES=1 npm test -- test/live/history.test.ts`, when a way through is added.
import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { DeterminismViolationError } from '@temporalio/workflow';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { sendWorkflowId, threadWorkflowId } from '../../workflows/messages.js';
import { aMail, aPerson, aTemplateSend } from '../rig/people.js';
import { ended, make } from '../rig/sends.js';
import { type Service, startService } from '../rig/service.js';
import { clientWrites } from '../rig/simulator.js';
import { by, tellThread, untilThread, writing, written } from '../rig/threads.js';
import { until } from '../rig/until.js';

const FOLDER = new URL('../histories/', import.meta.url);
const read = async (file: string) => historyFromJSON(JSON.parse(await readFile(new URL(file, FOLDER), 'utf8')));
const replay = (history: Awaited<ReturnType<typeof read>>) =>
  Worker.runReplayHistory({ workflowBundle: { codePath: inject('bundle') } }, history);

it.each(readdirSync(FOLDER).filter((file) => file.endsWith('.json')))(
  '%s replays on the current code (INV17)',
  async (file) => {
    await expect(replay(await read(file))).resolves.toBeUndefined();
  },
);

it('a history in another order is refused, so that the replays above mean something', async () => {
  const history = await read('outgoing-send-delivered.json');
  const scheduled = history.events?.find(({ activityTaskScheduledEventAttributes: attributes }) => attributes);
  const { activityType } = scheduled?.activityTaskScheduledEventAttributes ?? {};
  if (activityType) activityType.name = 'somethingElse';

  await expect(replay(history)).rejects.toThrow(DeterminismViolationError);
});

if (process.env['RECORD_HISTORIES'] !== undefined) {
  let service: Service;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.stop());

  const record = async (name: string, workflowId: string) => {
    const history = await service.temporal.workflow.getHandle(workflowId).fetchHistory();
    await writeFile(new URL(`${name}.json`, FOLDER), `${historyToJSON(history).replaceAll(hostname(), 'host')}\n`);
  };

  const ways = [
    { name: 'delivered', ending: '1234' },
    { name: 'failed-late', ending: '0001' },
    { name: 'rejected', ending: '0004' },
    { name: 'repeated', ending: '0007' },
  ];
  it.each(ways)('records a send that is $name, and its thread', async ({ name, ending }) => {
    const { clientId } = await aPerson(service, ending);
    const { sendId } = await make(service, aTemplateSend(clientId));
    await ended(service, sendId);
    await service.temporal.workflow.getHandle(threadWorkflowId(clientId)).result();
    await record(`outgoing-send-${name}`, sendWorkflowId(sendId));
    await record(`thread-${name}`, threadWorkflowId(clientId));
  });

  it('records a send in parts', async () => {
    const { clientId } = await aPerson(service);
    const file = await service.crm.upload('offer.txt', new Uint8Array(Buffer.from('offer')));
    const { sendId } = await make(service, {
      ...aTemplateSend(clientId, { channelId: 'viber-main' }),
      content: { kind: 'TEXT', text: 'Our offer' },
      attachmentIds: [file.attachmentId],
    });
    await ended(service, sendId);
    await record('outgoing-send-parts', sendWorkflowId(sendId));
  });

  it('records a thread that is handed over, taken, answered and closed, and the answer', async () => {
    await service.operator.putGroup('sales', { name: 'Sales' });
    const { threadId, clientId, phone } = await writing(service);
    const anna = by('anna');
    const target = { kind: 'GROUP', id: 'sales' };
    await tellThread(service, threadId, 'transfer', { target, comment: 'yours?' });
    await tellThread(service, threadId, 'take', {}, { role: 'supervisor', agentId: 'boris' });
    await tellThread(service, threadId, 'transfer', { target: { kind: 'EMPLOYEE', id: 'anna' } }, by('boris'));
    await tellThread(service, threadId, 'open', {}, anna);
    const { body } = await tellThread(service, threadId, 'messages', { content: { kind: 'TEXT', text: 'Hi' } }, anna);
    await clientWrites(service, phone, 'Thanks');
    await untilThread(service, threadId, ({ state }) => state === 'ANSWER_NEEDED');
    await tellThread(service, threadId, 'close', { reason: 'solved' }, anna);
    await ended(service, String(body['sendId']));
    await record('outgoing-send-reply', sendWorkflowId(String(body['sendId'])));
    await record('thread-conversation', threadWorkflowId(clientId));
  });

  it('records a thread that closes after silence, and one whose target has vanished', async () => {
    await service.operator.putSettings({ outgoingWaitingTimeoutSeconds: 1 });
    const silent = await written(service, { kind: 'ASSIGN_TO_ME' });
    await untilThread(service, silent.threadId, ({ state }) => state === 'CLOSED');
    await record('thread-timeout', threadWorkflowId(silent.clientId));
    await service.operator.putBot('gone', { name: 'Gone', url: 'http://127.0.0.1:9/', enabled: true });
    const target = { kind: 'BOT' as const, id: 'gone' };
    const left = await written(service, { kind: 'TRANSFER', target });
    await service.operator.putBot('gone', { name: 'Gone', url: 'http://127.0.0.1:9/', enabled: false });
    await untilThread(service, left.threadId, ({ state }) => state === 'CLOSED');
    await record('thread-vanished', threadWorkflowId(left.clientId));
  });

  it('records a refused send, an e-mail, and a thread in which the client writes', async () => {
    const { clientId, phone } = await aPerson(service);
    await clientWrites(service, phone, 'Hello');
    await until(
      () => service.crm.history(clientId),
      ({ items }) => items.some(({ threadId }) => threadId !== undefined),
    );
    const { sendId } = await make(service, aMail(clientId));
    await ended(service, sendId);
    await record('outgoing-send-mail', sendWorkflowId(sendId));
    await record('thread-client-wrote', threadWorkflowId(clientId));
    const rest = { name: 'Away', login: 'away', groupIds: [], skillIds: [] };
    await service.operator.putAgent('away', { ...rest, status: 'OFFLINE' });
    const other = await aPerson(service);
    await service.crm.send(aTemplateSend(other.clientId, { agentId: 'away' }), `refused-${clientId}`);
    const refused = await service.database
      .selectFrom('sends')
      .select('send_id')
      .where('state', '=', 'refused')
      .executeTakeFirstOrThrow();
    await record('outgoing-send-refused', sendWorkflowId(refused.send_id));
  });
}
