import type { fc } from '@fast-check/vitest';
import type { Request } from './request.js';

const SHOWN = 600; // characters

/** For fast-check: the smallest request that fails, short enough to be read. @throws when there is one */
export function reportSmallest({
  failed,
  seed,
  numRuns,
  counterexample,
  errorInstance,
}: fc.RunDetails<[Request]>): void {
  if (!failed) return;
  const [request] = counterexample ?? [];
  const complaint = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  throw new Error(`seed ${seed}, run ${numRuns}\n${request && shown(request)}\n${complaint}`);
}

function shown({ caller, method, path, headers, body }: Request): string {
  const sent = Object.entries({ 'content-type': body?.contentType, ...headers }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${short(value)}`],
  );
  return [`${method.toUpperCase()} ${short(path)} by ${caller}`, ...sent, short(body?.bytes.toString() ?? '')].join(
    '\n',
  );
}

export const short = (text: string): string =>
  text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}... (${text.length} characters)`;
