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
    await service.crm.send(aTemplateSend(clientId), `refused-${clientId}`);
    const refused = await service.database
      .selectFrom('sends')
      .select('send_id')
      .where('state', '=', 'refused')
      .executeTakeFirstOrThrow();
    await record('outgoing-send-refused', sendWorkflowId(refused.send_id));
  });
}
