// What workers ask Temporal of a client's thread. `thread:<clientId>` runs if and only if the client has an
// active thread: the uniqueness of that id is the claim (INV1, INV2).
import { setTimeout as pause } from 'node:timers/promises';
import {
  type WorkflowClient,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import type { ChannelType } from '../domain/contracts/channel.js';
import type { Verdict } from '../domain/contracts/outgoing-send.js';
import type { Settings } from '../domain/contracts/settings.js';
import { ThreadHolder, ThreadState } from '../domain/contracts/thread.js';
import type { Claim, Opener } from '../domain/thread.js';
import { THREAD_IS_OVER, type ThreadCommand } from '../domain/thread-command.js';
import { untilOpen } from '../domain/working-hours.js';
import {
  type CommandAnswer,
  clientClosedSignal,
  clientWroteSignal,
  commandUpdate,
  refusalIn,
  searchAttributes,
  sendSettledSignal,
  TASK_QUEUE,
  THREAD,
  type ThreadInput,
  type ThreadMemo,
  threadWorkflowId,
} from '../workflows/messages.js';
import { describeRunning, unlessEnded } from './ended.js';
import type { ThreadLog } from './ports.js';

interface ThreadOpening {
  threadId: string;
  clientId: string;
  channelId: string;
  channelType: ChannelType;
  openedBy: Opener;
  settings: Settings;
}

interface RunningThread {
  shown: ThreadHolder;
  /** The send that claimed it; empty when the client opened it. */
  sendId: string;
  claim: Claim;
}

export interface ThreadCalls {
  /** Exactly one of all claims at once wins; the others are told who holds the thread. */
  claim(opening: ThreadOpening): Promise<{ outcome: 'won'; claim: Claim } | { outcome: 'held'; holder: ThreadHolder }>;
  holder(clientId: string): Promise<RunningThread | undefined>;
  settle(clientId: string, settlement: { sendId: string; verdict: Verdict }): Promise<void>;
  /** The client's message joins the active thread or opens one. */
  clientWrote(opening: ThreadOpening, entryId: string): Promise<void>;
  /** The client has closed this thread at their end; one that is over already stays so. */
  clientClosed(clientId: string, threadId: string): Promise<void>;
  /** What an agent or a system asks of the client's thread. */
  command(clientId: string, command: ThreadCommand): Promise<CommandAnswer>;
}

// A holder whose row is closed already is about to end: worth waiting for, but not longer (W22).
const CLOSING_PATIENCE = 2_000; // ms
const CLOSING_PAUSE = 25; // ms

export function createThreadCalls(workflows: WorkflowClient, threads: Pick<ThreadLog, 'isClosed'>): ThreadCalls {
  const holder = async (clientId: string) => runningThread(workflows, clientId);
  return {
    holder,
    command: (clientId, command) => give(workflows, threads, clientId, command),

    async claim(opening) {
      const giveUpAt = Date.now() + CLOSING_PATIENCE;
      for (;;) {
        const started = await start(workflows, opening);
        if (started !== undefined) return { outcome: 'won', claim: started };
        const running = await holder(opening.clientId);
        if (running === undefined) continue; // ended in between
        if (running.sendId === opening.openedBy.id) return { outcome: 'won', claim: running.claim };
        const isEnding = Date.now() < giveUpAt && (await threads.isClosed(running.shown.threadId));
        if (!isEnding) return { outcome: 'held', holder: running.shown };
        await pause(CLOSING_PAUSE);
      }
    },

    async settle(clientId, settlement) {
      const running = workflows.getHandle(threadWorkflowId(clientId));
      // A claimed thread ends only once it is settled, so it was told before (W19).
      await running.signal(sendSettledSignal, settlement).catch(unlessEnded);
    },

    async clientClosed(clientId, threadId) {
      const running = workflows.getHandle(threadWorkflowId(clientId));
      await running.signal(clientClosedSignal, { threadId }).catch(unlessEnded);
    },

    async clientWrote(opening, entryId) {
      await workflows.signalWithStart(THREAD, {
        ...startOptions(opening),
        workflowIdConflictPolicy: 'USE_EXISTING',
        signal: clientWroteSignal,
        signalArgs: [{ entryId, channelId: opening.channelId, channelType: opening.channelType }],
      });
    },
  };
}

async function give(
  workflows: WorkflowClient,
  threads: Pick<ThreadLog, 'isClosed'>,
  clientId: string,
  command: ThreadCommand,
): Promise<CommandAnswer> {
  const running = workflows.getHandle(threadWorkflowId(clientId));
  try {
    const done = await running.executeUpdate(commandUpdate, { updateId: command.commandId, args: [command] });
    return { outcome: 'done', ...done };
  } catch (error) {
    // One that was ended by hand is repaired first, and closed then.
    if (error instanceof WorkflowNotFoundError && (await threads.isClosed(command.threadId)))
      return { outcome: 'refused', refusal: THREAD_IS_OVER };
    const refusal = error instanceof WorkflowUpdateFailedError ? refusalIn(error.cause) : undefined;
    if (refusal === undefined) throw error;
    return { outcome: 'refused', refusal };
  }
}

async function start(workflows: WorkflowClient, opening: ThreadOpening): Promise<Claim | undefined> {
  try {
    const handle = await workflows.start(THREAD, { ...startOptions(opening), workflowIdConflictPolicy: 'FAIL' });
    return { threadId: opening.threadId, runId: handle.firstExecutionRunId };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return undefined;
    throw error;
  }
}

function startOptions({ threadId, clientId, channelId, channelType, openedBy, settings }: ThreadOpening) {
  const isClaimed = openedBy.kind === 'SEND';
  const input: ThreadInput = {
    threadId,
    clientId,
    channelId,
    openedBy,
    entryIds: [],
    hearsInOrder: true,
    timeouts: {
      outgoingWaiting: settings.outgoingWaitingTimeoutSeconds * 1000,
      waiting: settings.waitingTimeoutSeconds * 1000,
    },
    ...(settings.workingHours !== null && {
      workingHours: settings.workingHours,
      untilOpen: untilOpen(settings.workingHours, Date.now()),
    }),
  };
  const memo: ThreadMemo = { threadId, channelId, sendId: isClaimed ? openedBy.id : '', openedAt: Date.now() };
  return {
    workflowId: threadWorkflowId(clientId),
    taskQueue: TASK_QUEUE,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE' as const,
    args: [input] as [ThreadInput],
    memo,
    staticSummary: isClaimed ? `${channelType}: opened by a send` : `${channelType}: opened by the client`,
    typedSearchAttributes: [
      { key: searchAttributes.clientId, value: clientId },
      { key: searchAttributes.channelType, value: channelType },
      { key: searchAttributes.threadState, value: isClaimed ? 'OPENING' : 'NEW' },
      ...(isClaimed ? [{ key: searchAttributes.agentId, value: openedBy.agentId }] : []),
    ],
  };
}

async function runningThread(workflows: WorkflowClient, clientId: string): Promise<RunningThread | undefined> {
  const description = await describeRunning(workflows, threadWorkflowId(clientId));
  if (description === undefined) return undefined;
  const { threadId, channelId, sendId, openedAt } = description.memo as ThreadMemo;
  const agentId = description.typedSearchAttributes.get(searchAttributes.agentId);
  return {
    sendId,
    claim: { threadId, runId: description.runId },
    shown: ThreadHolder.parse({
      threadId,
      channelId,
      ...(agentId !== undefined && { agentId }),
      state: ThreadState.parse(description.typedSearchAttributes.get(searchAttributes.threadState)),
      since: new Date(openedAt).toISOString(),
      opener: sendId === '' ? 'CLIENT' : 'AGENT',
    }),
  };
}
