// Rules about sends: what was told of them, and what the client sees of them.
import type { SendState } from '../../../domain/contracts/outgoing-send.js';
import { type Case, named } from './case.js';

const FINAL: SendState[] = ['sent', 'delivered', 'failed', 'unconfirmed', 'refused', 'rejected', 'cancelled'];

/** Every send comes to its end, and its run with it. */
export const sendsEnd = ({ sends }: Case): string[] =>
  sends.flatMap(({ sendId, state, run = 'none' }) => [
    ...(FINAL.includes(state) ? [] : [`send ${sendId} is still ${state}`]),
    ...(run === 'COMPLETED' || (run === 'none' && state === 'refused') ? [] : [`the run of send ${sendId} is ${run}`]),
  ]);

/** Who was told of a send has that send, in that thread; who was refused left nothing (INV6, INV15). */
export function sendsAreAsTold({ operations, sends, threads, dispatches, messages }: Case): string[] {
  const told = operations.flatMap((operation) =>
    operation.answer?.outcome === 'made' ? [{ operation, ...operation.answer }] : [],
  );
  const wrong = told.flatMap(({ operation, sendId, threadId, verdict }) => {
    const row = sends.find((send) => send.sendId === sendId);
    if (row === undefined) return [`${named(operation)} does not exist`];
    if (row.threadId !== threadId) return [`${named(operation)} was told thread ${threadId} and is in ${row.threadId}`];
    const thread = threads.find((one) => one.threadId === threadId);
    if (thread === undefined) return [`${named(operation)} was told thread ${threadId}, which does not exist`];
    if (!row.isReply && thread.openerId !== sendId) return [`${named(operation)} did not open thread ${threadId}`];
    return row.verdict === verdict ? [] : [`${named(operation)} was told ${verdict} and is ${row.verdict}`];
  });
  const untold = sends
    .filter(({ sendId, state }) => state !== 'refused' && !told.some((one) => one.sendId === sendId))
    .map(({ sendId, state }) => `send ${sendId} is ${state} and nobody was told`);
  const loud = sends
    .filter(({ state }) => state === 'refused')
    .flatMap(({ sendId }) => [
      ...(dispatches.some((one) => one.sendId === sendId) ? [`refused send ${sendId} was begun`] : []),
      ...(threads.some(({ openerId }) => openerId === sendId) ? [`refused send ${sendId} opened a thread`] : []),
      ...(messages.some((one) => one.sendId === sendId) ? [`refused send ${sendId} is in the history`] : []),
    ]);
  return [...wrong, ...untold, ...loud, ...countedWrong({ operations, sends })];
}

/** As many refused sends as there were refusals told. */
function countedWrong({ operations, sends }: Pick<Case, 'operations' | 'sends'>): string[] {
  const told = operations.filter(
    ({ kind, answer }) => (kind === 'send' || kind === 'reply') && answer?.outcome === 'refused',
  ).length;
  const refused = sends.filter(({ state }) => state === 'refused').length;
  return told === refused ? [] : [`${told} were told that their send is refused, and ${refused} are`];
}

/** At most one visible copy of each part, and none that was not intended or was rejected (INV3, INV4, INV7). */
export function partsAreSeenOnce({ sends, dispatches, ledger, messages }: Case): string[] {
  const parts = new Map(dispatches.map((one) => [`${one.sendId} part ${one.part}`, one]));
  const copies = [...parts].flatMap(([part, { sendId, reference, isOnWire }]) => {
    const seen = ledger.filter(({ key }) => key === reference).length;
    const verdict = sends.find((send) => send.sendId === sendId)?.verdict;
    const taken = dispatches.filter((one) => one.reference === reference && one.outcome === 'accepted').length;
    if (taken > 1) return [`${part} was taken ${taken} times`];
    if (taken > 0 && verdict === 'REJECTED') return [`${part} was taken, and its send was rejected`];
    if (seen > 1) return [`the client sees ${part} ${seen} times`];
    if (seen === 1 && verdict === 'REJECTED') return [`the client sees ${part}, which was rejected`];
    return seen === 0 && isOnWire && verdict === 'ACCEPTED'
      ? [`the client does not see ${part}, which was accepted`]
      : [];
  });
  const references = new Set(dispatches.map(({ reference }) => reference));
  const ghosts = ledger
    .filter(({ key }) => !references.has(key))
    .map(({ key }) => `the client sees ${key}, which nobody intended`);
  const entries = sends
    .filter(({ state }) => state !== 'refused')
    .flatMap(({ sendId }) => {
      const { length } = messages.filter((message) => message.sendId === sendId);
      return length === 1 ? [] : [`send ${sendId} is ${length} entries of the history`];
    });
  return [...copies, ...ghosts, ...entries];
}
