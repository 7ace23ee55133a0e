// Wiring of machines/thread.ts: the client's one active thread, which runs as long as it is active.
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  makeContinueAsNewFunc,
  patched,
  proxyActivities,
  proxyLocalActivities,
  setDefaultSignalHandler,
  setHandler,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type { HandoverAnswer, ThreadActivities } from '../activities/ports.js';
import type { Verdict } from '../domain/contracts/outgoing-send.js';
import type { CloseReason } from '../domain/contracts/thread.js';
import type { ThreadRecord } from '../domain/thread.js';
import type { ThreadCommand } from '../domain/thread-command.js';
import { untilOpen } from '../domain/working-hours.js';
import { type ThreadSnapshot, threadMachine } from '../machines/thread.js';
import { refusalOf } from '../machines/thread-command.js';
import type { ClientMessage } from '../machines/thread-context.js';
import { type DrivenMachine, driveMachine, type Performers } from './drive-machine.js';
import { localWork } from './local-work.js';
import {
  type CommandDone,
  clientBlockedSignal,
  clientClosedSignal,
  clientWroteSignal,
  commandUpdate,
  projectSignal,
  refusedBy,
  searchAttributes,
  sendSettledSignal,
  type ThreadInput,
  type ThreadMemo,
  viewOf,
  viewQuery,
} from './messages.js';
import { showState } from './thread-attributes.js';

type Life = DrivenMachine<typeof threadMachine>;
type Hearing = Record<string, (fact: never) => void>;

const atOnce = proxyLocalActivities<ThreadActivities>(localWork);
/** Scheduled in the history, together with the decision that it writes down. */
const afterTask = proxyActivities<ThreadActivities>({
  startToCloseTimeout: '10 seconds',
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '30 seconds' },
});
/** How long a bot is called before the thread goes back to its sender's queue. */
const BOT_PATIENCE = '5 minutes';
const { handToBot } = proxyActivities<ThreadActivities>({
  startToCloseTimeout: '35 seconds',
  scheduleToCloseTimeout: BOT_PATIENCE,
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
});

export async function thread(input: ThreadInput): Promise<{ closeReason?: CloseReason }> {
  const { threadId, clientId, channelId, openedBy, resumed } = input;
  const record = { threadId, clientId, channelId, openedBy, runId: resumed?.runId ?? workflowInfo().runId };
  const life = driveMachine(threadMachine, beginningOf(input), performersFor(record), showState(input));
  listen(life, record, input.hearsInOrder ?? false);

  await life.until((snapshot) => isOver(life, snapshot) || shouldGoOn(life));
  const carried = life.carry();
  if (life.snapshot().status === 'active' && carried !== undefined) {
    const { entryIds: _, ...rest } = input;
    return continueAsNew<typeof thread>({ ...rest, entryIds: [], resumed: { ...carried, runId: record.runId } });
  }
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  const { leftover, closeReason, blocks } = life.snapshot().context;
  // What was written from where we block meanwhile opens nothing; it is in the history.
  const isBlocked = ({ channelId: from = channelId }: ClientMessage) =>
    (blocks || closeReason === 'CLIENT_BLOCKED') && from === channelId;
  const [first, ...others] = leftover.filter((message) => !isBlocked(message));
  if (first !== undefined) await openNext(input, first, others);
  return closeReason === undefined ? {} : { closeReason };
}

function beginningOf({
  resumed,
  hearsInOrder: _order,
  workingHours: _,
  untilOpen: closedFor = 0,
  ...input
}: ThreadInput) {
  if (resumed !== undefined) return { carried: resumed };
  return { input: { ...input, openedAt: workflowInfo().runStartTime.getTime(), untilOpen: closedFor } };
}

/** All of it is written down; an older projection may still be under way when the last one is. */
const isOver = (life: Life, { status }: ThreadSnapshot): boolean =>
  status === 'done' && life.awaits('requestProjection') === 0;

/** Long before the server's limits, and only while nothing is under way that the next run would miss. */
const shouldGoOn = (life: Life): boolean =>
  workflowInfo().continueAsNewSuggested &&
  allHandlersFinished() &&
  life.carry() !== undefined &&
  patched('goes-on-in-a-next-run');

const performersFor = (record: ThreadRecord): Performers<typeof threadMachine> => ({
  requestProjection: async (projection) => {
    const isLater = projection.decidedBy === 'TASK' && patched('written-after-its-task');
    const { projectThread } = isLater ? afterTask : atOnce;
    const answer = await projectThread({ thread: record, projection });
    const { version } = projection;
    return answer?.outcome === 'vanished'
      ? { type: 'target.vanished', version, at: Date.now() }
      : { type: 'thread.projected', version };
  },
  requestHandover: async ({ handover, ...job }) => {
    const { threadId, clientId, channelId } = record;
    const calling = handToBot({ threadId, clientId, channelId, handover, ...job });
    // Whatever stands in the way of the call, an agent can go on.
    const answer = await calling.catch((): HandoverAnswer => ({ outcome: 'unreachable' }));
    const at = Date.now();
    switch (answer.outcome) {
      case 'taken':
        return { type: 'bot.took', handover, at };
      case 'vanished':
        return { type: 'bot.failed', handover, reason: 'VANISHED', at };
      case 'unreachable':
        return { type: 'bot.failed', handover, reason: 'UNREACHABLE', at };
    }
  },
});

function listen(life: Life, { threadId, runId }: ThreadRecord, inOrder: boolean): void {
  const heard = hearingOf(life, threadId);
  // A handler is given what came before it, so that each would hear its own kind alone; this one hears all of them.
  if (inOrder) setDefaultSignalHandler((name, fact) => (heard as Hearing)[name]?.(fact as never));
  setHandler(clientWroteSignal, heard.clientWrote, {
    description: 'The client has written; the message is in the history already.',
  });
  setHandler(clientClosedSignal, heard.clientClosed, { description: 'The client has closed the conversation.' });
  setHandler(clientBlockedSignal, heard.clientBlocked, {
    description: 'The client is blocked, here or everywhere; what they write from now on opens nothing.',
  });
  setHandler(sendSettledSignal, heard.sendSettled, {
    description: 'The send that claimed this thread, or a reply in it, knows its verdict.',
  });
  setHandler(projectSignal, heard.project, { description: 'The row of this thread is missing or differs.' });
  setHandler(viewQuery, () => viewOf(life.snapshot()), { description: 'The state of the thread and what it knows.' });
  setHandler(commandUpdate, (command) => carryOut(life, command, { threadId, runId }), {
    validator: (command) => refuseUnless(life.snapshot(), command),
    description: 'Take, open, reply, transfer, close or block, as an agent or a system asks for it.',
  });
}

/** What each signal means to the machine, by the signal's name. */
const hearingOf = (life: Life, threadId: string) => ({
  clientWrote: (message: ClientMessage) => life.post({ type: 'client.wrote', at: Date.now(), ...message }),
  clientClosed: (closed: { threadId: string }) => {
    if (closed.threadId === threadId) life.post({ type: 'client.closed', at: Date.now() });
  },
  clientBlocked: (blocked: { channelIds?: string[] }) =>
    life.post({ type: 'client.blocked', at: Date.now(), ...blocked }),
  sendSettled: (settled: { sendId: string; verdict: Verdict }) =>
    life.post({ type: 'send.settled', at: Date.now(), ...settled }),
  project: (wanted: { above: number }) => life.post({ type: 'projection.wanted', ...wanted }),
});

/** A refused command leaves no trace in the history. */
function refuseUnless(snapshot: ThreadSnapshot, command: ThreadCommand): void {
  const refusal = refusalOf(snapshot, command);
  if (refusal !== undefined) throw refusedBy(refusal);
}

async function carryOut(
  life: Life,
  command: ThreadCommand,
  claim: { threadId: string; runId: string },
): Promise<CommandDone> {
  if (!life.snapshot().context.commands.includes(command.commandId)) life.post({ ...command, at: Date.now() });
  const { version } = life.snapshot().context;
  await life.until(({ context }) => context.written >= version);
  return { claim };
}

/** A message that met the close opens the next thread in the same step, so that no claim comes between (INV10). */
function openNext(input: ThreadInput, first: ClientMessage, others: ClientMessage[]): Promise<never> {
  const { clientId, timeouts, workingHours } = input;
  const { entryId, channelId = input.channelId } = first;
  const channelType = first.channelType ?? workflowInfo().typedSearchAttributes.get(searchAttributes.channelType);
  const threadId = uuid4();
  const memo: ThreadMemo = { threadId, channelId, sendId: '', openedAt: Date.now() };
  // It is new and nobody's from its first instant on, also for who is told of it before it runs.
  const typedSearchAttributes = [
    { key: searchAttributes.clientId, value: clientId },
    { key: searchAttributes.threadState, value: 'NEW' },
    ...(channelType === undefined ? [] : [{ key: searchAttributes.channelType, value: channelType }]),
  ];
  return makeContinueAsNewFunc<typeof thread>({ memo, typedSearchAttributes })({
    threadId,
    clientId,
    channelId,
    openedBy: { kind: 'CLIENT', id: entryId },
    entryIds: [entryId, ...others.map((message) => message.entryId)],
    timeouts,
    hasOwnAttributes: true,
    hearsInOrder: true,
    // An argument alone may follow from the time zones of whoever works: they are no part of what is replayed.
    ...(workingHours === undefined ? {} : { workingHours, untilOpen: untilOpen(workingHours, Date.now()) }),
  });
}
