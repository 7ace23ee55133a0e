// Rules about threads: one at a time, each of them one run, each with one beginning and the end that it was given.
import type { ThreadState } from '../../../domain/contracts/thread.js';
import { type Case, statesOf, TOLERANCE } from './case.js';
import type { Operation } from './log.js';

/** At most one active thread at any time, by the rows, by Temporal and by the order in which the journal was written (INV1). */
export function oneActiveThread({ threads, runs, changes }: Case): string[] {
  const rows = threads.map(({ threadId, openedAt, closedAt }) => ({ name: threadId, from: openedAt, to: closedAt }));
  const lives = runs.map(({ runId, startedAt, closedAt }) => ({ name: runId, from: startedAt, to: closedAt }));
  const open = new Set<string>();
  const closed = new Set<string>();
  const journal = changes.flatMap((change) => {
    if (change.what !== 'thread') return [];
    const { threadId, state } = change;
    if (state === 'CLOSED') {
      open.delete(threadId);
      closed.add(threadId);
      return [];
    }
    const found = closed.has(threadId) ? [`thread ${threadId} was opened again after its close`] : [];
    const others = [...open].filter((other) => other !== threadId);
    open.add(threadId);
    return [...found, ...others.map((other) => `thread ${threadId} was opened while ${other} was open`)];
  });
  return [...overlaps('threads', rows, 0), ...overlaps('runs', lives, TOLERANCE), ...journal];
}

interface Span {
  name: string;
  from: number;
  to: number | undefined;
}

function overlaps(what: string, spans: Span[], tolerance: number): string[] {
  const sorted = spans.toSorted((one, other) => one.from - other.from);
  return sorted.flatMap((span, index) => {
    const next = sorted[index + 1];
    const isApart = next === undefined || (span.to !== undefined && span.to <= next.from + tolerance);
    return isApart ? [] : [`${what} ${span.name} and ${next.name} overlap`];
  });
}

/** A thread is one run that ends with it by itself, and there is no run without a thread. */
export function threadsAreRuns({ threads, runs }: Case): string[] {
  const byId = new Map(runs.map((run) => [run.runId, run]));
  const shared = threads.flatMap(({ threadId, runId }, index) => {
    const twin = threads.slice(0, index).find((other) => other.runId === runId);
    return twin === undefined ? [] : [`threads ${twin.threadId} and ${threadId} are one run`];
  });
  const apart = threads.flatMap(({ threadId, runId, state }) => {
    const run = byId.get(runId);
    if (run === undefined) return [`thread ${threadId} has no run`];
    const isRunning = run.status === 'RUNNING';
    return isRunning === (state !== 'CLOSED') ? [] : [`thread ${threadId} is ${state} while its run is ${run.status}`];
  });
  const strange = runs.flatMap(({ runId, status }) => {
    const found = ['RUNNING', 'COMPLETED', 'CONTINUED_AS_NEW'].includes(status) ? [] : [`run ${runId} was ${status}`];
    return threads.some((thread) => thread.runId === runId) ? found : [...found, `run ${runId} has no thread`];
  });
  return [...shared, ...apart, ...strange];
}

/** A thread was opened by what it says: by the send that was told so, or by a message on its own channel. */
export function openersAreTrue({ threads, messages, sends }: Case): string[] {
  return threads.flatMap(({ threadId, openerKind, openerId, channelId }) => {
    if (openerKind === 'SEND') {
      const send = sends.find(({ sendId }) => sendId === openerId);
      return send?.threadId === threadId
        ? []
        : [`thread ${threadId} was opened by send ${openerId}, which is not in it`];
    }
    const message = messages.find(({ entryId }) => entryId === openerId);
    if (message?.threadId !== threadId) return [`thread ${threadId} was opened by a message that is not in it`];
    return message.channelId === channelId
      ? []
      : [`thread ${threadId} on ${channelId} was opened by a message on ${message.channelId}`];
  });
}

/** A rejected claim was never in a queue, unless the client wrote: then it is an ordinary thread (INV15, A31). */
export function rejectionsStayOutOfQueues(seen: Case): string[] {
  const { threads, messages, sends } = seen;
  return threads.flatMap(({ threadId, closeReason, openerId }) => {
    if (closeReason !== 'SEND_REJECTED') return [];
    const queued = statesOf(seen, threadId)
      .filter((state) => state !== 'OPENING' && state !== 'CLOSED')
      .map((state) => `rejected thread ${threadId} was ${state}`);
    const isWrittenIn = messages.some((message) => message.direction === 'IN' && message.threadId === threadId);
    const verdict = sends.find(({ sendId }) => sendId === openerId)?.verdict;
    return [
      ...queued,
      ...(isWrittenIn ? [`rejected thread ${threadId} was closed over a message of the client`] : []),
      ...(verdict === 'REJECTED' ? [] : [`thread ${threadId} is SEND_REJECTED, its send ${verdict}`]),
    ];
  });
}

/** The thread leaves OPENING once, for what its send says, or for the end that somebody wished meanwhile (INV15). */
export function actionsAreAppliedOnce(seen: Case): string[] {
  const { threads, operations } = seen;
  return threads.flatMap((thread) => {
    if (thread.openerKind !== 'SEND') return [];
    const { threadId, openerId } = thread;
    const states = statesOf(seen, threadId);
    const next = states.find((state) => state !== 'OPENING');
    const send = operations.find(({ answer }) => answer?.outcome === 'made' && answer.sendId === openerId);
    const isEnded = operations.some(
      (one) => one.threadId === threadId && (one.kind === 'close' || one.kind === 'block'),
    );
    const again = states.lastIndexOf('OPENING') > states.findIndex((state) => state !== 'OPENING');
    const found = next !== undefined && again ? [`thread ${threadId} was OPENING again`] : [];
    if (next === undefined) return [`thread ${threadId} has never left OPENING`];
    if (send?.answer?.outcome !== 'made' || isEnded) return found;
    const expected = outcomesOf(send, send.answer.verdict === 'REJECTED');
    return expected.includes(next)
      ? found
      : [...found, `thread ${threadId} became ${next} instead of ${expected.join(' or ')}`];
  });
}

const OUTCOMES: Record<NonNullable<Operation['action']>, ThreadState[]> = {
  CLOSE: ['CLOSED', 'NEW'],
  ASSIGN_TO_ME: ['WAITING', 'ANSWER_NEEDED'],
  TRANSFER: ['UNASSIGNED', 'ASSIGNED'],
};

function outcomesOf({ action }: Operation, isRejected: boolean): ThreadState[] {
  if (isRejected) return ['CLOSED', 'NEW'];
  return action === undefined ? [] : OUTCOMES[action];
}
