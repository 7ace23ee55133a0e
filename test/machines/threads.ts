// What can happen to a thread, and where it leads: the vocabulary of the tests of its machine.
import { initialTransition, transition } from 'xstate';
import type { Action, Verdict } from '../../domain/contracts/outgoing-send.js';
import type { CloseReason, ThreadState, TransferTarget } from '../../domain/contracts/thread.js';
import type { Opener, ThreadProjection, TransferFailure } from '../../domain/thread.js';
import type { Actor, ThreadCommand } from '../../domain/thread-command.js';
import { threadMachine, type ThreadSnapshot } from '../../machines/thread.js';
import type { ThreadEvent, ThreadInput } from '../../machines/thread-context.js';
import { anActor, HOUR, NOW } from '../builders.js';

/** The events of the domain, and those of the machine's own timers. */
export type Happening = ThreadEvent | { type: `xstate.after.${string}` };

export const anna = anActor();
export const boris = anActor({ agentId: 'boris' });
export const vera = anActor({ agentId: 'vera', groupIds: ['support'] });
export const svetlana = anActor({ kind: 'SUPERVISOR', agentId: 'svetlana' });
export const system: Actor = { kind: 'SYSTEM' };

export const toBoris: TransferTarget = { kind: 'EMPLOYEE', id: 'boris' };
export const toAnna: TransferTarget = { kind: 'EMPLOYEE', id: 'anna' };
export const toGroup: TransferTarget = { kind: 'GROUP', id: 'support' };
export const toBot: TransferTarget = { kind: 'BOT', id: 'greeter' };

/** The send that claims the thread is always Anna's. */
const bySend = (action: Action['kind'], target?: TransferTarget): Opener => ({
  kind: 'SEND',
  id: 's-1',
  agentId: 'anna',
  action,
  ...(target !== undefined && { target }),
});
export const close = bySend('CLOSE');
export const assign = bySend('ASSIGN_TO_ME');
export const transferTo = (target: TransferTarget): Opener => bySend('TRANSFER', target);
export const byClient: Opener = { kind: 'CLIENT', id: 'm-0' };

export const TIMEOUTS = { outgoingWaiting: 24 * HOUR, waiting: HOUR };

export const aThread = (openedBy: Opener, untilOpen = 0): ThreadInput => ({
  threadId: 't-1',
  clientId: 'c-1',
  channelId: 'wa-main',
  openedBy,
  entryIds: openedBy.kind === 'CLIENT' ? [openedBy.id] : [],
  timeouts: TIMEOUTS,
  openedAt: NOW,
  untilOpen,
});

/** `at` where a test asks when: in ms after the opening. */
export const wrote = (entryId = 'm-1', at = 0): ThreadEvent => ({ type: 'client.wrote', entryId, at: NOW + at });
export const clientClosed: ThreadEvent = { type: 'client.closed', at: NOW };
export const clientBlocked = (channelIds?: string[]): ThreadEvent => ({
  type: 'client.blocked',
  at: NOW,
  ...(channelIds && { channelIds }),
});
export const settled = (verdict: Verdict, sendId = 's-1', at = 0): ThreadEvent => ({
  type: 'send.settled',
  sendId,
  verdict,
  at: NOW + at,
});
export const accepted = settled('ACCEPTED');
export const rejected = settled('REJECTED');
export const projected = (version: number): ThreadEvent => ({ type: 'thread.projected', version });
export const vanished = (version: number): ThreadEvent => ({ type: 'target.vanished', version, at: NOW });
export const wanted = (above = 0): ThreadEvent => ({ type: 'projection.wanted', above });
export const botTook = (handover = 1): ThreadEvent => ({ type: 'bot.took', handover, at: NOW });
export const botFailed = (handover = 1, reason: TransferFailure = 'UNREACHABLE'): ThreadEvent => ({
  type: 'bot.failed',
  handover,
  reason,
  at: NOW,
});
export const silence: Happening = { type: 'xstate.after.waitingTimeout.thread.WAITING' };
export const opening: Happening = { type: 'xstate.after.workingHours.thread.SUSPENDED' };

type Given = { commandId?: string; noteId?: string; threadId?: string };
type CommandEvent = ThreadCommand & { at: number };
const given = (actor: Actor, commandId: string, rest: Given) => ({
  commandId,
  threadId: 't-1',
  actor,
  at: NOW,
  ...rest,
});
export const took = (actor: Actor, rest: Given = {}): CommandEvent => ({
  type: 'agent.took',
  ...given(actor, 'take', rest),
});
export const opened = (actor: Actor, rest: Given = {}): CommandEvent => ({
  type: 'agent.opened',
  ...given(actor, 'open', rest),
});
export const replied = (actor: Actor, sendId = 's-2', rest: Given = {}): CommandEvent => ({
  type: 'agent.replied',
  sendId,
  ...given(actor, `reply-${sendId}`, rest),
});
export const transferred = (actor: Actor, target: TransferTarget, rest: Given = {}): CommandEvent => ({
  type: 'agent.transferred',
  target,
  ...given(actor, `transfer-${target.id}`, rest),
});
export const closed = (actor: Actor, rest: Given = {}): CommandEvent => ({
  type: 'agent.closed',
  ...given(actor, 'close', rest),
});
export const blocked = (actor: Actor, rest: Given = {}): CommandEvent => ({
  type: 'agent.blocked',
  ...given(actor, 'block', rest),
});

export const after = (thread: ThreadSnapshot, event: Happening) =>
  transition(threadMachine, thread, event as ThreadEvent);

/** How a thread comes to where a test begins. */
export interface Way {
  openedBy: Opener;
  untilOpen?: number;
  events: Happening[];
}

export const beginning = (openedBy: Opener, untilOpen?: number) =>
  initialTransition(threadMachine, aThread(openedBy, untilOpen));

export const begun = ({ openedBy, untilOpen, events }: Way): ThreadSnapshot =>
  events.reduce<ThreadSnapshot>((thread, event) => after(thread, event)[0], beginning(openedBy, untilOpen)[0]);
export const threadAfter = (openedBy: Opener, ...events: Happening[]): ThreadSnapshot => begun({ openedBy, events });

/** Once everything that was asked for is written down. */
export const atRest = (thread: ThreadSnapshot): ThreadSnapshot =>
  thread.status === 'active' ? after(thread, projected(thread.context.version))[0] : thread;

const answered = [replied(anna, 's-0'), settled('ACCEPTED', 's-0')];

/** A way to each state, and to a bot's thread; what an agent has there is Anna's. */
export const ways = {
  OPENING: { openedBy: assign, events: [] },
  NEW: { openedBy: byClient, events: [] },
  SUSPENDED: { openedBy: byClient, untilOpen: 8 * HOUR, events: [] },
  UNASSIGNED: { openedBy: transferTo(toGroup), events: [accepted] },
  HANDING_OVER: { openedBy: transferTo(toBot), events: [accepted] },
  ASSIGNED: { openedBy: byClient, events: [took(anna, { commandId: 'take-0' })] },
  REASSIGNED: {
    openedBy: assign,
    events: [
      accepted,
      ...answered,
      transferred(svetlana, toBoris, { commandId: 'transfer-0' }),
      transferred(svetlana, toAnna, { commandId: 'transfer-1' }),
    ],
  },
  IN_PROGRESS: {
    openedBy: byClient,
    events: [took(anna, { commandId: 'take-0' }), opened(anna, { commandId: 'open-0' })],
  },
  IN_PROGRESS_OF_BOT: { openedBy: transferTo(toBot), events: [accepted, botTook()] },
  WAITING: { openedBy: assign, events: [accepted] },
  ANSWER_NEEDED: { openedBy: assign, events: [accepted, wrote('m-0')] },
  CLOSING: { openedBy: close, events: [accepted] },
  CLOSED: { openedBy: close, events: [accepted, projected(1)] },
} satisfies Record<string, Way>;
export type Place = keyof typeof ways;
export const places = Object.keys(ways) as Place[];
/** The machine's name of the state. */
export const stateAt = (place: Place): Exclude<Place, 'IN_PROGRESS_OF_BOT'> =>
  place === 'IN_PROGRESS_OF_BOT' ? 'IN_PROGRESS' : place;
export const threadAt = (place: Place): ThreadSnapshot => begun(ways[place]);

type Work = readonly { type: string; params?: unknown }[];
export const projectionsIn = (work: Work): ThreadProjection[] =>
  work.filter(({ type }) => type === 'requestProjection').map(({ params }) => params as ThreadProjection);
/** How long until the timer rings that was set, in ms. */
export const delayOf = (work: Work, timer: Happening): number | undefined => {
  const set = work.map(({ params }) => params as { event?: Happening; delay?: number } | undefined);
  return set.find((params) => params?.event?.type === timer.type)?.delay;
};

/** From a place, by the way that leads there unless it is by another. */
export interface Edge extends Partial<Holding> {
  from: Place;
  way?: Way;
  events: Happening[];
  /** The machine's state. */
  to: string;
  /** What is written down, where it is another word. */
  shown?: ThreadState;
  closeReason?: CloseReason;
}

/** Who has a thread: an agent, or a target. */
export interface Holding {
  agentId: string;
  target: TransferTarget;
}

export const threadOf = ({ from, way = ways[from], events }: Edge): ThreadSnapshot =>
  atRest(begun({ ...way, events: [...way.events, ...events] }));

export const endOf = (thread: ThreadSnapshot) => {
  const { state, agentId, target, closeReason } = thread.context;
  return { to: thread.value, state, agentId, target, closeReason };
};
export const expectedEnd = ({ to, shown, agentId, target, closeReason }: Edge) => ({
  to,
  state: shown ?? to,
  agentId,
  target,
  closeReason,
});

/** `OPENING (ASSIGN_TO_ME): client.wrote, ACCEPTED of s-1 -> ANSWER_NEEDED`, beside what it tells of. */
export const told = (edges: Edge[]): [string, Edge][] => edges.map((one) => [inWords(one), one]);

function inWords({ from, way = ways[from], events, to, closeReason }: Edge): string {
  const { openedBy } = way;
  const opener = openedBy.kind === 'CLIENT' ? 'client' : openedBy.action;
  const target = 'target' in openedBy ? ` to ${openedBy.target?.kind}` : '';
  return `${from} (${opener}${target}): ${events.map(wordOf).join(', ')} -> ${[to, closeReason].filter(Boolean).join(' ')}`;
}

function wordOf(event: Happening): string {
  const by = 'actor' in event ? ` by ${'agentId' in event.actor ? event.actor.agentId : 'a system'}` : '';
  const to = 'target' in event ? ` to ${event.target.kind}` : '';
  return 'verdict' in event ? `${event.verdict} of ${event.sendId}` : `${event.type}${by}${to}`;
}

/** Where a thread neither opens nor ends. */
export type Rest = Exclude<Place, 'OPENING' | 'CLOSING' | 'CLOSED'>;

export const holdings: Record<Rest, Partial<Holding>> = {
  NEW: {},
  SUSPENDED: {},
  UNASSIGNED: { target: toGroup },
  HANDING_OVER: { target: toBot },
  ASSIGNED: { agentId: 'anna' },
  REASSIGNED: { agentId: 'anna' },
  IN_PROGRESS: { agentId: 'anna' },
  IN_PROGRESS_OF_BOT: { target: toBot },
  WAITING: { agentId: 'anna' },
  ANSWER_NEEDED: { agentId: 'anna' },
};
export const rests = Object.keys(holdings) as Rest[];
export const isHeldByAnna = (place: Rest): boolean => holdings[place].agentId !== undefined;
