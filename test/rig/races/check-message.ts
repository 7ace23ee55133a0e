// Rules about the client's messages.
import { type Case, named, TOLERANCE } from './case.js';
import type { Change, MessageRow } from './evidence.js';
import type { Operation } from './log.js';

/** Every acknowledged message is in one thread, while that one is active, in the order of acknowledgement (INV10). */
export function messagesAreInOrder(seen: Case): string[] {
  const written = seen.operations.filter(({ kind, answer }) => kind === 'message' && answer?.outcome === 'taken');
  const found = written.flatMap((operation) => {
    const rows = seen.messages.filter(({ direction, text }) => direction === 'IN' && text === operation.text);
    const [row] = rows;
    if (row === undefined || rows.length > 1) return [`${named(operation)} is ${rows.length} messages`];
    return whereabouts(seen, operation, row);
  });
  return [...found, ...astray(seen), ...acknowledgedLate(seen, written)];
}

function whereabouts(seen: Case, operation: Operation, { entryId, threadId }: MessageRow): string[] {
  const given = seen.changes.filter((change) => change.what === 'attached' && change.entryId === entryId);
  const homes = new Set(given.map((change) => change.threadId));
  if (homes.size > 1) return [`${named(operation)} was given to ${[...homes].join(' and ')}`];
  if (threadId === undefined)
    return isAfterBlock(operation, seen.operations) ? [] : [`${named(operation)} is in no thread`];
  const hearers = seen.runs.filter(
    ({ brought, heard }) =>
      brought.includes(entryId) || heard.some((one) => one.what === 'message' && one.entryId === entryId),
  );
  const late = given
    .filter((change) => isOver(seen, change))
    .map(() => `${named(operation)} was given to ${threadId} after its end`);
  return hearers.some((run) => run.threadId === threadId)
    ? late
    : [...late, `${named(operation)} is in ${threadId}, which never heard of it`];
}

/** The run ends when all is written down. */
const isOver = ({ runs }: Case, { threadId, at }: Change): boolean =>
  runs.some((run) => run.threadId === threadId && run.closedAt !== undefined && run.closedAt + TOLERANCE < at);

/** Kept and opens nothing; which of the two came first is not known while they overlap (R37). */
const isAfterBlock = ({ channelId, endedAt = Infinity }: Operation, operations: Operation[]): boolean =>
  operations.some(
    (other) =>
      other.kind === 'block' &&
      other.answer?.outcome === 'done' &&
      other.channelId === channelId &&
      other.startedAt < endedAt,
  );

/** Along the acknowledgements of a channel places in the history rise, and threads never go back. */
function astray({ messages, threads }: Case): string[] {
  const placeOf = new Map(threads.map(({ threadId, position }) => [threadId, position]));
  const channels = new Set(messages.map(({ channelId }) => channelId));
  return [...channels].flatMap((channel) => {
    const own = messages
      .filter(({ channelId, acknowledged }) => channelId === channel && acknowledged !== undefined)
      .toSorted((one, other) => (one.acknowledged ?? 0) - (other.acknowledged ?? 0));
    return own.slice(1).flatMap((later, index) => {
      const earlier = own[index]!;
      const [from, to] = [earlier, later].map(({ threadId = '' }) => placeOf.get(threadId));
      return [
        ...(later.position > earlier.position ? [] : [`message "${later.text}" stands before an earlier one`]),
        ...(from !== undefined && to !== undefined && to < from
          ? [`message "${later.text}" is in an earlier thread`]
          : []),
      ];
    });
  });
}

/** Who writes after an acknowledgement is acknowledged after it. */
function acknowledgedLate({ messages }: Case, written: Operation[]): string[] {
  const placeOf = new Map(messages.map(({ text, acknowledged }) => [text, acknowledged]));
  return written.flatMap((earlier) =>
    written
      .filter(
        ({ startedAt, channelId }) => channelId === earlier.channelId && startedAt > (earlier.endedAt ?? Infinity),
      )
      .filter(({ text }) => (placeOf.get(text) ?? Infinity) < (placeOf.get(earlier.text) ?? 0))
      .map((later) => `${named(later)} was acknowledged before one that was written earlier`),
  );
}

/** An agent waits only for a client who has been answered: nothing that the client wrote is the last word. */
export function clientsAreNotForgotten({ threads, messages }: Case): string[] {
  return threads.flatMap(({ threadId, state }) => {
    if (state !== 'WAITING') return [];
    const last = messages.filter((message) => message.threadId === threadId).at(-1);
    return last?.direction === 'IN' ? [`thread ${threadId} is WAITING, but the client has the last word`] : [];
  });
}
