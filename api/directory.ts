// Groups, skills, departments, bots: alike but for their names.
import type { z } from 'zod';
import { Bot, BotBody, Department, Group, NamedBody, Skill } from '../domain/contracts/directory.js';
import type { Directory, Shelf } from '../store/directory.js';
import type { Keyed } from '../store/keyed.js';
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

export const directoryRoutes = ({ groups, skills, departments, bots }: Directory) =>
  newRoutes()
    .route('/', shelf('groups', 'group', Group, NamedBody, groups))
    .route('/', shelf('skills', 'skill', Skill, NamedBody, skills))
    .route('/', shelf('departments', 'department', Department, NamedBody, departments))
    .route('/', shelf('bots', 'bot', Bot, BotBody, bots));

function shelf<Key extends string, Body>(
  plural: 'groups' | 'skills' | 'departments' | 'bots',
  noun: string,
  item: z.ZodType<Keyed<Key, Body>>,
  itemBody: z.ZodType<Body>,
  store: Shelf<Key, Body>,
) {
  const found = { description: `The ${noun}`, ...json(item) };
  const unknown = problem(`Unknown ${noun}`);
  const find = async (id: string) => {
    const known = await store.find(id);
    if (known === undefined) throw notFound(noun, id);
    return known;
  };
  const routes = newRoutes();
  routes.openapi(
    route(`put /v1/${plural}/{id}`, {
      summary: `Create or replace a ${noun}`,
      request: { ...params('id'), ...body(itemBody) },
      responses: { 200: found, ...problems },
    }),
    async (context) => {
      const { id } = context.req.valid('param');
      await store.put(id, context.req.valid('json'));
      return context.json(await find(id), 200);
    },
  );
  routes.openapi(
    route(`get /v1/${plural}/{id}`, {
      summary: `One ${noun}`,
      request: params('id'),
      responses: { 200: found, 404: unknown, ...problems },
    }),
    async (context) => context.json(await find(context.req.valid('param').id), 200) as never,
  );
  routes.openapi(
    route(`get /v1/${plural}`, {
      summary: `All ${plural}, newest first`,
      request: { query: listQuery(Counter) },
      responses: { 200: { description: `A page of ${plural}`, ...json(page(item)) }, ...problems },
    }),
    async (context) => context.json(await store.list(context.req.valid('query')), 200) as never,
  );
  routes.openapi(
    route(`delete /v1/${plural}/{id}`, {
      summary: `Delete a ${noun}`,
      request: params('id'),
      responses: { ...noContent, 404: unknown, 409: problem(`The ${noun} has threads (IN_USE)`), ...problems },
    }),
    async (context) => {
      const { id } = context.req.valid('param');
      const removal = await store.remove(id);
      if (removal === 'missing') throw notFound(noun, id);
      if (removal !== 'removed') throw inUse(removal.usedBy, 'close or transfer the threads first');
      return context.body(null, 204);
    },
  );
  return routes;
}
