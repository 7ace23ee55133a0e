import { describe, expect, it } from 'vitest';
import type { ThreadState } from '../../domain/contracts/thread.js';
import type { Opener } from '../../domain/thread.js';
import { threadMachine } from '../../machines/thread.js';
import { HOUR } from '../builders.js';
import { goingOn, handing, journeysIn, settling, type Story, talking, type ThreadJourney } from './stories.js';
import { assign, byClient, close, projectionsIn, toBoris, toBot, toGroup, transferTo } from './threads.js';

const stories: { story: Story; openedBy: Opener; untilOpen?: number }[] = [
  ...[close, assign, transferTo(toGroup), byClient].map((openedBy) => ({ story: settling, openedBy })),
  { story: settling, openedBy: byClient, untilOpen: 8 * HOUR },
  { story: talking, openedBy: assign },
  { story: goingOn, openedBy: byClient },
  ...[assign, transferTo(toBot), transferTo(toBoris), byClient].map((openedBy) => ({ story: handing, openedBy })),
];
const told = stories.map(({ story, openedBy, untilOpen }) => ({
  story,
  openedBy,
  journeys: journeysIn(story, openedBy, untilOpen),
}));
const journeys = told.flatMap((one) => one.journeys);
const projectionsOf = ({ requests }: ThreadJourney) => projectionsIn(requests);

describe('every way through a thread', () => {
  it('reaches every state in which a thread can rest', () => {
    const { arriving: _, distributing: __, fallingBack: ___, ...states } = threadMachine.states;

    expect(new Set(journeys.map(({ snapshot }) => snapshot.value))).toEqual(new Set(Object.keys(states)));
  });

  it('ends with a reason, or with an empty one after close immediately (A22)', () => {
    const reasonsOf = (story: Story, openedBy: Opener) =>
      new Set(
        told
          .filter((one) => one.story === story && one.openedBy === openedBy)
          .flatMap((one) => one.journeys.filter(({ snapshot }) => snapshot.status === 'done'))
          .map(({ snapshot }) => snapshot.context.closeReason),
      );
    const always = ['SUPERVISOR_CLOSED', 'CLIENT_CLOSED'];

    expect(reasonsOf(settling, close)).toEqual(new Set([...always, undefined, 'SEND_REJECTED']));
    expect(reasonsOf(settling, assign)).toEqual(new Set([...always, 'SEND_REJECTED', 'OUTGOING_WAITING_TIMEOUT']));
    expect(reasonsOf(settling, byClient)).toEqual(new Set(always));
    expect(reasonsOf(talking, assign)).toEqual(new Set(['OUTGOING_WAITING_TIMEOUT', 'WAITING_TIMEOUT']));
    expect(reasonsOf(goingOn, byClient)).toEqual(new Set(['WAITING_TIMEOUT']));
  });

  it('writes versions that rise by one, and last the state that it is in (W21)', () => {
    for (const journey of journeys) {
      const { context } = journey.snapshot;
      const projections = projectionsOf(journey);
      const { version, state, minimised, agentId, target, closesAt, closeReason } = projections.at(-1) ?? context;

      expect(projections.map((one) => one.version)).toEqual(projections.map((_, index) => index + 1));
      expect({ version, state, minimised, agentId, target, closesAt, closeReason }).toEqual({
        version: context.version,
        state: context.state,
        minimised: context.minimised,
        agentId: context.agentId,
        target: context.target,
        closesAt: context.closesAt,
        closeReason: context.closeReason,
      });
    }
  });

  it('writes each message down once, or leaves it for the next thread (INV10)', () => {
    for (const journey of journeys) {
      const { context } = journey.snapshot;
      const isUnwritten = context.version === 0 && context.openedBy.kind === 'SEND';
      const written = [
        ...projectionsOf(journey).flatMap(({ entryIds }) => entryIds),
        ...context.leftover.map(({ entryId }) => entryId),
      ];

      expect(context.unattached).toEqual([]);
      expect(new Set(written).size).toBe(written.length);
      expect(written).toEqual(isUnwritten ? [] : context.seen);
    }
  });

  it('writes each note down once', () => {
    const met = new Set<string>();

    for (const journey of journeys) {
      const notes = projectionsOf(journey).flatMap((one) => one.notes ?? []);
      notes.forEach(({ code }) => met.add(code));

      expect(journey.snapshot.context.notes).toEqual([]);
      expect(new Set(notes.map(({ identity }) => identity)).size).toBe(notes.length);
    }

    expect(met).toEqual(new Set(['TRANSFERRED', 'TRANSFER_FAILED', 'THREAD_CLOSED']));
  });

  /** Who has the thread, in each state that is written down. */
  const owners: Record<ThreadState, string[]> = {
    OPENING: ['agent'],
    NEW: ['nobody'],
    SUSPENDED: ['nobody'],
    UNASSIGNED: ['GROUP', 'BOT'],
    ASSIGNED: ['agent'],
    REASSIGNED: ['agent'],
    IN_PROGRESS: ['agent', 'BOT'],
    WAITING: ['agent'],
    ANSWER_NEEDED: ['agent', 'BOT'],
    CLOSED: ['agent', 'nobody', 'GROUP'],
  };
  it('leaves it in one place: with nobody, an agent or a target, never with two of them (R15)', () => {
    const met = new Set<string>();

    for (const { state, agentId, target } of journeys.flatMap(projectionsOf)) {
      const owner = [agentId && 'agent', target?.kind].filter((one) => one !== undefined).join(' and ') || 'nobody';
      met.add(`${state} ${owner}`);
    }

    expect(met).toEqual(
      new Set(Object.entries(owners).flatMap(([state, some]) => some.map((one) => `${state} ${one}`))),
    );
  });

  it('closes once, and only when the close is written down', () => {
    for (const journey of journeys) {
      const states = projectionsOf(journey).map(({ state }) => state);
      const isClosed = states.includes('CLOSED');

      expect(states.slice(isClosed ? states.indexOf('CLOSED') : states.length)).toEqual(isClosed ? ['CLOSED'] : []);
      expect(['CLOSING', 'CLOSED'].includes(journey.snapshot.value)).toBe(isClosed);
      if (journey.snapshot.value === 'CLOSED') expect(journey.events.at(-1)).toBe('thread.projected');
    }
  });

  it('was never in a queue when the provider has refused, unless the client has written (INV15)', () => {
    const released = journeys.filter(({ snapshot }) => snapshot.context.closeReason === 'SEND_REJECTED');

    expect(released.length).toBeGreaterThan(0);
    for (const journey of released) {
      expect(
        projectionsOf(journey)
          .map(({ state }) => state)
          .filter((state) => state !== 'OPENING'),
      ).toEqual(['CLOSED']);
      expect(journey.snapshot.context.clientHasWritten).toBe(false);
    }
  });

  it('needs an answer only while the client waits for one, and waits only for a client who has theirs', () => {
    const crossed = journeys.filter(
      ({ snapshot: { value, context } }) =>
        (value === 'ANSWER_NEEDED' && !context.clientWaits) || (value === 'WAITING' && context.clientWaits),
    );

    expect(crossed.map(({ events }) => events.join(', ')).at(0)).toBeUndefined();
  });

  it('closes by itself while it waits for the client, and in no other state (E4)', () => {
    for (const { closesAt, state } of journeys.flatMap(projectionsOf)) {
      expect(closesAt !== undefined).toBe(state === 'WAITING');
    }
  });

  it('calls a bot at most once for each handing over, and never goes back to one that was called before', () => {
    const calls = journeys.map(({ requests, snapshot }) => ({
      made: requests
        .filter(({ type }) => type === 'requestHandover')
        .map(({ params }) => params as { handover: number }),
      counted: snapshot.context.handover,
    }));

    expect(Math.max(...calls.map(({ counted }) => counted))).toBe(2);
    expect(Math.max(...calls.map(({ made }) => made.length))).toBe(2);
    for (const { made, counted } of calls) {
      const called = made.map(({ handover }) => handover);
      expect(called).toEqual([...new Set(called)].toSorted((one, other) => one - other));
      expect(called.every((handover) => handover <= counted)).toBe(true);
    }
  });
});
