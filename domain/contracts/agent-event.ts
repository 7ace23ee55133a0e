// What the stream of `GET /v1/agents/{agentId}/events` tells an agent, each as one Server-Sent Event.
import { z } from 'zod';
import { Failure } from './failure.js';
import { Id, Instant } from './identifier.js';
import { PersonalQueue, Thread } from './thread.js';

/** A message of the agent has failed after its verdict, whatever has become of its thread (R36, E6). */
export const DeliveryFailed = z.object({
  sendId: Id,
  clientId: Id,
  channelId: Id,
  /** Absent for an e-mail, which has no thread. */
  threadId: Id.optional(),
  failure: Failure,
  at: Instant,
});
export type DeliveryFailed = z.infer<typeof DeliveryFailed>;

/** `thread` is one that the agent holds or has just lost. Add events, never rename. */
export const AgentEvent = z.discriminatedUnion('event', [
  z.object({ event: z.literal('queue'), data: PersonalQueue }),
  z.object({ event: z.literal('thread'), data: Thread }),
  z.object({ event: z.literal('deliveryFailed'), data: DeliveryFailed }),
]);
export type AgentEvent = z.infer<typeof AgentEvent>;
