// The one place that runs machines on Temporal. A machine is a pure reducer; this file performs what it asks for:
// a `request*` action by the performer of that name, whose answer comes back as an event; `after` by a durable timer.
import { CancellationScope, condition, isCancellation, setCurrentDetails, sleep } from '@temporalio/workflow';
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type EventFromLogic,
  type InputFrom,
  initialTransition,
  type SnapshotFrom,
  type StateMachine,
  transition,
} from 'xstate';

// biome-ignore format: one type, one line
type ActionOf<M> = M extends StateMachine<any, any, any, any, infer A, any, any, any, any, any, any, any, any, any> ? A : never;
type RequestOf<M> = Extract<ActionOf<M>, { type: `request${string}` }>;

/** One performer for each `request*` action of the machine: a missing or misspelt one, or a foreign event, does not compile. */
export type Performers<M extends AnyStateMachine> = {
  [R in RequestOf<M> as R['type']]: (params: R['params']) => Promise<EventFromLogic<M>>;
};

export interface DrivenMachine<M extends AnyStateMachine> {
  /** Reduces at once: two events in one task are both judged by the state that the first one left. */
  post(event: EventFromLogic<M>): void;
  snapshot(): SnapshotFrom<M>;
  /** Settles when the machine has ended; rejects when a performer threw. */
  run(): Promise<SnapshotFrom<M>>;
  /** Resolves once the predicate holds of the snapshot. */
  until(predicate: (snapshot: SnapshotFrom<M>) => boolean): Promise<void>;
  /** How many answers to requests of this type are awaited. */
  awaits(type: RequestOf<M>['type']): number;
  /** What a next run needs to go on from here; undefined while an answer is awaited, which would be lost. */
  carry(): Carried | undefined;
}

/** A machine between two runs, as plain data. */
export interface Carried {
  value: string;
  context: object;
  timers: { id: string; event: object; dueAt: number }[];
}

type Work = { type: string; params?: any };
interface Delayed<M extends AnyStateMachine> {
  delay: number;
  event: EventFromLogic<M>;
}
interface Timer {
  scope: CancellationScope;
  dueAt: number;
  event: object;
}

/**
 * @param beginning the machine's input, or where an earlier run has left it
 * @param onEntered is told of each snapshot, for search attributes, and answers what an operator should read beside the
 * state; it must not post.
 */
export function driveMachine<M extends AnyStateMachine>(
  machine: M,
  beginning: { input: InputFrom<M> } | { carried: Carried },
  performers: Performers<M>,
  onEntered: (snapshot: SnapshotFrom<M>) => string | undefined,
): DrivenMachine<M> {
  // A cancellation from outside stops no work in the middle: only the machine decides how a run ends.
  const shielded = new CancellationScope({ cancellable: false });
  const timers = new Map<string, Timer>();
  const awaited = new Map<string, number>(); // answers, by the type of their request
  let current: AnyMachineSnapshot;
  let fault: { error: unknown } | undefined;

  const fail = (error: unknown): void => void (fault ??= { error });
  const post = (event: EventFromLogic<M>): void => enter(transition(machine, current as never, event));

  function enter([next, work]: readonly [unknown, readonly Work[]]): void {
    current = next as AnyMachineSnapshot;
    // Passing through a state starts its timer and stops it again: only what is still wanted at the end is armed.
    const wanted = new Map<string, Delayed<M>>();
    for (const { type, params } of work) {
      if (type in performers) perform(type, params);
      else if (type === 'xstate.cancel') {
        if (!wanted.delete(params.sendId)) disarm(params.sendId);
      } else if (type !== 'xstate.raise') throw new Error(`nothing performs ${type}`);
      else if (params.delay !== undefined) wanted.set(params.id, params); // without delay: already applied
    }
    for (const [id, { delay, event }] of wanted) arm(id, delay, event);
    show();
  }

  function show(): void {
    const beside = onEntered(current as SnapshotFrom<M>);
    setCurrentDetails(inWords(machine, current, beside, timers));
  }

  function perform(type: string, params: unknown): void {
    const performer = (performers as Record<string, (params: unknown) => Promise<EventFromLogic<M>>>)[type]!;
    const count = (change: number) => awaited.set(type, (awaited.get(type) ?? 0) + change);
    count(1);
    void shielded.run(async () => {
      try {
        const answer = await performer(params);
        count(-1);
        post(answer);
      } catch (error) {
        fail(error);
      }
    });
  }

  function arm(id: string, delay: number, event: EventFromLogic<M>): void {
    const scope = new CancellationScope({ cancellable: true, parent: shielded });
    const timer = { scope, dueAt: Date.now() + delay, event };
    timers.set(id, timer);
    const rung = scope.run(() => sleep(Math.max(1, delay), { summary: nameOf(id) }));
    rung
      .then(() => {
        if (timers.get(id) !== timer) return; // disarmed in the very step in which it rang
        timers.delete(id);
        post(event);
      })
      .catch((error: unknown) => isCancellation(error) || fail(error));
  }

  function disarm(id: string): void {
    const timer = timers.get(id);
    timers.delete(id);
    // A run that ends takes its timers with it; cancelling them first would only cost an event.
    if (current.status === 'active') timer?.scope.cancel();
  }

  function resume({ value, context, timers: due }: Carried): void {
    current = machine.resolveState({ value, context });
    for (const { id, event, dueAt } of due) arm(id, dueAt - Date.now(), event as EventFromLogic<M>);
    show();
  }

  if ('carried' in beginning) resume(beginning.carried);
  else enter(initialTransition(machine, beginning.input as never));
  const until = (predicate: (snapshot: SnapshotFrom<M>) => boolean): Promise<void> =>
    shielded.run(async () => {
      await condition(() => fault !== undefined || predicate(current as SnapshotFrom<M>));
      if (fault !== undefined) throw fault.error;
    });
  return {
    post,
    until,
    snapshot: () => current as SnapshotFrom<M>,
    awaits: (type) => awaited.get(type) ?? 0,
    carry: () =>
      [...awaited.values()].some((count) => count > 0)
        ? undefined
        : {
            value: String(current.value),
            context: current.context as object,
            timers: [...timers].map(([id, { event, dueAt }]) => ({ id, event, dueAt })),
          },
    run: async () => {
      await until(({ status }) => status === 'done');
      return current as SnapshotFrom<M>;
    },
  };
}

/** `xstate.after.verdictTimeout.outgoingSend.dispatching` -> `verdictTimeout`. */
const nameOf = (timerId: string): string => timerId.split('.')[2] ?? timerId;

/** What the run waits for, for an operator: state, its description, what happens by itself and when. */
function inWords(
  machine: AnyStateMachine,
  { value }: AnyMachineSnapshot,
  beside: string | undefined,
  timers: ReadonlyMap<string, Timer>,
): string {
  const state = String(value);
  const due = [...timers].map(([id, { dueAt }]) => `- ${nameOf(id)} at ${new Date(dueAt).toISOString()}`);
  const next = due.length === 0 ? [] : ['', 'By itself:', ...due];
  const said = beside === undefined ? [] : ['', beside];
  return [`**${state}**: ${machine.states[state]?.description ?? ''}`, ...said, ...next].join('\n');
}
