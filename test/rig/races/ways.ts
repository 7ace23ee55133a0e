// How a round has gone, told from what was seen of its client.
import type { Case } from './case.js';
import type { Heard, Run } from './evidence.js';
import type { Answer, Kind } from './log.js';

export const answerTo = ({ operations }: Case, kind: Kind, who?: string): Answer | undefined =>
  operations.find((one) => one.kind === kind && (who === undefined || one.who === who))?.answer;

/** The first code of ours that the caller was told, or what became of what they asked for. */
export function toldTo(seen: Case, kind: Kind, who?: string): string {
  const answer = answerTo(seen, kind, who);
  return answer?.outcome === 'refused' ? (answer.refusals[0]?.code ?? '') : (answer?.outcome ?? '');
}

/** A send that was refused without a run of its own was refused by the API's early look. */
export const refuserOf = ({ sends }: Case): 'the look' | 'the claim' =>
  sends.find(({ state }) => state === 'refused')?.run === undefined ? 'the look' : 'the claim';

/** When the client's last message came, beside the close of the first thread. */
export function placeOfLast({ messages, threads, runs }: Case): 'before' | 'met' | 'after' {
  const last = messages.findLast(({ direction }) => direction === 'IN');
  const place = threads.findIndex(({ threadId }) => threadId === last?.threadId);
  if (place === 0) return 'before';
  const run = runs.find(({ runId }) => runId === threads[place]?.runId);
  return run !== undefined && run.continues === threads[place - 1]?.runId ? 'met' : 'after';
}

export function isHeardBeforeVerdict({ runs }: Case): boolean {
  const heard = runs[0]?.heard ?? [];
  const placeOf = (what: Heard['what']) => heard.findIndex((one) => one.what === what);
  return placeOf('message') >= 0 && placeOf('message') < placeOf('settlement');
}

export const settlementsIn = (run: Run | undefined): Heard[] =>
  run?.heard.filter(({ what }) => what === 'settlement') ?? [];
