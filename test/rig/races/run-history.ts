// What a thread's run was told and what it showed, read from its history.
import type { WorkflowExecutionInfo, WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { Verdict } from '../../../domain/contracts/outgoing-send.js';
import type { ThreadCommandName, ThreadState } from '../../../domain/contracts/thread.js';
import type { ThreadCommand } from '../../../domain/thread-command.js';
import {
  clientClosedSignal,
  clientWroteSignal,
  searchAttributes,
  sendSettledSignal,
  type ThreadInput,
} from '../../../workflows/messages.js';
import type { Heard, Run } from './evidence.js';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type Event = NonNullable<History['events']>[number];

const WORKFLOW_ID = /^thread:/;

export function runOf(
  { workflowId, runId, status, startTime, closeTime }: WorkflowExecutionInfo,
  history: History,
): Run {
  const events = history.events ?? [];
  const started = events[0]?.workflowExecutionStartedEventAttributes;
  const input = read(started?.input?.payloads?.[0]) as ThreadInput;
  const continues = started?.continuedExecutionRunId;
  return {
    clientId: workflowId.replace(WORKFLOW_ID, ''),
    runId,
    threadId: input.threadId,
    status: status.name,
    startedAt: startTime.getTime(),
    ...(closeTime !== undefined && { closedAt: closeTime.getTime() }),
    ...(continues !== undefined && continues !== null && continues !== '' && { continues }),
    brought: input.entryIds,
    heard: events.flatMap(heardIn),
    shown: shownBy(events),
  };
}

const read = (payload: unknown): unknown => defaultPayloadConverter.fromPayload(payload as Payload);

const NAMES: Record<ThreadCommand['type'], ThreadCommandName> = {
  'agent.took': 'take',
  'agent.opened': 'open',
  'agent.replied': 'reply',
  'agent.transferred': 'transfer',
  'agent.closed': 'close',
  'agent.blocked': 'block',
};

function heardIn(event: Event): Heard[] {
  if (event.timerFiredEventAttributes) return [{ what: 'timer' }];
  const command = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.args?.payloads?.[0];
  if (command) {
    const { type, actor } = read(command) as ThreadCommand;
    return [{ what: 'command', name: NAMES[type], ...(actor.kind !== 'SYSTEM' && { agentId: actor.agentId }) }];
  }
  const signal = event.workflowExecutionSignaledEventAttributes;
  const payload = signal?.input?.payloads?.[0];
  switch (signal?.signalName) {
    case clientWroteSignal.name:
      return [{ what: 'message', ...(read(payload) as { entryId: string }) }];
    case sendSettledSignal.name:
      return [{ what: 'settlement', ...(read(payload) as { sendId: string; verdict: Verdict }) }];
    case clientClosedSignal.name:
      return [{ what: 'closing' }];
    default:
      return [];
  }
}

/** Each time that one of the two changes; the other one stays. */
function shownBy(events: Event[]): Run['shown'] {
  const shown: Run['shown'] = [];
  let fields: Record<string, unknown> = {};
  for (const event of events) {
    const set = (event.workflowExecutionStartedEventAttributes ?? event.upsertWorkflowSearchAttributesEventAttributes)
      ?.searchAttributes?.indexedFields;
    if (!set) continue;
    const decoded = Object.entries(set).map(([name, payload]) => [name, read(payload)]);
    fields = { ...fields, ...Object.fromEntries(decoded) };
    const valueOf = ({ name }: { name: string }): unknown => [fields[name]].flat()[0] ?? undefined;
    const state = valueOf(searchAttributes.threadState) as ThreadState;
    const agentId = valueOf(searchAttributes.agentId) as string | undefined;
    shown.push({ state, ...(agentId !== undefined && { agentId }) });
  }
  return shown;
}
