// What may be said against an answer: every "no" is a problem with a known code, every "yes" what the description says.
import { z } from 'zod';
import { Problem, ProblemCode } from '../../../domain/contracts/problem.js';
import { Refusal } from '../../../domain/contracts/refusal.js';
import type { Description, Operation, Schema } from './description.js';
import type { Answer } from './exchange.js';
import { type Request, rolesOf } from './request.js';

const CODES: ReadonlySet<string> = new Set([
  ...ProblemCode.options,
  ...Refusal.options.map(({ shape }) => shape.code.value),
]);

/** SEC33: words of our inside that no caller has any business to read, and no request says by itself. */
const INSIDE =
  /node_modules|\.[jt]s:\d|violates .*constraint|invalid (?:input syntax|byte sequence)|duplicate key|null value in|relation "|column "|kysely|SQLSTATE|(?:Type|Range|Syntax|Reference)Error|Cannot read|ECONN/i;

// Neither JSON Schema in zod nor zod itself sees this key.
const POLLUTING = /"__proto__":/;

export type Judge = (operation: Operation, request: Request, answer: Answer) => string[];

export function createJudge({ defs }: Pick<Description, 'defs'>): Judge {
  const compiled = new Map<Schema, z.ZodType>();
  const fits = (schema: Schema, value: unknown) => {
    const form = compiled.get(schema) ?? z.fromJSONSchema({ ...schema, $defs: defs } as never);
    compiled.set(schema, form);
    return form.safeParse(value);
  };

  const ofSuccess: Judge = (operation, { caller, headers, body }, { status, headers: answered, text }) => {
    const declared = operation.responses[status]?.content?.['application/json']?.schema;
    const asked = operation.body?.['application/json']?.schema;
    const sent = asked && body && new TextDecoder().decode(body.bytes);
    const isAllowed = caller !== 'nobody' && rolesOf(operation).includes(caller) && !('authorization' in headers);
    const reply =
      declared && answered['content-type'] === 'application/json' ? fits(declared, parsed(text)) : undefined;
    return [
      ...(isAllowed ? [] : [`${caller} may not do that (SEC02)`]),
      ...(declared && !reply ? [`the content type is ${String(answered['content-type'])}`] : []),
      ...(reply?.success === false ? [`the body is not as declared: ${z.prettifyError(reply.error)}`] : []),
      ...(asked && sent && !fits(asked, parsed(sent)).success ? ['a body that breaks the schema was taken'] : []),
      ...(sent && POLLUTING.test(sent) ? ['a key that pollutes was taken (SEC20)'] : []),
    ];
  };

  return (operation, request, answer) => [
    ...(answer.status >= 400 ? ofProblem(answer) : []),
    ...(answer.status < 400 && !isElsewhere(request, answer) ? ofSuccess(operation, request, answer) : []),
    ...(Object.hasOwn(Object.prototype, 'polluted') ? ['the prototype of everything was changed (SEC20)'] : []),
  ];
}

function ofProblem({ status, headers, text }: Answer): string[] {
  const { data: problem } = Problem.safeParse(parsed(text));
  const isReplay = headers['idempotency-replayed'] === 'true'; // the first answer, with its own request id
  return [
    ...(status >= 500 ? ['a caller can cause it'] : []),
    ...(headers['content-type'] === 'application/problem+json' ? [] : [`of type ${String(headers['content-type'])}`]),
    ...(problem === undefined ? ['is no problem'] : []),
    ...(problem && !CODES.has(problem.code) ? [`unknown code ${problem.code}`] : []),
    ...(problem && problem.status !== status ? [`says status ${problem.status}`] : []),
    ...(problem && !isReplay && problem.requestId !== headers['x-request-id'] ? ['of another request id'] : []),
    ...(INSIDE.test(text) ? ['shows our inside (SEC33)'] : []),
  ];
}

/** The address was none of the operation's: an empty segment, or one that leads to its neighbours. */
export const isElsewhere = ({ path }: Request, { status, text }: Answer): boolean =>
  /\/(?:\.|%2e){1,2}(?=[/?]|$)/i.test(path) ||
  (status === 404 && (parsed(text) as { what?: unknown } | undefined)?.what === 'address');

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
