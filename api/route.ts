// How a route is declared: its line in the access table, its contract, and nothing else.
import { createRoute, OpenAPIHono, type RouteConfig } from '@hono/zod-openapi';
import { createMiddleware } from 'hono/factory';
import { z } from 'zod';
import { Id } from '../domain/contracts/identifier.js';
import { type Issue, Problem } from '../domain/contracts/problem.js';
import type { Bearer, Role, TokenStore } from '../store/token.js';
import { ACCESS, type RouteKey } from './access.js';
import { invalid, ProblemError } from './problem.js';

export interface ApiVariables {
  Variables: { requestId: string; bearer: Bearer; tokens: TokenStore };
}

type MethodOf<K> = K extends `${infer Method extends 'get' | 'put' | 'post' | 'delete'} ${string}` ? Method : never;
type PathOf<K> = K extends `${string} ${infer Path}` ? Path : never;

export function route<K extends RouteKey, const C extends Omit<RouteConfig, 'method' | 'path'>>(key: K, config: C) {
  const [method, path] = key.split(' ') as [MethodOf<K>, PathOf<K>];
  const { request, responses } = config;
  return createRoute({
    method,
    path,
    security: [{ bearer: [] }],
    middleware: [bearerOf(ACCESS[key]), plainKeys] as const,
    ...config,
    responses: {
      503: problem('PostgreSQL, Temporal or the workers are away; ask again'),
      ...(request?.body && BODY_PROBLEMS),
      ...(request?.headers &&
        method === 'post' && { 422: problem('The key was used with another body (IDEMPOTENCY_KEY_REUSED)') }),
      ...responses,
    },
  });
}

/** Deny by default: no token, an unknown one, or one whose role has no business here. */
const bearerOf = (roles: readonly Role[]) =>
  createMiddleware<ApiVariables>(async (context, next) => {
    const [scheme, token] = (context.req.header('authorization') ?? '').split(' ');
    const bearer = scheme?.toLowerCase() === 'bearer' && token ? await context.var.tokens.find(token) : undefined;
    if (bearer === undefined) throw new ProblemError('UNAUTHENTICATED', 'a valid bearer token is needed');
    if (!roles.includes(bearer.role))
      throw new ProblemError('FORBIDDEN', `a token of role ${bearer.role} may not do that`);
    context.set('bearer', bearer);
    await next();
  });

/** A key that a parser would drop without a word is an unknown field like any other (SEC20). */
const plainKeys = createMiddleware<ApiVariables>(async (context, next) => {
  const isJson = context.req.header('content-type')?.startsWith('application/json') === true;
  if (isJson && /"__proto__"\s*:/.test(await context.req.text()))
    throw invalid([{ path: '__proto__', message: 'unknown field' }]);
  await next();
});

/** An agent's or supervisor's token acts as that agent alone (SEC03). */
export function actsFor({ agentId: own }: Bearer, agentId: string): void {
  if (own !== undefined && own !== agentId) throw new ProblemError('FORBIDDEN', 'this token acts for another agent');
}

/** Whose eyes a token has: an agent's reads as that agent alone (INV23); undefined for those who read all. */
export const eyesOf = ({ role, agentId }: Bearer): string | undefined => (role === 'agent' ? agentId : undefined);

/** Whether what belongs to this agent is for these eyes. */
export function maySeeOf(bearer: Bearer, agentId: string | undefined): boolean {
  const eyes = eyesOf(bearer);
  return eyes === undefined || eyes === agentId;
}

/** A question about one agent, asked by another agent's token, is none of its business. */
export function mayAskAbout(bearer: Bearer, agentId: string | undefined): void {
  if (agentId !== undefined && eyesOf(bearer) !== undefined) actsFor(bearer, agentId);
}

export const newRoutes = () =>
  new OpenAPIHono<ApiVariables>({
    defaultHook: (result) => {
      if (!result.success) throw invalid(result.error.issues.flatMap(issuesOf));
    },
  });

const issuesOf = (issue: z.core.$ZodIssue): Issue[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'unknown field' }))
    : [{ path: issue.path.join('.'), message: issue.message }];

export const json = <S extends z.ZodType>(schema: S) => ({ content: { 'application/json': { schema } } });
export const body = <S extends z.ZodType>(schema: S) => ({ body: { ...json(schema), required: true as const } });
export const params = <const N extends string>(...names: N[]) => ({
  params: z.object(Object.fromEntries(names.map((name) => [name, Id])) as Record<N, typeof Id>),
});

export const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: Problem } },
});
const BODY_PROBLEMS = {
  413: problem('The body is larger than this address takes'),
  415: problem('The body is of another media type'),
};
export const problems = {
  400: problem('The request is not what the contract says'),
  401: problem('No valid token'),
  403: problem('This token may not do that'),
};

export const noContent = { 204: { description: 'It is gone' } } as const;

/** @param cursor what a cursor of this list looks like */
export const listQuery = (cursor: z.ZodType<string> = Id) =>
  z.strictObject({ limit: z.coerce.number().int().min(1).max(100).default(50), after: cursor.optional() });

export const Counter = z.string().regex(/^\d{1,15}$/, 'must be a cursor of this list');

export const page = <S extends z.ZodType>(item: S) => z.object({ items: z.array(item), next: z.string().nullable() });
