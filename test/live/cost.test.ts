// What a send costs Temporal, counted from its history: exact on every machine.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sendWorkflowId, threadWorkflowId } from '../../workflows/messages.js';
import { tell } from '../../scripts/simulator.js';
import { aMail, aPerson, aTemplateSend } from '../rig/people.js';
import { ended, make } from '../rig/sends.js';
import { type Service, startService } from '../rig/service.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
  // A provider at the pace of a real one, so that the thread's first task is over before the answer comes.
  await tell(service.simulator, 'PUT', '/_faults', {
    latencyMs: 200,
    receiptDelaysMs: { sent: 300, delivered: 500, read: 800 },
  });
});
afterAll(() => service.stop());

const eventsOf = async (workflowId: string): Promise<string[]> => {
  const { events } = await service.temporal.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).map(({ eventType }) => String(eventType));
};
const WORKFLOW_TASK_COMPLETED = '7'; // EVENT_TYPE_WORKFLOW_TASK_COMPLETED

it('accepted, delivered and closed, a send costs 24 events in 3 tasks and its thread 11 events', async () => {
  const { clientId } = await aPerson(service);

  const { sendId } = await make(service, aTemplateSend(clientId));
  await ended(service, sendId);
  await service.temporal.workflow.getHandle(threadWorkflowId(clientId)).result();

  const send = await eventsOf(sendWorkflowId(sendId));
  expect(send).toHaveLength(24);
  expect(send.filter((type) => type === WORKFLOW_TASK_COMPLETED)).toHaveLength(3);
  expect(await eventsOf(threadWorkflowId(clientId))).toHaveLength(11);
});

it('an e-mail costs 18 events in 2 tasks and no thread', async () => {
  const { clientId } = await aPerson(service);

  const { sendId } = await make(service, aMail(clientId));
  await ended(service, sendId);

  const send = await eventsOf(sendWorkflowId(sendId));
  expect({ events: send.length, tasks: send.filter((type) => type === WORKFLOW_TASK_COMPLETED).length }).toEqual({
    events: 18,
    tasks: 2,
  });
});

it('a text with a file costs 31 events in 4 tasks (A33)', async () => {
  const { clientId } = await aPerson(service);
  const file = await service.crm.upload('offer.txt', new Uint8Array(Buffer.from('offer')));

  const { sendId } = await make(service, {
    ...aTemplateSend(clientId, { channelId: 'viber-main', attachmentIds: [file.attachmentId] }),
    content: { kind: 'TEXT', text: 'Our offer' },
  });
  await ended(service, sendId);

  const send = await eventsOf(sendWorkflowId(sendId));
  expect({ events: send.length, tasks: send.filter((type) => type === WORKFLOW_TASK_COMPLETED).length }).toEqual({
    events: 31,
    tasks: 4,
  });
});
