import { Agent, AgentBody, AgentStatusBody } from '../domain/contracts/agent.js';
import type { AgentStore } from '../store/agent.js';
import { inUse, notFound } from './problem.js';
import {
  body,
  Counter,
  json,
  listQuery,
  newRoutes,
  noContent,
  page,
  params,
  problem,
  problems,
  route,
} from './route.js';

export function agentRoutes(agents: AgentStore) {
  const find = async (agentId: string) => {
    const agent = await agents.find(agentId);
    if (agent === undefined) throw notFound('agent', agentId);
    return agent;
  };
  return newRoutes()
    .openapi(
      route('put /v1/agents/{agentId}', {
        summary: 'Create or replace an agent',
        request: { ...params('agentId'), ...body(AgentBody) },
        responses: { 200: { description: 'The agent', ...json(Agent) }, ...problems },
      }),
      async (context) => {
        const { agentId } = context.req.valid('param');
        await agents.put(agentId, context.req.valid('json'));
        return context.json(await find(agentId), 200);
      },
    )
    .openapi(
      route('put /v1/agents/{agentId}/status', {
        summary: "Change an agent's status",
        request: { ...params('agentId'), ...body(AgentStatusBody) },
        responses: { 200: { description: 'The agent', ...json(Agent) }, 404: problem('Unknown agent'), ...problems },
      }),
      async (context) => {
        const { agentId } = context.req.valid('param');
        const { status, reason } = context.req.valid('json');
        if (!(await agents.setStatus(agentId, status, reason))) throw notFound('agent', agentId);
        return context.json(await find(agentId), 200);
      },
    )
    .openapi(
      route('get /v1/agents/{agentId}', {
        summary: 'One agent',
        request: params('agentId'),
        responses: { 200: { description: 'The agent', ...json(Agent) }, 404: problem('Unknown agent'), ...problems },
      }),
      async (context) => context.json(await find(context.req.valid('param').agentId), 200),
    )
    .openapi(
      route('get /v1/agents', {
        summary: 'All agents, newest first',
        request: { query: listQuery(Counter) },
        responses: { 200: { description: 'A page of agents', ...json(page(Agent)) }, ...problems },
      }),
      async (context) => context.json(await agents.list(context.req.valid('query')), 200),
    )
    .openapi(
      route('delete /v1/agents/{agentId}', {
        summary: 'Delete an agent, with their tokens and their own response templates; the history keeps their id',
        request: params('agentId'),
        responses: {
          ...noContent,
          404: problem('Unknown agent'),
          409: problem('The agent holds a thread (IN_USE)'),
          ...problems,
        },
      }),
      async (context) => {
        const { agentId } = context.req.valid('param');
        const removal = await agents.remove(agentId);
        if (removal === 'missing') throw notFound('agent', agentId);
        if (removal !== 'removed') throw inUse(removal.usedBy, 'close or transfer the threads first');
        return context.body(null, 204);
      },
    );
}
