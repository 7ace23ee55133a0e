// Rules about what the callers were told.
import type { Refusal } from '../../../domain/contracts/refusal.js';
import type { ThreadHolder, ThreadState } from '../../../domain/contracts/thread.js';
import { type Case, had, named, statesOf, TOLERANCE } from './case.js';
import type { Run } from './evidence.js';
import type { Operation } from './log.js';

export function everyOperationEnds({ operations }: Case): string[] {
  return operations.flatMap((operation) => {
    const { endedAt, answer } = operation;
    if (endedAt === undefined || answer === undefined) return [`${named(operation)} has no end`];
    return answer.outcome === 'fault' ? [`${named(operation)} ended in ${answer.status} ${answer.words}`] : [];
  });
}

/** Whoever loses is told the holder, and that holder held while they asked (INV2, E3). */
export function losersAreToldTheHolder(seen: Case): string[] {
  return seen.operations.flatMap((operation) => {
    const { answer } = operation;
    if (answer?.outcome !== 'refused') return [];
    if (answer.refusals.length === 0) return [`${named(operation)} was refused without a reason`];
    return answer.refusals.flatMap((refusal) =>
      objectionTo(seen, operation, refusal).map((words) => `${named(operation)} was refused: ${words}`),
    );
  });
}

function objectionTo(seen: Case, operation: Operation, refusal: Refusal): string[] {
  switch (refusal.code) {
    case 'THREAD_ACTIVE':
    case 'NOT_HOLDER':
      return objectionToHolder(seen, operation, refusal.holder);
    case 'THREAD_TAKEN':
      if (refusal.agentId === operation.who) return ['taken by the one who asked'];
      return had(seen, operation.threadId, { agentId: refusal.agentId }) ? [] : [`${refusal.agentId} never had it`];
    case 'EVENT_NOT_ACCEPTED':
      return wasIn(seen, operation, refusal.state) ? [] : [`it was not ${refusal.state} then`];
    case 'CHANNEL_BLOCKED':
      return seen.operations.some(({ kind, startedAt }) => kind === 'block' && startedAt <= (operation.endedAt ?? 0))
        ? []
        : ['nobody had blocked the channel'];
    default:
      return [`${refusal.code} names no holder`];
  }
}

function objectionToHolder(seen: Case, { startedAt, endedAt = Infinity }: Operation, holder?: ThreadHolder): string[] {
  if (holder === undefined) return ['no holder'];
  const { threadId, agentId, state, channelId, opener } = holder;
  const thread = seen.threads.find((one) => one.threadId === threadId);
  if (thread === undefined) return [`holder ${threadId} never existed`];
  const run = seen.runs.find(({ runId }) => runId === thread.runId);
  if (run === undefined || !isDuring(run, startedAt, endedAt)) return [`holder ${threadId} did not hold then`];
  const told = { state, ...(agentId !== undefined && { agentId }) };
  if (state === 'CLOSED' || !had(seen, threadId, told))
    return [`holder ${threadId} was never ${state} with ${agentId}`];
  if (channelId !== thread.channelId) return [`holder ${threadId} is not on ${channelId}`];
  return (opener === 'AGENT') === (thread.openerKind === 'SEND')
    ? []
    : [`holder ${threadId} was not opened by ${opener}`];
}

const isDuring = ({ startedAt, closedAt = Infinity }: Run, from: number, to: number): boolean =>
  startedAt - TOLERANCE <= to && closedAt + TOLERANCE >= from;

function wasIn(
  { changes, lag }: Case,
  { threadId, startedAt, endedAt = Infinity }: Operation,
  state: ThreadState,
): boolean {
  const own = changes.filter((change) => change.what === 'thread' && change.threadId === threadId);
  return own.some((change, index) => {
    const until = own[index + 1]?.at ?? Infinity;
    return change.what === 'thread' && change.state === state && change.at - lag <= endedAt && until >= startedAt;
  });
}

/** What was answered "done" is done. */
export function commandsAreCarriedOut(seen: Case): string[] {
  const { operations, threads, blocked } = seen;
  return operations.flatMap((operation): string[] => {
    const { kind, who, threadId, target, answer } = operation;
    if (answer?.outcome !== 'done') return [];
    const thread = threads.find((one) => one.threadId === threadId);
    const complain = (words: string) => [`${named(operation)} was done, and ${words}`];
    switch (kind) {
      case 'take':
        return had(seen, threadId, { agentId: who }) ? [] : complain(`${who} never had thread ${threadId}`);
      case 'transfer':
        return isHandedTo(seen, threadId, target) ? [] : complain(`thread ${threadId} never went to ${target}`);
      case 'close':
        return thread?.state === 'CLOSED' ? [] : complain(`thread ${threadId} is ${thread?.state}`);
      case 'block':
        if (thread?.state !== 'CLOSED') return complain(`thread ${threadId} is ${thread?.state}`);
        return blocked.some(({ channelId }) => channelId === thread.channelId)
          ? []
          : complain(`the client is not blocked on ${thread.channelId}`);
      case 'send':
      case 'message':
      case 'open':
      case 'reply':
        return [];
    }
  });
}

const isHandedTo = (seen: Case, threadId: string | undefined, target = ''): boolean =>
  had(seen, threadId, { targetId: target }) || had(seen, threadId, { agentId: target });

/** Of several who take a thread that nobody holds, one has it: it leaves the queue once for each time it came there. */
export function takesAreWonOnce(seen: Case): string[] {
  const isOffered = (state: ThreadState | undefined) => state === 'NEW' || state === 'UNASSIGNED';
  return seen.threads.flatMap(({ threadId }) => {
    const states = statesOf(seen, threadId);
    const offers = states.filter((state, index) => isOffered(state) && !isOffered(states[index - 1])).length;
    const winners = seen.operations.filter(
      ({ kind, answer, threadId: of }) => kind === 'take' && of === threadId && answer?.outcome === 'done',
    );
    return winners.length <= offers
      ? []
      : [`thread ${threadId} was offered ${offers} times and taken by ${winners.map(({ who }) => who).join(' and ')}`];
  });
}
