import { describe, expect, it } from 'vitest';
import type { ThreadSnapshot } from '../../machines/thread.js';
import type { ThreadEvent } from '../../machines/thread-context.js';
import { HOUR } from '../builders.js';
import { goingOn, journeysIn, settling } from './stories.js';
import {
  accepted,
  after,
  anna,
  assign,
  beginning,
  blocked,
  botFailed,
  botTook,
  byClient,
  clientBlocked,
  clientClosed,
  close,
  closed,
  type Happening,
  opened,
  opening,
  type Place,
  places,
  projected,
  projectionsIn,
  rests,
  settled,
  silence,
  stateAt,
  threadAfter,
  threadAt,
  toBot,
  took,
  transferred,
  transferTo,
  vanished,
  wanted,
  wrote,
} from './threads.js';

const journeys = [
  ...[close, assign, transferTo(toBot), byClient].flatMap((openedBy) => journeysIn(settling, openedBy)),
  ...journeysIn(settling, byClient, 8 * HOUR),
  ...journeysIn(goingOn, byClient),
];
const underWay = journeys.filter(({ snapshot }) => snapshot.status === 'active');

describe('every state and every fact (INV24)', () => {
  const states = [...new Set(underWay.map(({ snapshot }) => snapshot.value))];
  const threadsIn = (state: string) =>
    underWay.filter(({ snapshot }) => snapshot.value === state).map(({ snapshot }) => snapshot);
  const taken = (thread: ThreadSnapshot, event: ThreadEvent) => {
    const [next, work] = after(thread, event);
    return { isTaken: thread.can(event), next, work };
  };
  /** What differs of a thread before and after. */
  const changed = (one: ThreadSnapshot, next: ThreadSnapshot) =>
    Object.fromEntries(
      Object.entries(next.context).filter(
        ([name, value]) => JSON.stringify(value) !== JSON.stringify(one.context[name as 'version']),
      ),
    );

  it('all states under way are met', () => {
    expect(new Set(states)).toEqual(new Set(places.filter((place) => place !== 'CLOSED').map(stateAt)));
  });

  it.each(states)('in %s a message of the client is taken and written down or left for the next thread', (state) => {
    for (const thread of threadsIn(state)) {
      const { isTaken, next, work } = taken(thread, wrote('m-new'));
      const written = projectionsIn(work).flatMap(({ entryIds }) => entryIds);

      expect(isTaken).toBe(true);
      const left = next.context.leftover.slice(thread.context.leftover.length).map(({ entryId }) => entryId);

      expect([...written, ...left]).toEqual(['m-new']);
    }
  });

  it.each(states)('in %s a message that is known changes nothing', (state) => {
    const known = threadsIn(state).filter(({ context }) => context.seen.length > 0);

    expect(known.length).toBeGreaterThan(0);
    for (const thread of known) {
      const [next, work] = after(thread, wrote(thread.context.seen[0]));

      expect(work).toEqual([]);
      expect(next.toJSON()).toEqual(thread.toJSON());
    }
  });

  it.each(states)('in %s the settlement of the own send moves a thread that opens, or is counted (W19)', (state) => {
    for (const thread of threadsIn(state)) {
      const { isTaken, next } = taken(thread, accepted);

      expect(isTaken).toBe(true);
      if (state === 'OPENING') expect(next.value).not.toBe('OPENING');
      else expect(changed(thread, next)).toEqual({ strays: thread.context.strays + 1 });
    }
  });

  it.each(states)('in %s the settlement of another send is counted (W19)', (state) => {
    for (const thread of threadsIn(state)) {
      const { isTaken, next, work } = taken(thread, settled('REJECTED', 's-9'));

      expect(isTaken).toBe(true);
      expect(next.value).toBe(state);
      expect(changed(thread, next)).toEqual({ strays: thread.context.strays + 1 });
      expect(work).toEqual([]);
    }
  });

  const withReplies = underWay.flatMap(({ snapshot }) => (snapshot.context.replies.length > 0 ? [snapshot] : []));

  it('a reply can be awaited wherever an agent has been at work', () => {
    expect(new Set(withReplies.map(({ value }) => value))).toEqual(
      new Set(['IN_PROGRESS', 'WAITING', 'ANSWER_NEEDED', 'UNASSIGNED', 'ASSIGNED', 'REASSIGNED', 'CLOSING']),
    );
  });

  it.each(['ACCEPTED', 'REJECTED'] as const)(
    'the settlement %s of a reply is taken once, wherever its thread is',
    (verdict) => {
      for (const thread of withReplies) {
        const { sendId } = thread.context.replies[0]!;
        const { isTaken, next } = taken(thread, settled(verdict, sendId));
        const again = after(next, settled(verdict, sendId))[0];

        expect(isTaken).toBe(true);
        expect(next.context.replies.map((reply) => reply.sendId)).not.toContain(sendId);
        expect(next.context.hasAnswers).toBe(thread.context.hasAnswers || verdict === 'ACCEPTED');
        expect(changed(next, again)).toEqual({ strays: next.context.strays + 1 });
      }
    },
  );

  it.each(states)('in %s the client closes the thread, unless it closes already', (state) => {
    for (const thread of threadsIn(state)) {
      const { isTaken, next } = taken(thread, clientClosed);

      if (state === 'CLOSING') {
        expect(next.toJSON()).toEqual(thread.toJSON());
      } else if (state === 'OPENING') {
        expect(next.context.ending).toEqual(thread.context.ending ?? { closeReason: 'CLIENT_CLOSED' });
      } else {
        expect(next).toMatchObject({ value: 'CLOSING', context: { closeReason: 'CLIENT_CLOSED' } });
      }
      expect(isTaken).toBe(state !== 'CLOSING');
    }
  });

  it.each(states)(
    'in %s a block of the client, or on its channel, closes the thread, unless it closes already (R37)',
    (state) => {
      for (const thread of threadsIn(state)) {
        const { channelId } = thread.context;
        for (const event of [clientBlocked(), clientBlocked(['other', channelId])]) {
          const { isTaken, next } = taken(thread, event);

          if (state === 'CLOSING') expect(next.toJSON()).toEqual(thread.toJSON());
          else if (state === 'OPENING') expect(next.context.ending).toEqual({ closeReason: 'CLIENT_BLOCKED' });
          else expect(next).toMatchObject({ value: 'CLOSING', context: { closeReason: 'CLIENT_BLOCKED' } });
          expect(isTaken).toBe(state !== 'CLOSING');
        }
        expect(after(thread, clientBlocked(['other']))[0].toJSON()).toEqual(thread.toJSON());
      }
    },
  );

  it.each(states)('in %s what is written down is remembered, and ends a thread that closes (W21)', (state) => {
    for (const thread of threadsIn(state)) {
      const { version } = thread.context;
      const { isTaken, next, work } = taken(thread, projected(version));

      expect(isTaken).toBe(true);
      expect(next.value).toBe(state === 'CLOSING' ? 'CLOSED' : state);
      // A bot is called once all that it is told is written down.
      const isCall = state === 'HANDING_OVER' && thread.context.callsAfter !== undefined;
      expect({ ...next.context, callsAfter: 0 }).toEqual({ ...thread.context, written: version, callsAfter: 0 });
      expect(work.map(({ type }) => type)).toEqual(isCall ? ['requestHandover'] : []);
    }
  });

  it.each(states)('in %s a row that is missed is written anew, above what is there (F71)', (state) => {
    for (const thread of threadsIn(state)) {
      const { isTaken, next, work } = taken(thread, wanted(40));
      const [projection, ...others] = projectionsIn(work);

      expect(isTaken).toBe(true);
      expect(next.value).toBe(state);
      expect(changed(thread, next)).toEqual({ version: 41 });
      expect(projection).toMatchObject({ version: 41, state: thread.context.state, entryIds: [], notes: [] });
      expect(others).toEqual([]);
    }
  });

  it.each(rests.filter((place) => !['NEW', 'SUSPENDED'].includes(place)))(
    'in %s that whoever has the thread is gone leads to the next version, without them',
    (place: Place) => {
      const thread = after(threadAt(place), wanted())[0];
      const { version, agentId, target } = thread.context;
      const { isTaken, next, work } = taken(thread, vanished(version));

      expect(isTaken).toBe(true);
      expect(projectionsIn(work)).toMatchObject([{ version: version + 1, notes: [{ code: 'TRANSFER_FAILED' }] }]);
      expect(next.context).not.toMatchObject(agentId === undefined ? { target } : { agentId });
    },
  );
});

describe('what decided a change', () => {
  const onRecord: [Place, ThreadEvent][] = [
    ['NEW', wrote()],
    ['WAITING', wrote()],
    ['WAITING', clientClosed],
    ['WAITING', clientBlocked()],
    ['OPENING', accepted],
    ['OPENING', wanted()],
  ];
  const byTask: [Place, Happening][] = [
    ['NEW', took(anna)],
    ['ASSIGNED', opened(anna)],
    ['WAITING', transferred(anna, toBot)],
    ['WAITING', closed(anna)],
    ['WAITING', blocked(anna)],
    ['WAITING', silence],
    ['SUSPENDED', opening],
    ['HANDING_OVER', botTook()],
    ['HANDING_OVER', botFailed()],
    ['UNASSIGNED', vanished(1)],
  ];
  const deciderOf = (place: Place, event: Happening) =>
    projectionsIn(after(threadAt(place), event)[1]).map(({ decidedBy }) => decidedBy);

  it.each(onRecord)('in %s a signal stands in the history before we hear of it', (place, event) => {
    expect(deciderOf(place, event)).toEqual(['RECORD']);
  });

  it('and so do the start, and the settlement that hands a thread over', () => {
    expect(projectionsIn(beginning(byClient)[1]).map(({ decidedBy }) => decidedBy)).toEqual(['RECORD']);
    expect(projectionsIn(after(threadAfter(transferTo(toBot)), accepted)[1])).toMatchObject([{ decidedBy: 'RECORD' }]);
  });

  it.each(byTask)('in %s a command, a timer or an answer may be decided anew', (place, event) => {
    expect(deciderOf(place, event)).toEqual(['TASK']);
  });
});
