import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';

type History = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>;
type HistoryEvent = NonNullable<History['events']>[number];

/** Numbers of Temporal's EventType. */
export const EventType = {
  STARTED: 1,
  COMPLETED: 2,
  TASK_STARTED: 6,
  TASK_COMPLETED: 7,
  ACTIVITY_STARTED: 11,
  ACTIVITY_COMPLETED: 12,
} as const;

/** A run that has completed, as its history tells it. */
export interface Run {
  events: number;
  tasks: number;
  /** When the n-th event of this type was, from 0, in ms since the epoch. */
  at(type: number, n?: number): number;
  closedAt: number;
  result: unknown;
}

/** Waits for the end of the run. */
export async function readRun({ workflow }: Client, workflowId: string): Promise<Run> {
  const handle = workflow.getHandle(workflowId);
  await handle.result();
  const events = (await handle.fetchHistory()).events ?? [];
  const ofType = (type: number) => events.filter((event) => typeOf(event) === type);
  const last = events.at(-1);
  if (last === undefined || typeOf(last) !== EventType.COMPLETED) throw new Error(`${workflowId} did not complete`);
  const [result] = last.workflowExecutionCompletedEventAttributes?.result?.payloads ?? [];
  return {
    events: events.length,
    tasks: ofType(EventType.TASK_COMPLETED).length,
    at: (type, n = 0) => timeOf(ofType(type)[n]),
    closedAt: timeOf(last),
    result: result && defaultPayloadConverter.fromPayload(result),
  };
}

const typeOf = ({ eventType }: HistoryEvent): number => Number(eventType);

const timeOf = (event: HistoryEvent | undefined): number =>
  Number(event?.eventTime?.seconds ?? Number.NaN) * 1000 + (event?.eventTime?.nanos ?? 0) / 1e6;
