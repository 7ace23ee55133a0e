import { randomUUID } from 'node:crypto';
import type { SendRequest } from '../../client/chat-center.js';
import type { HistoryEntry, HistoryEvent } from '../../domain/contracts/history.js';
import type { Send } from '../../domain/contracts/outgoing-send.js';
import { sendWorkflowId } from '../../workflows/messages.js';
import type { Service } from './service.js';
import { until } from './until.js';

/** A send that no rule forbids, under a key of its own. */
export async function make({ crm }: Service, request: SendRequest): Promise<Send> {
  const reply = await crm.send(request, randomUUID());
  if (reply.outcome === 'refused') throw new Error(`refused: ${JSON.stringify(reply.refusals)}`);
  return reply.send;
}

/** The send once its workflow has ended, and what it ended as. */
export async function ended({ crm, temporal }: Service, sendId: string): Promise<Send & { result: unknown }> {
  const result: unknown = await temporal.workflow.getHandle(sendWorkflowId(sendId)).result();
  return { ...(await crm.findSend(sendId)), result };
}

export const untilStatus = (
  service: Service,
  sendId: string,
  status: Send['delivery']['status'],
  deadline?: number,
): Promise<Send> =>
  until(
    () => service.crm.findSend(sendId),
    (send) => send.delivery.status === status,
    deadline,
  );

type FailureEntry = HistoryEntry & { event: Extract<HistoryEvent, { code: 'DELIVERY_FAILED' }> };

export async function failuresIn({ crm }: Service, clientId: string): Promise<FailureEntry[]> {
  const { items } = await crm.history(clientId);
  return items.filter((entry): entry is FailureEntry => entry.event?.code === 'DELIVERY_FAILED');
}
