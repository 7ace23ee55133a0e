// What the rules of the checker are given, and what several of them ask.
import type { ThreadState } from '../../../domain/contracts/thread.js';
import type { Evidence } from './evidence.js';
import type { Operation } from './log.js';

/** Clocks of one machine, read by several processes. */
export const TOLERANCE = 50; // ms

/** All that is known of one client. */
export interface Case extends Evidence {
  operations: Operation[];
  /** How long after a thread its row may follow, in ms. */
  lag: number;
}

export type Rule = (seen: Case) => string[];

export const named = ({ kind, who, text, answer }: Operation) =>
  `${kind} of ${who}${text === undefined ? '' : ` "${text}"`}${answer?.outcome === 'made' ? ` (send ${answer.sendId})` : ''}`;

/** Written down like that, or shown to claims: a row is left out when a newer one was quicker. */
export const had = (
  { changes, runs }: Case,
  threadId: string | undefined,
  wanted: { agentId?: string; state?: ThreadState; targetId?: string },
): boolean => {
  const isIt = (one: object) =>
    Object.entries(wanted).every(([name, value]) => one[name as keyof typeof one] === value);
  return (
    changes.some((change) => change.what === 'thread' && change.threadId === threadId && isIt(change)) ||
    runs.some((run) => run.threadId === threadId && run.shown.some(isIt))
  );
};

/** In the order in which they were written down. */
export const statesOf = ({ changes }: Case, threadId: string): ThreadState[] =>
  changes.flatMap((change) => (change.what === 'thread' && change.threadId === threadId ? [change.state] : []));
