// Wiring of machines/thread.ts: the client's one active thread, which runs as long as it is active.
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  makeContinueAsNewFunc,
  proxyLocalActivities,
  setHandler,
  upsertSearchAttributes,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type { SnapshotFrom } from 'xstate';
import type { ThreadActivities } from '../activities/ports.js';
import type { CloseReason } from '../domain/contracts/thread.js';
import { type ThreadInput, threadMachine } from '../machines/thread.js';
import { driveMachine, type Performers } from './drive-machine.js';
import { localWork } from './local-work.js';
import {
  clientWroteSignal,
  searchAttributes,
  sendSettledSignal,
  type ThreadMemo,
  viewOf,
  viewQuery,
} from './messages.js';

type ThreadSnapshot = SnapshotFrom<typeof threadMachine>;

const { projectThread } = proxyLocalActivities<ThreadActivities>(localWork);

export async function thread(input: ThreadInput): Promise<{ closeReason?: CloseReason }> {
  const { threadId, clientId, channelId, openedBy } = input;
  const record = { threadId, clientId, channelId, openedBy, runId: workflowInfo().runId };

  const performers: Performers<typeof threadMachine> = {
    requestProjection: async (projection) => {
      await projectThread({ thread: record, projection });
      return { type: 'thread.projected', version: projection.version };
    },
  };

  const life = driveMachine(threadMachine, input, performers, showState());
  setHandler(clientWroteSignal, ({ entryId }) => life.post({ type: 'client.wrote', entryId }), {
    description: 'The client has written; the message is in the history already.',
  });
  setHandler(sendSettledSignal, (settled) => life.post({ type: 'send.settled', ...settled }), {
    description: 'The send that claimed this thread knows its verdict.',
  });
  setHandler(viewQuery, () => viewOf(life.snapshot()), { description: 'The state of the thread and what it knows.' });

  const { context } = await life.run();
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  const [first, ...others] = context.leftover;
  if (first !== undefined) await openNext(input, first, others);
  return context.closeReason === undefined ? {} : { closeReason: context.closeReason };
}

/** A message that met the close opens the next thread in the same step, so that no claim comes between (INV10). */
function openNext({ clientId, channelId, timeouts }: ThreadInput, entryId: string, others: string[]): Promise<never> {
  const threadId = uuid4();
  const memo: ThreadMemo = { threadId, channelId, sendId: '', openedAt: Date.now() };
  return makeContinueAsNewFunc<typeof thread>({ memo })({
    threadId,
    clientId,
    channelId,
    openedBy: { kind: 'CLIENT', id: entryId },
    entryIds: [entryId, ...others],
    timeouts,
  });
}

/** One attribute change per state in which a thread rests, so that operators can filter by it. */
function showState(): (snapshot: ThreadSnapshot) => void {
  // A run that continues another inherits its last attributes; any other was started with those of its first state.
  let shown: ThreadSnapshot['value'] | undefined =
    workflowInfo().continuedFromExecutionRunId === undefined ? undefined : 'CLOSED';
  return (snapshot) => {
    const { value } = snapshot;
    if (!snapshot.hasTag('atRest')) return;
    if (shown !== undefined && value !== shown) {
      upsertSearchAttributes([
        { key: searchAttributes.threadState, value },
        ...(value === 'NEW' ? [{ key: searchAttributes.agentId, value: null }] : []),
      ]);
    }
    shown = value;
  };
}
