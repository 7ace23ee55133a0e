import { z } from 'zod';
import { FailureCode } from '../domain/contracts/failure.js';
import { Id } from '../domain/contracts/identifier.js';
import { Send, SendBody, SendState } from '../domain/contracts/outgoing-send.js';
import { notFound } from './problem.js';
import {
  actsFor,
  body,
  Counter,
  eyesOf,
  json,
  listQuery,
  maySeeOf,
  newRoutes,
  page,
  params,
  problem,
  problems,
  route,
} from './route.js';
import { IdempotencyKey } from './once.js';
import type { SendDesk } from './send-desk.js';

export function sendRoutes(desk: SendDesk) {
  return newRoutes()
    .openapi(
      route('post /v1/sends', {
        summary: 'Send a message to a client who has no active thread',
        request: { headers: z.object({ 'idempotency-key': IdempotencyKey }), ...body(SendBody) },
        responses: {
          201: { description: 'The send; a rejected one is an attempt that exists too', ...json(Send) },
          404: problem('Unknown agent, client, channel or attachment'),
          409: problem('A rule forbids it now: the first refusal as code, all of them in refusals'),
          ...problems,
        },
      }),
      async (context) => {
        const bearer = context.var.bearer;
        const command = context.req.valid('json');
        actsFor(bearer, command.agentId);
        const key = context.req.valid('header')['idempotency-key'];
        const reply = await desk.send({ bearer, key, command, requestId: context.var.requestId });
        if (reply.isReplay) context.header('idempotency-replayed', 'true');
        return reply.respond(context) as never;
      },
    )
    .openapi(
      route('get /v1/sends/{sendId}', {
        summary: 'One send',
        request: params('sendId'),
        responses: { 200: { description: 'The send', ...json(Send) }, 404: problem('Unknown send'), ...problems },
      }),
      async (context) => {
        const { sendId } = context.req.valid('param');
        const send = await desk.find(sendId);
        if (send === undefined || !maySeeOf(context.var.bearer, send.agentId)) throw notFound('send', sendId);
        return context.json(send, 200);
      },
    )
    .openapi(
      route('get /v1/sends', {
        summary: 'Sends, newest first',
        request: {
          query: listQuery(Counter).extend({
            clientId: Id.optional(),
            agentId: Id.optional(),
            state: SendState.optional(),
            failureCode: FailureCode.optional(),
          }),
        },
        responses: { 200: { description: 'A page of sends', ...json(page(Send)) }, ...problems },
      }),
      async (context) => {
        const { limit, after, ...filter } = context.req.valid('query');
        const seen = { ...filter, agentId: eyesOf(context.var.bearer) ?? filter.agentId };
        return context.json(await desk.list(seen, { limit, after }), 200);
      },
    );
}
