// Where the time between the request and the verdict goes, from the histories of sends that had the servers to themselves.
import type { MeasuredSend } from './full-send.js';
import { EventType } from './history.js';
import { median } from './statistics.js';

const STATIONS: readonly [station: string, at: (send: MeasuredSend) => number][] = [
  ['asked', ({ begunAt }) => begunAt],
  ['HTTP, key and command stored, update-with-start', ({ run }) => run.at(EventType.STARTED)],
  ['first task reaches the worker', ({ run }) => run.at(EventType.TASK_STARTED)],
  ['claim: rules, thread started, rows (local activity)', ({ run }) => run.at(EventType.TASK_COMPLETED)],
  ['dispatch begins', ({ run }) => run.at(EventType.ACTIVITY_STARTED)],
  ['dispatch: intent row, provider, result row (activity)', ({ run }) => run.at(EventType.ACTIVITY_COMPLETED)],
  ['second task reaches the worker', ({ run }) => run.at(EventType.TASK_STARTED, 1)],
  ['settlement: verdict, thread told (local activity)', ({ run }) => run.at(EventType.TASK_COMPLETED, 1)],
  ['update answered, send read, answer kept, HTTP', ({ answeredAt }) => answeredAt],
];

/** The median of each stretch, in ms. */
export const anatomyOf = (sends: readonly MeasuredSend[]): [stretch: string, ms: number][] =>
  STATIONS.slice(1).map(([station, at], index) => {
    const from = STATIONS[index]?.[1] ?? at;
    return [station, median(sends.map((send) => at(send) - from(send)))];
  });
