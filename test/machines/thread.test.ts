import { describe, expect, it } from 'vitest';
import { initialTransition, type SnapshotFrom, transition } from 'xstate';
import type { Verdict } from '../../domain/contracts/outgoing-send.js';
import type { CloseReason } from '../../domain/contracts/thread.js';
import type { Opener, ThreadProjection } from '../../domain/thread.js';
import { type ThreadEvent, type ThreadInput, threadMachine } from '../../machines/thread.js';
import { type Journey, journeysOf } from './journeys.js';

type ThreadSnapshot = SnapshotFrom<typeof threadMachine>;
type Happening = ThreadEvent | { type: `xstate.after.${string}` };

const OWN = 's-1';
const bySend = (action: 'CLOSE' | 'ASSIGN_TO_ME'): Opener => ({ kind: 'SEND', id: OWN, agentId: 'a-1', action });
const byClient: Opener = { kind: 'CLIENT', id: 'm-0' };

const aThread = (openedBy: Opener): ThreadInput => ({
  threadId: 't-1',
  clientId: 'c-1',
  channelId: 'wa-main',
  openedBy,
  entryIds: openedBy.kind === 'CLIENT' ? [openedBy.id] : [],
  timeouts: { outgoingWaiting: 86_400_000, waiting: 3_600_000 },
});

const wrote = (entryId: string): ThreadEvent => ({ type: 'client.wrote', entryId });
const settled = (verdict: Verdict, sendId = OWN): ThreadEvent => ({ type: 'send.settled', sendId, verdict });
const projected = (version: number): ThreadEvent => ({ type: 'thread.projected', version });
const silence: Happening = { type: 'xstate.after.waitingTimeout.thread.WAITING' };

const after = (thread: ThreadSnapshot, event: Happening) => transition(threadMachine, thread, event as ThreadEvent);
const threadAfter = (openedBy: Opener, ...events: Happening[]): ThreadSnapshot =>
  events.reduce<ThreadSnapshot>(
    (thread, event) => after(thread, event)[0],
    initialTransition(threadMachine, aThread(openedBy))[0],
  );
/** Once everything that was asked for is written down. */
const atRest = (thread: ThreadSnapshot): ThreadSnapshot =>
  thread.status === 'active' ? after(thread, projected(thread.context.version))[0] : thread;

interface Edge {
  from: string;
  openedBy: Opener;
  events: Happening[];
  to: string;
  closeReason?: CloseReason;
  agentId?: string;
}

const taken = (['ACCEPTED', 'QUEUED'] as const).map((verdict) => settled(verdict));
const close = bySend('CLOSE');
const assign = bySend('ASSIGN_TO_ME');
const agentId = 'a-1';

// Requirements, section 5, as far as the machine goes: no transfer, no take, no answer of an agent yet.
const edges: Edge[] = [
  { from: 'none', openedBy: close, events: [], to: 'OPENING', agentId },
  { from: 'none', openedBy: byClient, events: [], to: 'NEW' },
  ...taken.flatMap((event): Edge[] => [
    { from: 'OPENING', openedBy: close, events: [event], to: 'CLOSED', agentId },
    { from: 'OPENING', openedBy: assign, events: [event], to: 'WAITING', agentId },
    { from: 'OPENING', openedBy: close, events: [wrote('m-1'), event], to: 'NEW' },
    { from: 'OPENING', openedBy: assign, events: [wrote('m-1'), event], to: 'ANSWER_NEEDED', agentId },
  ]),
  ...[close, assign].flatMap((openedBy): Edge[] => [
    { from: 'OPENING', openedBy, events: [wrote('m-1')], to: 'OPENING', agentId },
    { from: 'OPENING', openedBy, events: [settled('REJECTED')], to: 'CLOSED', closeReason: 'SEND_REJECTED', agentId },
    { from: 'OPENING', openedBy, events: [wrote('m-1'), settled('REJECTED')], to: 'NEW' },
  ]),
  { from: 'NEW', openedBy: byClient, events: [wrote('m-1')], to: 'NEW' },
  { from: 'WAITING', openedBy: assign, events: [settled('ACCEPTED'), wrote('m-1')], to: 'ANSWER_NEEDED', agentId },
  {
    from: 'WAITING',
    openedBy: assign,
    events: [settled('ACCEPTED'), silence],
    to: 'CLOSED',
    closeReason: 'OUTGOING_WAITING_TIMEOUT',
    agentId,
  },
  {
    from: 'ANSWER_NEEDED',
    openedBy: assign,
    events: [settled('ACCEPTED'), wrote('m-1'), wrote('m-2')],
    to: 'ANSWER_NEEDED',
    agentId,
  },
];

const inWords = ({ openedBy, events }: Edge): string =>
  [
    openedBy.kind === 'SEND' ? openedBy.action : 'client',
    ...events.map((event) => ('verdict' in event ? event.verdict : event.type)),
  ].join(', ');

it.each(edges.map((edge) => ({ ...edge, story: inWords(edge) })))(
  'from $from after $story a thread is $to with the reason $closeReason (R15, A22, A31)',
  ({ openedBy, events, to, closeReason, agentId: holder }) => {
    const thread = atRest(threadAfter(openedBy, ...events));

    expect(thread.value).toBe(to);
    expect(thread.context).toMatchObject({ state: to, agentId: holder });
    expect(thread.context.closeReason).toBe(closeReason);
  },
);

it('a thread assigned to its sender begins minimised in the personal queue (R15b)', () => {
  expect(threadAfter(assign, settled('ACCEPTED')).context).toMatchObject({ minimised: true, agentId: 'a-1' });
  expect(threadAfter(close, wrote('m-1'), settled('ACCEPTED')).context.minimised).toBe(false);
});

it('a client who stays silent closes the thread after the time for outgoing ones, since they never wrote', () => {
  const [, work] = after(threadAfter(assign), settled('ACCEPTED'));

  expect(work).toContainEqual(
    expect.objectContaining({ params: expect.objectContaining({ event: silence, delay: 86_400_000 }) }),
  );
});

describe('closing without loss (INV10)', () => {
  const closing = threadAfter(close, settled('ACCEPTED'));

  it('a message that comes while the thread closes is left for the next one, and the thread still closes', () => {
    const [thread, work] = after(closing, wrote('m-1'));

    expect(work).toEqual([]);
    expect(thread).toMatchObject({
      value: 'CLOSING',
      context: { leftover: ['m-1'], version: closing.context.version },
    });
    expect(atRest(thread)).toMatchObject({ value: 'CLOSED', status: 'done', context: { leftover: ['m-1'] } });
  });

  it('several of them keep their order, each once', () => {
    const thread = [wrote('m-1'), wrote('m-2'), wrote('m-1')].reduce((one, event) => after(one, event)[0], closing);

    expect(thread.context.leftover).toEqual(['m-1', 'm-2']);
  });

  it('the thread closes when its last word is written down, not an earlier one (W21)', () => {
    const { version } = closing.context;

    expect(after(closing, projected(version - 1))[0].value).toBe('CLOSING');
    expect(after(closing, projected(version))[0].value).toBe('CLOSED');
  });
});

describe('settlements (W19)', () => {
  it.each(
    edges
      .filter(({ to, events }) => to !== 'OPENING' && events.length > 0)
      .map((edge) => ({ ...edge, story: inWords(edge) })),
  )('a second one after $story changes nothing but the count of strays', ({ openedBy, events }) => {
    const thread = threadAfter(openedBy, ...events);

    const [again, work] = after(thread, settled('REJECTED'));

    expect(work).toEqual([]);
    expect(again.value).toBe(thread.value);
    expect(again.context).toEqual({ ...thread.context, strays: thread.context.strays + 1 });
  });

  it.each([close, assign, byClient])(
    'that of another send is a stray to a thread opened by $kind $action',
    (openedBy) => {
      const thread = threadAfter(openedBy);

      const [next, work] = after(thread, settled('ACCEPTED', 's-2'));

      expect(work).toEqual([]);
      expect(next.value).toBe(thread.value);
      expect(next.context).toEqual({ ...thread.context, strays: 1 });
    },
  );
});

it('the ids of the last 500 messages are kept, no more', () => {
  const messages = Array.from({ length: 600 }, (_, index) => wrote(`m-${index + 1}`));

  const { seen } = threadAfter(byClient, ...messages).context;

  expect(seen).toHaveLength(500);
  expect(seen.at(-1)).toBe('m-600');
});

/** Two messages, each perhaps twice; settlements until two strays are counted; the last projection and the one before. */
function happeningsIn({ context }: ThreadSnapshot): ThreadEvent[] {
  const settlements = (['ACCEPTED', 'QUEUED', 'REJECTED'] as const).flatMap((verdict) => [
    settled(verdict),
    settled(verdict, 's-2'),
  ]);
  return [
    wrote('m-1'),
    wrote('m-2'),
    ...(context.strays < 2 ? settlements : []),
    projected(context.version),
    projected(context.version - 1),
    silence as ThreadEvent,
  ];
}

const journeys = [close, assign, byClient].flatMap((openedBy) =>
  journeysOf(threadMachine, aThread(openedBy), happeningsIn),
);
const underWay = journeys.filter(({ snapshot }) => snapshot.status === 'active');
const projectionsOf = ({ requests }: Journey<typeof threadMachine>) =>
  requests.filter(({ type }) => type === 'requestProjection').map(({ params }) => params as ThreadProjection);

describe('every way through a thread', () => {
  it('reaches every state in which a thread can rest', () => {
    const { arriving: _, ...states } = threadMachine.states;

    expect(new Set(journeys.map(({ snapshot }) => snapshot.value))).toEqual(new Set(Object.keys(states)));
  });

  it('ends with a reason, or with an empty one after close immediately (A22)', () => {
    const ended = journeys.filter(({ snapshot }) => snapshot.status === 'done');
    const reasonsOf = (openedBy: Opener) =>
      new Set(
        ended
          .filter(({ snapshot }) => snapshot.context.openedBy === openedBy)
          .map(({ snapshot }) => snapshot.context.closeReason),
      );

    expect(reasonsOf(close)).toEqual(new Set([undefined, 'SEND_REJECTED']));
    expect(reasonsOf(assign)).toEqual(new Set(['SEND_REJECTED', 'OUTGOING_WAITING_TIMEOUT']));
    expect(reasonsOf(byClient)).toEqual(new Set());
  });

  it('writes versions that rise by one, and last the state that it is in (W21)', () => {
    for (const journey of journeys) {
      const { context } = journey.snapshot;
      const projections = projectionsOf(journey);

      expect(projections.map(({ version }) => version)).toEqual(projections.map((_, index) => index + 1));
      if (context.version === 0) continue; // still as its claim wrote it down
      expect(projections.at(-1)).toMatchObject({
        version: context.version,
        state: context.state,
        minimised: context.minimised,
      });
      expect(projections.at(-1)?.agentId).toBe(context.agentId);
      expect(projections.at(-1)?.closeReason).toBe(context.closeReason);
    }
  });

  it('writes each message down once, or leaves it for the next thread (INV10)', () => {
    for (const journey of journeys) {
      const { context } = journey.snapshot;
      const written = [...projectionsOf(journey).flatMap(({ entryIds }) => entryIds), ...context.leftover];

      expect(context.unattached).toEqual([]);
      expect(new Set(written).size).toBe(written.length);
      expect(written).toEqual(context.seen);
    }
  });
});

describe('every state and every fact (INV24)', () => {
  const states = [...new Set(underWay.map(({ snapshot }) => snapshot.value))];

  it.each(states)('in %s a message of the client is taken and written down or left for the next thread', (state) => {
    for (const { snapshot } of underWay.filter((one) => one.snapshot.value === state)) {
      const [next, work] = after(snapshot, wrote('m-new'));
      const written = work.flatMap(({ type, params }) =>
        type === 'requestProjection' ? (params as ThreadProjection).entryIds : [],
      );

      expect(snapshot.can(wrote('m-new'))).toBe(true);
      expect([...written, ...next.context.leftover.slice(snapshot.context.leftover.length)]).toEqual(['m-new']);
    }
  });

  // A client who has written in a thread that is WAITING needs an agent's answer, which is not there yet.
  it.each(states.filter((state) => state !== 'WAITING'))('in %s a message that is known changes nothing', (state) => {
    const known = underWay.filter(({ snapshot }) => snapshot.value === state && snapshot.context.seen.includes('m-1'));

    expect(known.length).toBeGreaterThan(0);
    for (const { snapshot } of known) {
      const [next, work] = after(snapshot, wrote('m-1'));

      expect(work).toEqual([]);
      expect(next.toJSON()).toEqual(snapshot.toJSON());
    }
  });

  it.each(states)('in %s the settlement of the own send is taken: it moves the thread on or is counted', (state) => {
    for (const { snapshot } of underWay.filter((one) => one.snapshot.value === state)) {
      const [next] = after(snapshot, settled('ACCEPTED'));

      expect(snapshot.can(settled('ACCEPTED'))).toBe(true);
      expect(next.value).not.toBe('OPENING');
      expect(next.context.strays - snapshot.context.strays).toBe(state === 'OPENING' ? 0 : 1);
    }
  });

  it.each(states)('in %s the settlement of another send is taken and counted', (state) => {
    for (const { snapshot } of underWay.filter((one) => one.snapshot.value === state)) {
      const [next] = after(snapshot, settled('REJECTED', 's-2'));

      expect(snapshot.can(settled('REJECTED', 's-2'))).toBe(true);
      expect(next.context).toEqual({ ...snapshot.context, strays: snapshot.context.strays + 1 });
    }
  });
});
