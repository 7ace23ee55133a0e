// What operators see of a thread in lists and in its current details; ids alone (INV19).
import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { ThreadState } from '../domain/contracts/thread.js';
import type { Opener } from '../domain/thread.js';
import type { ThreadSnapshot } from '../machines/thread.js';
import { searchAttributes, type ThreadInput } from './messages.js';

/** One attribute change when a thread comes to rest in another state or with another agent, for operators' filters. */
export function showState({
  openedBy,
  resumed,
  hasOwnAttributes = false,
}: ThreadInput): (snapshot: ThreadSnapshot) => string {
  // Runs of before that continue another thread's have inherited its last attributes, whosever it was.
  const isHeir = workflowInfo().continuedFromExecutionRunId !== undefined && !hasOwnAttributes;
  const atStart = isHeir ? { state: 'CLOSED' as const, agentId: undefined } : attributesAtStart(openedBy);
  let shown: ReturnType<typeof attributesAtStart> | undefined = resumed === undefined ? atStart : undefined;
  return (snapshot) => {
    const { state, agentId = null } = snapshot.context;
    if (!snapshot.hasTag('atRest')) return whoHasIt(snapshot.context);
    if (shown !== undefined && (state !== shown.state || agentId !== shown.agentId)) {
      upsertSearchAttributes([
        { key: searchAttributes.threadState, value: state },
        ...(agentId === shown.agentId ? [] : [{ key: searchAttributes.agentId, value: agentId }]),
      ]);
    }
    shown = { state, agentId };
    return whoHasIt(snapshot.context);
  };
}

function whoHasIt({ agentId, target }: ThreadSnapshot['context']): string {
  if (agentId !== undefined) return `Agent ${agentId} has it.`;
  return target === undefined ? 'Nobody has it.' : `It is with ${target.kind.toLowerCase()} ${target.id}.`;
}

function attributesAtStart(openedBy: Opener): { state: ThreadState; agentId: string | null | undefined } {
  return openedBy.kind === 'SEND' ? { state: 'OPENING', agentId: openedBy.agentId } : { state: 'NEW', agentId: null };
}
