import { z } from 'zod';
import { Id } from '../domain/contracts/identifier.js';
import { ResponseTemplate, ResponseTemplateBody } from '../domain/contracts/response-template.js';
import type { ResponseTemplateStore } from '../store/response-template.js';
import type { Bearer } from '../store/token.js';
import { notFound } from './problem.js';
import {
  body,
  Counter,
  eyesOf,
  json,
  listQuery,
  mayAskAbout,
  maySeeOf,
  newRoutes,
  noContent,
  page,
  params,
  problem,
  problems,
  route,
} from './route.js';

const found = { description: 'The response template', ...json(ResponseTemplate) };
const unknown = problem('Unknown response template');

export function responseTemplateRoutes(templates: ResponseTemplateStore) {
  const find = async (id: string) => {
    const template = await templates.find(id);
    if (template === undefined) throw notFound('response template', id);
    return template;
  };
  return newRoutes()
    .openapi(
      route('put /v1/response-templates/{id}', {
        summary: 'Create or replace a response template',
        request: { ...params('id'), ...body(ResponseTemplateBody) },
        responses: { 200: found, ...problems },
      }),
      async (context) => {
        const { id } = context.req.valid('param');
        await templates.put(id, context.req.valid('json'));
        return context.json(await find(id), 200);
      },
    )
    .openapi(
      route('get /v1/response-templates/{id}', {
        summary: 'One response template',
        request: params('id'),
        responses: { 200: found, 404: unknown, ...problems },
      }),
      async (context) => {
        const template = await find(context.req.valid('param').id);
        if (!maySee(context.var.bearer, template)) throw notFound('response template', template.responseTemplateId);
        return context.json(template, 200);
      },
    )
    .openapi(
      route('get /v1/response-templates', {
        summary: 'Response templates, newest first; with `agentId` those that this agent may use (R12)',
        request: {
          query: listQuery(Counter).extend({
            agentId: Id.optional(),
            scope: z.enum(['MINE', 'DIRECTORY']).optional(),
          }),
        },
        responses: {
          200: { description: 'A page of response templates', ...json(page(ResponseTemplate)) },
          ...problems,
        },
      }),
      async (context) => {
        const { limit, after, agentId, scope } = context.req.valid('query');
        const { bearer } = context.var;
        mayAskAbout(bearer, agentId);
        const filter = { scope, agentId: eyesOf(bearer) ?? agentId };
        return context.json(await templates.list(filter, { limit, after }), 200);
      },
    )
    .openapi(
      route('delete /v1/response-templates/{id}', {
        summary: 'Delete a response template',
        request: params('id'),
        responses: { ...noContent, 404: unknown, ...problems },
      }),
      async (context) => {
        const { id } = context.req.valid('param');
        if (!(await templates.remove(id))) throw notFound('response template', id);
        return context.body(null, 204);
      },
    );
}

/** An agent sees its own and the directory's; everyone else reads all (INV23). */
const maySee = (bearer: Bearer, { scope, agentId: owner }: ResponseTemplate): boolean =>
  scope === 'DIRECTORY' || maySeeOf(bearer, owner);
