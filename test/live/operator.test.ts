// What an operator sees in Temporal: runs found by attribute, read in words, without a client's data.
import { randomUUID } from 'node:crypto';
import type { WorkflowExecutionInfo } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { searchAttributes, sendWorkflowId, threadWorkflowId } from '../../workflows/messages.js';
import { aPerson, aTemplateSend } from '../rig/people.js';
import { ended, make } from '../rig/sends.js';
import { type Service, startService } from '../rig/service.js';
import { ledgerOf } from '../rig/simulator.js';
import { tellThread } from '../rig/threads.js';
import { until } from '../rig/until.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

/** By an operator's query; visibility lags a little. */
const find = (query: string): Promise<WorkflowExecutionInfo[]> =>
  until(
    () => listed(query),
    ({ length }) => length > 0,
  );

async function listed(query: string): Promise<WorkflowExecutionInfo[]> {
  const found: WorkflowExecutionInfo[] = [];
  for await (const run of service.temporal.workflow.list({ query })) found.push(run);
  return found;
}

it('a failed send is found by client, agent, channel type, state and failure code (E8)', async () => {
  const { clientId } = await aPerson(service, '0002');
  const { sendId } = await make(service, aTemplateSend(clientId));
  await ended(service, sendId);

  const found = await find(
    `ClientId = "${clientId}" AND AgentId = "anna" AND ChannelType = "WHATSAPP" AND SendState = "failed" AND FailureCode = "RECIPIENT_BLOCKED_BUSINESS"`,
  );

  expect(found.map(({ workflowId }) => workflowId)).toEqual([sendWorkflowId(sendId)]);
});

it('a send that waits says for what and until when, and how it was asked for (E8)', async () => {
  const { clientId } = await aPerson(service, '0010');
  const { sendId } = await make(service, aTemplateSend(clientId, { action: { kind: 'ASSIGN_TO_ME' } }));

  const handle = service.temporal.workflow.getHandle(sendWorkflowId(sendId));
  const details = await metadataOf(sendWorkflowId(sendId));
  const { typedSearchAttributes, staticSummary } = await described(sendWorkflowId(sendId));

  expect(details).toMatch(
    /^\*\*awaitingReceipt\*\*: The provider has the message.*\n\nBy itself:\n- receiptTimeout at 20\d\d-/s,
  );
  expect(await staticSummary()).toBe('WHATSAPP TEMPLATE');
  expect(typedSearchAttributes.get(searchAttributes.sendState)).toBe('awaitingReceipt');
  const { events } = await handle.fetchHistory();
  expect(JSON.stringify(events)).toContain(btoa('"text"')); // the dispatch names its part in the timeline
});

it('a thread that waits says when it closes by itself (E8)', async () => {
  const { clientId } = await aPerson(service);
  await make(service, aTemplateSend(clientId, { action: { kind: 'ASSIGN_TO_ME' } }));

  const found = await find(`ClientId = "${clientId}" AND ThreadState = "WAITING"`);

  expect(found.map(({ workflowId }) => workflowId)).toEqual([threadWorkflowId(clientId)]);
  const details = await metadataOf(threadWorkflowId(clientId));
  expect(details).toContain('waitingTimeout at');
  expect(details).toContain('Agent anna has it.');
});

it('a thread is found by who has it, and says with whom it is while nobody has (E8)', async () => {
  await service.operator.putGroup('sales', { name: 'Sales' });
  const { clientId } = await aPerson(service);
  const target = { kind: 'GROUP' as const, id: 'sales' };
  const { threadId } = await make(service, aTemplateSend(clientId, { action: { kind: 'TRANSFER', target } }));

  await find(`ClientId = "${clientId}" AND ThreadState = "UNASSIGNED" AND AgentId IS NULL`);
  expect(await metadataOf(threadWorkflowId(clientId))).toContain('It is with group sales.');
  await tellThread(service, threadId ?? '', 'transfer', { target: { kind: 'EMPLOYEE', id: 'boris' } });
  const found = await find(`ClientId = "${clientId}" AND AgentId = "boris" AND ThreadState = "ASSIGNED"`);

  expect(found.map(({ workflowId }) => workflowId)).toEqual([threadWorkflowId(clientId)]);
});

it('a cancellation request changes nothing: the run ends as its machine says (A23)', async () => {
  const { clientId } = await aPerson(service, '0010');
  const { sendId } = await make(service, aTemplateSend(clientId, { action: { kind: 'ASSIGN_TO_ME' } }));
  const [item] = await ledgerOf(service, (await service.crm.findClient(clientId)).phone ?? '');
  const handle = service.temporal.workflow.getHandle(sendWorkflowId(sendId));

  await handle.cancel();
  await service.temporal.workflow.getHandle(sendWorkflowId(sendId)).query('view');
  const receipt = { requestId: item?.key, messageId: 9, status: 'DELIVERED', statusAt: '2026-11-23T09:14:06Z' };
  await fetch(`${service.api}/webhooks/wa-main`, {
    method: 'POST',
    headers: { 'x-api-key': 'test-webhook-key' },
    body: JSON.stringify(receipt),
  });

  expect(await handle.result()).toMatchObject({ state: 'delivered' });
});

it('no phone, address, name or text of a client is in any history (INV19)', async () => {
  const secrets = { name: `Zdenka-${randomUUID()}`, text: `Text-${randomUUID()}` };
  const { clientId, phone, email } = await aPerson(service, '0003', { name: secrets.name });
  const content = { kind: 'TEXT' as const, text: secrets.text };
  const { sendId } = await make(service, aTemplateSend(clientId, { channelId: 'wa-hint', content }));
  await ended(service, sendId);

  const histories = await Promise.all(
    [sendWorkflowId(sendId), threadWorkflowId(clientId)].map((id) =>
      service.temporal.workflow.getHandle(id).fetchHistory(),
    ),
  );

  const plain = histories.map((history) => textOf(history)).join('\n');
  expect(plain).toContain(sendId);
  for (const secret of [phone, email, secrets.name, secrets.text]) expect(plain).not.toContain(secret);
});

const described = (workflowId: string) => service.temporal.workflow.getHandle(workflowId).describe();

async function metadataOf(workflowId: string): Promise<string> {
  const metadata = await service.temporal.workflow
    .getHandle(workflowId)
    .query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails ?? '';
}

/** All of a history as text, its payloads decoded. */
function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (Array.isArray(value)) return value.map(textOf).join('\n');
  if (typeof value === 'object' && value !== null) return Object.values(value).map(textOf).join('\n');
  return String(value);
}
