// Wiring of machines/outgoing-send.ts: its requests to activities, its messages to events.
import {
  ActivityFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { SnapshotFrom } from 'xstate';
import type { DispatchAnswer, OutgoingSendActivities } from '../activities/ports.js';
import type { SendState } from '../domain/contracts/outgoing-send.js';
import { outgoingSendMachine, type SendEvent } from '../machines/outgoing-send.js';
import { driveMachine, type Performers } from './drive-machine.js';
import { localWork } from './local-work.js';
import {
  type OutgoingSendInput,
  receiptSignal,
  type SendResult,
  type SendVerdict,
  searchAttributes,
  verdictUpdate,
  viewOf,
  viewQuery,
} from './messages.js';

type SendSnapshot = SnapshotFrom<typeof outgoingSendMachine>;

const { claimThread, settleSend, concludeSend } = proxyLocalActivities<OutgoingSendActivities>(localWork);

export async function outgoingSend(input: OutgoingSendInput): Promise<SendResult> {
  const { sendId, clientId, channelId, dispatchDeadline, timeouts } = input;

  const performers: Performers<typeof outgoingSendMachine> = {
    requestClaim: async () => {
      const answer = await claimThread({ sendId, channelId });
      if (answer.outcome === 'refused') return { type: 'claim.refused', refusals: answer.refusals };
      const { claim, expectsReceipts, dispatchTimeout, parts = 1 } = answer;
      return { type: 'claim.won', claim, expectsReceipts, dispatchTimeout, parts };
    },
    requestDispatch: async ({ part, claim, timeout }) => {
      const { dispatchPart } = proxyActivities<OutgoingSendActivities>({
        summary: part === 0 ? 'text' : `part ${part}`,
        startToCloseTimeout: timeout,
        scheduleToCloseTimeout: dispatchDeadline,
        retry: { initialInterval: '1 second', backoffCoefficient: 3, maximumInterval: '1 minute' },
      });
      const job = { sendId, channelId, part, ...(claim && { claim }) };
      const giveUpAt = Date.now() + dispatchDeadline;
      for (let pause = FIRST_PAUSE; Date.now() < giveUpAt; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
        const event = await dispatchPart(job).then(eventOf, exhaustedWhenRetriesEnd);
        if (event !== undefined) return event;
        await sleep(pause, { summary: 'earlier messages of the thread leave first' });
      }
      return { type: 'dispatch.exhausted' };
    },
    requestSettlement: async (verdict) => {
      const { claim, expectsReceipts } = send.snapshot().context;
      return {
        type: 'send.settled',
        ...(await settleSend({ sendId, clientId, verdict, expectsReceipts, ...(claim && { claim }) })),
      };
    },
    requestConclusion: async (job) => {
      return { type: 'outcome.concluded', ...(await concludeSend({ sendId, ...job })) };
    },
  };

  const send = driveMachine(outgoingSendMachine, { input: { sendId, timeouts } }, performers, showState());
  setHandler(receiptSignal, (receipt) => send.post({ type: 'receipt.arrived', ...receipt }), {
    description: 'A receipt of the provider that settles the delivery.',
  });
  setHandler(viewQuery, () => viewOf(send.snapshot()), { description: 'The state of the send and what it knows.' });
  setHandler(
    verdictUpdate,
    async (): Promise<SendVerdict> => {
      await send.until(({ value, context }) => value === 'refused' || context.isSettled);
      const { verdict, refusals } = send.snapshot().context;
      return { verdict: verdict ?? 'REFUSED', refusals };
    },
    { description: 'Waits for the verdict: refused, rejected, accepted or queued.' },
  );

  const { value, context } = await send.run();
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  return resultOf(value, context);
}

// How long a reply waits before it asks again whether it is its turn, in ms.
const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 5_000;

/** Undefined while it is not the turn of a reply. */
function eventOf(answer: DispatchAnswer): SendEvent | undefined {
  switch (answer.outcome) {
    case 'accepted':
      return { type: 'provider.accepted' };
    case 'final':
      return { type: 'provider.rejected', failureCode: answer.failureCode };
    case 'unknown':
      return { type: 'provider.fellSilent' };
    case 'early':
      return undefined;
  }
}

/** What the last attempt did our own record of intents tells. A bug stays an exception. */
function exhaustedWhenRetriesEnd(error: unknown): SendEvent {
  if (error instanceof ActivityFailure) return { type: 'dispatch.exhausted' };
  throw error;
}

const resultOf = (state: SendState, { verdict, failureCode, refusals }: SendSnapshot['context']): SendResult => ({
  state,
  refusals,
  ...(verdict && { verdict }),
  ...(failureCode && { failureCode }),
});

/** One attribute change per state in which a send rests, so that operators can filter by it. */
function showState(): (snapshot: SendSnapshot) => undefined {
  let shown: SendState = 'claiming';
  return (snapshot) => {
    const { value, context } = snapshot;
    if (value === shown || !snapshot.hasTag('atRest')) return undefined;
    shown = value;
    upsertSearchAttributes([
      { key: searchAttributes.sendState, value },
      ...(context.failureCode === undefined ? [] : [{ key: searchAttributes.failureCode, value: context.failureCode }]),
    ]);
    return undefined;
  };
}
