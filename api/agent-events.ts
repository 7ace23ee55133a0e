// The stream of an agent: their queue, their threads, the failures of their messages (contract, section 6).
import { z } from 'zod';
import type { AgentEvent } from '../domain/contracts/agent-event.js';
import type { AgentStore } from '../store/agent.js';
import type { DeliveryFailureStore } from '../store/delivery-failure.js';
import type { AgentNews, News } from '../store/news.js';
import type { ThreadStore } from '../store/thread.js';
import type { Logger } from 'pino';
import { eventStream, type Put, type Source } from './event-stream.js';
import { notFound } from './problem.js';
import { Counter, mayAskAbout, newRoutes, params, problem, problems, route } from './route.js';

export interface AgentEventParts {
  agents: Pick<AgentStore, 'find'>;
  threads: Pick<ThreadStore, 'find' | 'personalQueue'>;
  failures: DeliveryFailureStore;
  news: Pick<News, 'watch'>;
  log: Logger;
}

export const agentEventRoutes = (parts: AgentEventParts) =>
  newRoutes().openapi(
    route('get /v1/agents/{agentId}/events', {
      summary: 'What changes for an agent, as Server-Sent Events',
      description:
        'At once and after each change `queue`, the whole personal queue; `thread`, one that the agent holds or has just lost; ' +
        '`deliveryFailed`, a message of the agent that has failed after its verdict. With the `id` of the last event that ' +
        'was seen as `Last-Event-ID` the failures since then are told.',
      request: { ...params('agentId'), headers: z.object({ 'last-event-id': Counter.optional() }) },
      responses: {
        200: { description: 'The stream', content: { 'text/event-stream': { schema: z.string() } } },
        404: problem('Unknown agent'),
        ...problems,
      },
    }),
    async (context) => {
      const { agentId } = context.req.valid('param');
      mayAskAbout(context.var.bearer, agentId);
      if ((await parts.agents.find(agentId)) === undefined) throw notFound('agent', agentId);
      const last = await parts.failures.lastOf(agentId);
      const seen = Number(context.req.valid('header')['last-event-id'] ?? last);
      return eventStream(context, agentSource(parts, agentId, Math.min(seen, last)), parts.log);
    },
  );

/** What is yet to be told: it grows with the threads that change, not with how often they do. */
interface Due {
  queue: boolean;
  failures: boolean;
  threadIds: Set<string>;
}
const nothing = (): Due => ({ queue: false, failures: false, threadIds: new Set() });
const PAGE = 100;

/** @param seen the place of the last failure that the agent knows of; each event carries it as its id */
function agentSource({ threads, failures, news }: AgentEventParts, agentId: string, seen: number): Source {
  let due: Due = { ...nothing(), queue: true, failures: true };
  let told = seen;

  const note = (one: Exclude<AgentNews, { kind: 'end' }>) => {
    switch (one.kind) {
      case 'thread':
        due.threadIds.add(one.threadId);
        due.queue = true;
        return;
      case 'deliveryFailed':
        due.failures = true;
        return;
      case 'anything':
        due.queue = true;
        due.failures = true;
    }
  };

  const say = (put: Put, { event, data }: AgentEvent) => put({ event, data: JSON.stringify(data), id: String(told) });

  const tellFailures = async (put: Put) => {
    for (;;) {
      const page = await failures.since(agentId, told, PAGE);
      for (const { position, failed } of page) {
        told = position;
        await say(put, { event: 'deliveryFailed', data: failed });
      }
      if (page.length < PAGE) return;
    }
  };

  const tellAll = async (put: Put, { queue, threadIds, failures: haveFailed }: Due) => {
    if (queue) await say(put, { event: 'queue', data: await threads.personalQueue(agentId) });
    for (const threadId of threadIds) {
      const thread = await threads.find(threadId);
      if (thread !== undefined) await say(put, { event: 'thread', data: thread });
    }
    if (haveFailed) await tellFailures(put);
  };

  return {
    watch: (ring, end) =>
      news.watch(agentId, (one) => {
        if (one.kind === 'end') return end();
        note(one);
        ring();
      }),

    async tell(put) {
      const now = due;
      due = nothing();
      try {
        await tellAll(put, now);
      } catch (error) {
        const { queue, failures: haveFailed, threadIds } = due;
        due = {
          queue: queue || now.queue,
          failures: haveFailed || now.failures,
          threadIds: new Set([...now.threadIds, ...threadIds]),
        };
        throw error;
      }
      return now.queue || now.failures || now.threadIds.size > 0;
    },
  };
}
