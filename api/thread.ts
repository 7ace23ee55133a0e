// Threads and what agents and systems do with them (contract, section 6).
import { randomUUID } from 'node:crypto';
import type { Context } from 'hono';
import { z } from 'zod';
import { Id } from '../domain/contracts/identifier.js';
import { ReplyBody, Send } from '../domain/contracts/outgoing-send.js';
import { ActingBody, EndingBody, Thread, ThreadState, TransferBody } from '../domain/contracts/thread.js';
import type { AgentStore } from '../store/agent.js';
import type { ThreadStore } from '../store/thread.js';
import { deriveId } from '../store/identity.js';
import { type Once, optionalKey } from './once.js';
import type { SendDesk } from './send-desk.js';
import {
  type ApiVariables,
  body,
  Counter,
  eyesOf,
  json,
  listQuery,
  newRoutes,
  page,
  params,
  problem,
  problems,
  route,
} from './route.js';
import type { ThreadDesk } from './thread-desk.js';

export interface ThreadRouteParts {
  threads: Pick<ThreadStore, 'list'>;
  agents: Pick<AgentStore, 'find'>;
  desk: ThreadDesk;
  sends: SendDesk;
  once: Once;
}

const unknown = problem('Unknown thread or agent');
const refused = problem('The thread does not take it now, or not from this agent; the reason as code');
const commanded = {
  200: { description: 'The thread as it is now', ...json(Thread) },
  404: unknown,
  409: refused,
  ...problems,
};

export const threadRoutes = (parts: ThreadRouteParts) =>
  newRoutes().route('/', readRoutes(parts)).route('/', commandRoutes(parts)).route('/', replyRoutes(parts));

const readRoutes = ({ threads, agents, desk }: ThreadRouteParts) =>
  newRoutes()
    .openapi(
      route('get /v1/threads/{threadId}', {
        summary: 'One thread',
        request: params('threadId'),
        responses: { 200: { description: 'The thread', ...json(Thread) }, 404: problem('Unknown thread'), ...problems },
      }),
      async (context) => context.json(await desk.find(context.req.valid('param').threadId), 200),
    )
    .openapi(
      route('get /v1/threads', {
        summary:
          'Threads, newest first; to an agent’s token those of one client, or else those that it has or may take',
        request: { query: listQuery(Counter).extend({ clientId: Id.optional(), state: ThreadState.optional() }) },
        responses: { 200: { description: 'A page of threads', ...json(page(Thread)) }, ...problems },
      }),
      async (context) => {
        const { limit, after, ...filter } = context.req.valid('query');
        const eyes = filter.clientId === undefined ? eyesOf(context.var.bearer) : undefined;
        const agent = eyes === undefined ? undefined : await agents.find(eyes);
        return context.json(await threads.list({ ...filter, for: agent }, { limit, after }), 200);
      },
    );

type Command = 'take' | 'open' | 'transfer' | 'close' | 'block';

function commandRoutes({ desk, once }: ThreadRouteParts) {
  const routes = newRoutes();
  const declare = <B extends z.ZodType<{ agentId?: string | undefined }>>(
    name: Command,
    summary: string,
    schema: B,
    wishOf: (given: z.infer<B>) => Parameters<ThreadDesk['command']>[3],
  ) =>
    routes.openapi(
      route(`post /v1/threads/{threadId}/${name}`, {
        summary,
        request: { ...params('threadId'), ...optionalKey, ...body(schema) },
        responses: commanded,
      }),
      async (context) => {
        // The validators' types are lost with a schema that is a parameter; they have run all the same.
        const { threadId } = context.req.valid('param' as never) as { threadId: string };
        const given = context.req.valid('json' as never) as z.infer<B>;
        const actor = await desk.actorOf(context.var.bearer, given.agentId);
        const { answer } = await once(context, `POST /v1/threads/${threadId}/${name}`, given, async () => ({
          status: 200 as const,
          answer: await desk.command(threadId, commandIdOf(context), actor, wishOf(given)),
        }));
        return context.json(answer, 200);
      },
    );
  declare('take', 'Take a thread that nobody holds', ActingBody, () => ({ type: 'agent.took' }));
  declare('open', 'Open a thread of one’s own queue', ActingBody, () => ({ type: 'agent.opened' }));
  declare('transfer', 'Hand a thread to an employee, group, skill, department or bot', TransferBody, (given) => ({
    type: 'agent.transferred',
    target: given.target,
    comment: given.comment,
  }));
  declare('close', 'Close a thread', EndingBody, ({ reason }) => ({ type: 'agent.closed', comment: reason }));
  declare('block', 'Block the client on the channel of the thread, and close it', EndingBody, ({ reason }) => ({
    type: 'agent.blocked',
    comment: reason,
  }));
  return routes;
}

/** A command that is asked again under its key is the same command, whatever became of the first answer (INV12). */
function commandIdOf(context: Context<ApiVariables>): string {
  const key = context.req.header('idempotency-key');
  return key === undefined ? randomUUID() : deriveId(context.var.bearer.tokenId, key);
}

const replyRoutes = ({ desk, sends }: ThreadRouteParts) =>
  newRoutes().openapi(
    route('post /v1/threads/{threadId}/messages', {
      summary: 'Answer in a thread; a backend system without `agentId` speaks for the bot that has it',
      request: { ...params('threadId'), ...optionalKey, ...body(ReplyBody) },
      responses: {
        201: { description: 'The send; a rejected one is an attempt that exists too', ...json(Send) },
        404: problem('Unknown thread, agent or attachment'),
        409: refused,
        ...problems,
      },
    }),
    async (context) => {
      const { bearer, requestId } = context.var;
      const { agentId, ...given } = context.req.valid('json');
      const thread = await desk.find(context.req.valid('param').threadId);
      const actor = await desk.actorOf(bearer, agentId);
      const key = context.req.valid('header')['idempotency-key'] ?? randomUUID();
      const reply = await sends.reply({ bearer, key, requestId, thread, body: given, actor });
      if (reply.isReplay) context.header('idempotency-replayed', 'true');
      return reply.respond(context) as never;
    },
  );
