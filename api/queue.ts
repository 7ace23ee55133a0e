// Queues: an agent's own, and those of groups, skills and departments (contract, section 6).
import { z } from 'zod';
import { Id } from '../domain/contracts/identifier.js';
import { PersonalQueue, QueueKind, Thread } from '../domain/contracts/thread.js';
import { belongsTo } from '../domain/thread-command.js';
import type { AgentStore } from '../store/agent.js';
import { QUEUE_CURSOR, type ThreadStore } from '../store/thread.js';
import type { Bearer } from '../store/token.js';
import type { TransferStore } from '../store/transfer.js';
import { notFound, ProblemError } from './problem.js';
import { eyesOf, json, listQuery, mayAskAbout, newRoutes, page, params, problem, problems, route } from './route.js';

export interface QueueRouteParts {
  agents: Pick<AgentStore, 'find'>;
  threads: Pick<ThreadStore, 'personalQueue' | 'queue'>;
  transfers: TransferStore;
}

const cursor = z.string().regex(QUEUE_CURSOR, 'must be a cursor of this list');

export function queueRoutes({ agents, threads, transfers }: QueueRouteParts) {
  /** An agent's token reads the queues that the agent takes from (INV23). */
  const mayRead = async (bearer: Bearer, queue: { kind: QueueKind; id: string }) => {
    const eyes = eyesOf(bearer);
    if (eyes === undefined) return;
    const agent = await agents.find(eyes);
    if (agent === undefined || !belongsTo(queue, agent))
      throw new ProblemError('FORBIDDEN', `this token's agent does not belong to the ${queue.kind.toLowerCase()}`);
  };
  return newRoutes()
    .openapi(
      route('get /v1/agents/{agentId}/queue', {
        summary: 'A personal queue: waiting for the agent, oldest first; waiting for the client, newest first',
        request: params('agentId'),
        responses: {
          200: { description: 'The queue', ...json(PersonalQueue) },
          404: problem('Unknown agent'),
          ...problems,
        },
      }),
      async (context) => {
        const { agentId } = context.req.valid('param');
        mayAskAbout(context.var.bearer, agentId);
        if ((await agents.find(agentId)) === undefined) throw notFound('agent', agentId);
        return context.json(await threads.personalQueue(agentId), 200);
      },
    )
    .openapi(
      route('get /v1/queues/{kind}/{id}', {
        summary: 'The queue of a group, a skill or a department, longest waiting first',
        request: { params: z.object({ kind: QueueKind, id: Id }), query: listQuery(cursor) },
        responses: {
          200: { description: 'A page of threads that nobody has taken', ...json(page(Thread)) },
          404: problem('Unknown group, skill or department'),
          ...problems,
        },
      }),
      async (context) => {
        const queue = context.req.valid('param');
        if (!(await transfers.isKnown(queue))) throw notFound(queue.kind.toLowerCase(), queue.id);
        await mayRead(context.var.bearer, queue);
        return context.json(await threads.queue(queue, context.req.valid('query')), 200);
      },
    );
}
