// Every way through a machine that the outside world allows, with the work that each asked for.
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type EventFromLogic,
  fromTransition,
  type InputFrom,
  initialTransition,
  type SnapshotFrom,
  transition,
} from 'xstate';
import { getShortestPaths } from 'xstate/graph';

/** A `request*` action as it was issued. */
interface Request {
  type: string;
  params: unknown;
}

export interface Journey<M extends AnyStateMachine> {
  events: string[];
  /** All that was asked for on the way, in order. */
  requests: Request[];
  snapshot: SnapshotFrom<M>;
}

interface Seen {
  snapshot: AnyMachineSnapshot;
  requests: Request[];
}

const requestsAmong = (work: readonly { type: string; params?: unknown }[]): Request[] =>
  work.filter(({ type }) => type.startsWith('request')).map(({ type, params }) => ({ type, params }));

export const countOf = (requests: readonly Request[], type: string): number =>
  requests.filter((one) => one.type === type).length;

/** A machine that grows without end fails here instead of being searched for ever. */
const LIMIT = 20_000; // steps tried

/**
 * One shortest way to each pair of a state and the requests made so far: two ways that end in one state but asked for
 * different work are both kept.
 * @param eventsOf what can happen in a state; `after` edges as `xstate.after.<delay>.<machine>.<state>`
 */
export function journeysOf<M extends AnyStateMachine>(
  machine: M,
  input: InputFrom<M>,
  eventsOf: (snapshot: SnapshotFrom<M>) => readonly EventFromLogic<M>[],
): Journey<M>[] {
  const [first, work] = initialTransition(machine, input as never);
  const witnessed = fromTransition(
    (seen: Seen, event: EventFromLogic<M>): Seen => {
      const [snapshot, asked] = transition(machine, seen.snapshot as never, event as never);
      return { snapshot, requests: [...seen.requests, ...requestsAmong(asked)] };
    },
    { snapshot: first as AnyMachineSnapshot, requests: requestsAmong(work) },
  );
  const paths = getShortestPaths(witnessed, {
    events: ({ context }) =>
      context.snapshot.status === 'done' ? [] : [...eventsOf(context.snapshot as SnapshotFrom<M>)],
    limit: LIMIT,
    serializeState: ({ context: { snapshot, requests } }) =>
      JSON.stringify([snapshot.value, snapshot.context, requests]),
  });
  return paths.map(({ state, steps }) => ({
    events: steps.map(({ event }) => event.type).filter((type) => type !== 'xstate.init'),
    requests: state.context.requests,
    snapshot: state.context.snapshot as SnapshotFrom<M>,
  }));
}
