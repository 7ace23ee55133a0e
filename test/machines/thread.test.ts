import { describe, expect, it } from 'vitest';
import type { CloseReason } from '../../domain/contracts/thread.js';
import type { Opener } from '../../domain/thread.js';
import { HOUR, NOW } from '../builders.js';
import {
  accepted,
  after,
  anna,
  assign,
  atRest,
  beginning,
  blocked,
  byClient,
  clientClosed,
  close,
  closed,
  delayOf,
  type Edge,
  endOf,
  expectedEnd,
  type Happening,
  holdings,
  isHeldByAnna,
  opened,
  opening,
  projected,
  projectionsIn,
  rejected,
  replied,
  rests,
  settled,
  silence,
  stateAt,
  svetlana,
  system,
  threadAfter,
  threadAt,
  threadOf,
  TIMEOUTS,
  told,
  toGroup,
  took,
  transferred,
  transferTo,
  vera,
  wrote,
} from './threads.js';

const ofAnna = { agentId: 'anna' };
const ofVera = { agentId: 'vera' };
const ofSvetlana = { agentId: 'svetlana' };

const claimed = (openedBy: Opener, events: Happening[], to: string, rest: Partial<Edge> = {}): Edge => ({
  from: 'OPENING',
  way: { openedBy, events: [] },
  events,
  to,
  ...rest,
});

describe('a thread that opens', () => {
  const edges: Edge[] = [
    claimed(close, [], 'OPENING', ofAnna),
    { from: 'NEW', events: [], to: 'NEW' },
    { from: 'SUSPENDED', events: [], to: 'SUSPENDED' },
    { from: 'SUSPENDED', events: [opening], to: 'NEW' },
    { from: 'SUSPENDED', events: [wrote(), opening], to: 'NEW' },
    ...[accepted, settled('QUEUED')].flatMap((verdict): Edge[] => [
      claimed(close, [verdict], 'CLOSED', ofAnna),
      claimed(close, [wrote(), verdict], 'NEW'),
      claimed(assign, [verdict], 'WAITING', ofAnna),
      claimed(assign, [wrote(), verdict], 'ANSWER_NEEDED', ofAnna),
    ]),
    ...[close, assign, transferTo(toGroup)].flatMap((openedBy): Edge[] => [
      claimed(openedBy, [wrote()], 'OPENING', ofAnna),
      claimed(openedBy, [rejected], 'CLOSED', { ...ofAnna, closeReason: 'SEND_REJECTED' }),
      claimed(openedBy, [wrote(), rejected], 'NEW'),
    ]),
  ];

  it.each(told(edges))('%s (R15, A22, A31)', (_, edge) => {
    expect(endOf(threadOf(edge))).toEqual(expectedEnd(edge));
  });

  it('by a client outside the working hours is suspended until they begin, by a send never', () => {
    const [thread, work] = beginning(byClient, 8 * HOUR);

    expect(thread.value).toBe('SUSPENDED');
    expect(delayOf(work, opening)).toBe(8 * HOUR);
    expect(beginning(assign, 8 * HOUR)[0].value).toBe('OPENING');
  });

  it('assigned to its sender is minimised in the personal queue (R15b)', () => {
    expect(threadAfter(assign, accepted).context).toMatchObject({ minimised: true, agentId: 'anna' });
    expect(threadAfter(close, wrote(), accepted).context.minimised).toBe(false);
  });
});

describe('a thread that is taken, opened and answered', () => {
  const toVera = [transferred(anna, toGroup), took(vera)];
  const edges: Edge[] = [
    { from: 'NEW', events: [took(anna)], to: 'ASSIGNED', ...ofAnna },
    { from: 'NEW', events: [took(svetlana)], to: 'ASSIGNED', ...ofSvetlana },
    { from: 'UNASSIGNED', events: [took(vera)], to: 'ASSIGNED', ...ofVera },
    { from: 'HANDING_OVER', events: [took(svetlana)], to: 'ASSIGNED', ...ofSvetlana },
    { from: 'ASSIGNED', events: [opened(anna)], to: 'IN_PROGRESS', ...ofAnna },
    { from: 'REASSIGNED', events: [opened(anna)], to: 'IN_PROGRESS', ...ofAnna },
    ...(['IN_PROGRESS', 'WAITING', 'ANSWER_NEEDED'] as const).flatMap((from): Edge[] => {
      const first = settled('ACCEPTED', 's-2');
      const second = settled('ACCEPTED', 's-3');
      const inTurn = [replied(anna), wrote(), replied(anna, 's-3')];
      return [
        { from, events: [opened(anna)], to: from, ...ofAnna },
        { from, events: [replied(anna)], to: from, ...ofAnna },
        { from, events: [replied(anna), settled('REJECTED', 's-2')], to: from, ...ofAnna },
        { from, events: [replied(anna), first], to: 'WAITING', ...ofAnna },
        { from, events: [replied(svetlana), settled('QUEUED', 's-2')], to: 'WAITING', ...ofAnna },
        { from, events: [replied(anna), wrote(), first], to: 'ANSWER_NEEDED', ...ofAnna },
        { from, events: [replied(anna), wrote(), settled('REJECTED', 's-2')], to: 'ANSWER_NEEDED', ...ofAnna },
        { from, events: [...inTurn, first], to: 'ANSWER_NEEDED', ...ofAnna },
        { from, events: [...inTurn, first, second], to: 'WAITING', ...ofAnna },
        // The verdict on the first answer comes late; the client has been answered by the second one already.
        { from, events: [...inTurn, second, first], to: 'WAITING', ...ofAnna },
        { from, events: [replied(anna), ...toVera], to: 'ASSIGNED', ...ofVera },
        { from, events: [replied(anna), settled('REJECTED', 's-2'), ...toVera], to: 'ASSIGNED', ...ofVera },
        { from, events: [replied(anna), first, ...toVera], to: 'REASSIGNED', ...ofVera },
      ];
    }),
    {
      from: 'IN_PROGRESS_OF_BOT',
      events: [replied(system), settled('ACCEPTED', 's-2')],
      to: 'WAITING',
      ...holdings.IN_PROGRESS_OF_BOT,
    },
  ];

  it.each(told(edges))('%s', (_, edge) => {
    expect(endOf(threadOf(edge))).toEqual(expectedEnd(edge));
  });

  it.each(['IN_PROGRESS', 'WAITING', 'ANSWER_NEEDED'] as const)('in %s is no longer minimised once opened', (place) => {
    const thread = threadAt(place);
    const [next, work] = after(thread, opened(anna));

    expect(next.context).toEqual({
      ...thread.context,
      minimised: false,
      version: thread.context.version + 1,
      commands: [...thread.context.commands, 'open'],
    });
    expect(projectionsIn(work)).toMatchObject([{ state: place, minimised: false }]);
    expect(work.filter(({ type }) => type.startsWith('xstate.'))).toEqual([]);
  });
});

describe('a message of the client', () => {
  const moved = ['WAITING', 'IN_PROGRESS', 'IN_PROGRESS_OF_BOT'];
  const edges: Edge[] = rests.map((from) => ({
    from,
    events: [wrote()],
    to: moved.includes(from) ? 'ANSWER_NEEDED' : stateAt(from),
    ...(from === 'HANDING_OVER' && { shown: 'UNASSIGNED' as const }),
    ...holdings[from],
  }));

  it.each(told(edges))('%s', (_, edge) => {
    expect(endOf(threadOf(edge))).toEqual(expectedEnd(edge));
  });

  it('is written down with the state that it leads to', () => {
    const [, work] = after(threadAt('WAITING'), wrote('m-7'));

    expect(projectionsIn(work)).toMatchObject([{ state: 'ANSWER_NEEDED', entryIds: ['m-7'] }]);
  });

  it('is known among the last 500', () => {
    const messages = Array.from({ length: 600 }, (_, index) => wrote(`m-${index + 1}`));

    const { seen } = threadAfter(byClient, ...messages).context;

    expect(seen).toHaveLength(500);
    expect(seen.at(-1)).toBe('m-600');
  });
});

const endings: { event: Happening; closeReason: CloseReason }[] = [
  { event: closed(anna), closeReason: 'OPERATOR_CLOSED' },
  { event: closed(svetlana), closeReason: 'SUPERVISOR_CLOSED' },
  { event: closed(system), closeReason: 'EXTERNAL_CALL_FORCED_CLOSURE' },
  { event: blocked(anna), closeReason: 'CLIENT_BLOCKED' },
  { event: blocked(svetlana), closeReason: 'CLIENT_BLOCKED' },
  { event: blocked(system), closeReason: 'CLIENT_BLOCKED' },
  { event: clientClosed, closeReason: 'CLIENT_CLOSED' },
];

describe('a thread that ends', () => {
  const edges: Edge[] = [
    ...rests.flatMap((from) =>
      endings
        .filter(({ event }) => isHeldByAnna(from) || !('actor' in event) || event.actor !== anna)
        .map(
          ({ event, closeReason }): Edge => ({ from, events: [event], to: 'CLOSED', closeReason, ...holdings[from] }),
        ),
    ),
    {
      from: 'WAITING',
      events: [transferred(system, toGroup), took(svetlana), closed(svetlana)],
      to: 'CLOSED',
      closeReason: 'OPERATOR_CLOSED',
      ...ofSvetlana,
    },
  ];

  it.each(told(edges))('%s', (_, edge) => {
    expect(endOf(threadOf(edge))).toEqual(expectedEnd(edge));
  });

  const wished: Edge[] = endings.flatMap(({ event, closeReason }) => [
    ...[close, assign, transferTo(toGroup)].flatMap((openedBy) => [
      claimed(openedBy, [event], 'OPENING', ofAnna),
      claimed(openedBy, [event, accepted], 'CLOSED', { ...ofAnna, closeReason }),
      claimed(openedBy, [wrote(), event, settled('QUEUED')], 'CLOSED', { ...ofAnna, closeReason }),
      claimed(openedBy, [event, rejected], 'CLOSED', { ...ofAnna, closeReason: 'SEND_REJECTED' }),
    ]),
    claimed(assign, [event, wrote(), rejected], 'CLOSED', { ...ofAnna, closeReason }),
  ]);

  it.each(told(wished))('waits while its send is under way: %s (A31)', (_, edge) => {
    expect(endOf(threadOf(edge))).toEqual(expectedEnd(edge));
  });

  it.each(
    told([
      claimed(assign, [closed(anna), clientClosed, accepted], 'CLOSED', { closeReason: 'OPERATOR_CLOSED', ...ofAnna }),
      claimed(assign, [clientClosed, blocked(anna), accepted], 'CLOSED', { closeReason: 'CLIENT_BLOCKED', ...ofAnna }),
      claimed(assign, [closed(anna), blocked(anna), accepted], 'CLOSED', { closeReason: 'CLIENT_BLOCKED', ...ofAnna }),
      claimed(assign, [blocked(anna), clientClosed, accepted], 'CLOSED', { closeReason: 'CLIENT_BLOCKED', ...ofAnna }),
      claimed(assign, [blocked(anna), closed(svetlana), accepted], 'CLOSED', {
        closeReason: 'CLIENT_BLOCKED',
        ...ofAnna,
      }),
    ]),
  )('never forgets a block, whatever else is wished before the settlement: %s (R37)', (_, edge) => {
    expect(endOf(threadOf(edge))).toEqual(expectedEnd(edge));
  });

  it.each(rests)(
    'in %s with a block has the identity blocked that it runs on, with a close it has not (R37)',
    (place) => {
      const lastWordAfter = (event: Happening) => projectionsIn(after(threadAt(place), event)[1]).at(-1);

      expect(lastWordAfter(blocked(svetlana))).toMatchObject({ state: 'CLOSED', blocks: true });
      expect(lastWordAfter(closed(svetlana))).not.toHaveProperty('blocks');
      expect(lastWordAfter(clientClosed)).not.toHaveProperty('blocks');
    },
  );

  it.each([
    [blocked(anna), accepted],
    [blocked(anna), rejected],
    [blocked(anna), wrote(), rejected],
    [blocked(anna), closed(svetlana), accepted],
    [closed(anna), blocked(anna), accepted],
  ])('blocks all the same when its send was under way: $0.type, $1.type, $2.type (R37)', (...events) => {
    const thread = threadAfter(assign, ...events.slice(0, -1));

    expect(thread.value).toBe('OPENING');
    expect(projectionsIn(after(thread, events.at(-1)!)[1])).toMatchObject([{ state: 'CLOSED', blocks: true }]);
  });

  it('blocks nobody while its send is still under way (R37)', () => {
    const [, work] = after(threadAfter(assign, blocked(anna)), wrote());

    expect(projectionsIn(work)).toMatchObject([{ state: 'OPENING', entryIds: ['m-1'] }]);
    expect(projectionsIn(work)[0]).not.toHaveProperty('blocks');
  });

  it('by silence says whether the client has ever written', () => {
    const answered = [replied(anna), settled('ACCEPTED', 's-2')];
    const reasonAfter = (place: 'WAITING' | 'IN_PROGRESS' | 'ANSWER_NEEDED', ...events: Happening[]) =>
      threadOf({ from: place, events: [...events, silence], to: 'CLOSED' }).context.closeReason;

    expect(reasonAfter('WAITING')).toBe('OUTGOING_WAITING_TIMEOUT');
    expect(reasonAfter('WAITING', ...answered)).toBe('OUTGOING_WAITING_TIMEOUT');
    expect(reasonAfter('IN_PROGRESS', ...answered)).toBe('WAITING_TIMEOUT');
    expect(reasonAfter('ANSWER_NEEDED', ...answered)).toBe('WAITING_TIMEOUT');
  });
});

describe('the clock of a thread', () => {
  const sinceAfter = (openedBy: Opener, ...events: Happening[]) =>
    threadAfter(openedBy, ...events).context.waitingSince - NOW;

  it.each(
    told([
      claimed(assign, [accepted], 'WAITING'),
      claimed(assign, [settled('ACCEPTED', 's-1', 5)], 'WAITING'),
      claimed(byClient, [], 'NEW'),
      claimed(byClient, [wrote('m-1', 7)], 'NEW'),
      claimed(byClient, [took(anna), opened(anna), replied(anna)], 'IN_PROGRESS'),
    ]),
  )('who waits has waited since the opening: %s', (_, { way, events }) => {
    expect(sinceAfter(way!.openedBy, ...events)).toBe(0);
  });

  it('a client waits since their first message without an answer', () => {
    expect(sinceAfter(assign, wrote('m-1', 3), wrote('m-2', 9), settled('ACCEPTED', 's-1', 20))).toBe(3);
    expect(sinceAfter(assign, accepted, wrote('m-1', 3), transferred(anna, toGroup), took(vera), wrote('m-2', 9))).toBe(
      3,
    );
  });

  it('an agent waits since the last answer that was sent, and since no other', () => {
    const way = [accepted, wrote('m-1', 3), replied(anna)];

    expect(sinceAfter(assign, ...way, settled('ACCEPTED', 's-2', 12))).toBe(12);
    expect(sinceAfter(assign, ...way, settled('REJECTED', 's-2', 12))).toBe(3);
    expect(sinceAfter(assign, ...way, settled('ACCEPTED', 's-2', 12), wrote('m-2', 15))).toBe(15);
  });

  it.each([
    {
      who: 'has never written',
      openedBy: assign,
      events: [settled('ACCEPTED', 's-1', 5)],
      sentAt: 5,
      delay: TIMEOUTS.outgoingWaiting,
    },
    {
      who: 'has never written, after a second message',
      openedBy: assign,
      events: [accepted, replied(anna), settled('ACCEPTED', 's-2', 9)],
      sentAt: 9,
      delay: TIMEOUTS.outgoingWaiting,
    },
    {
      who: 'has written',
      openedBy: assign,
      events: [accepted, wrote(), replied(anna), settled('QUEUED', 's-2', 9)],
      sentAt: 9,
      delay: TIMEOUTS.waiting,
    },
  ])('closes the thread after the silence of a client who $who (E4)', ({ openedBy, events, sentAt, delay }) => {
    const [thread, work] = after(threadAfter(openedBy, ...events.slice(0, -1)), events.at(-1)!);

    expect(thread.context.closesAt).toBe(NOW + sentAt + delay);
    expect(projectionsIn(work).at(-1)?.closesAt).toBe(NOW + sentAt + delay);
    expect(delayOf(work, silence)).toBe(delay);
  });

  it.each([wrote(), transferred(anna, toGroup), closed(anna)])('is stopped by $type', (event) => {
    const [thread, work] = after(threadAt('WAITING'), event);

    expect(thread.context.closesAt).toBeUndefined();
    expect(work).toContainEqual(expect.objectContaining({ type: 'xstate.cancel' }));
  });
});

describe('closing without loss (INV10)', () => {
  const closing = threadAt('CLOSING');

  it('a message that comes while the thread closes is left for the next one, and the thread still closes', () => {
    const [thread, work] = after(closing, wrote());

    expect(work).toEqual([]);
    expect(thread).toMatchObject({
      value: 'CLOSING',
      context: { leftover: [{ entryId: 'm-1' }], version: closing.context.version },
    });
    expect(atRest(thread)).toMatchObject({
      value: 'CLOSED',
      status: 'done',
      context: { leftover: [{ entryId: 'm-1' }] },
    });
  });

  it('several of them keep their order, each once', () => {
    const thread = [wrote('m-1'), wrote('m-2'), wrote('m-1')].reduce((one, event) => after(one, event)[0], closing);

    expect(thread.context.leftover.map(({ entryId }) => entryId)).toEqual(['m-1', 'm-2']);
  });

  it('says of it where the client has written, which may be another channel', () => {
    const elsewhere = { entryId: 'm-1', channelId: 'viber-main', channelType: 'VIBER' } as const;

    const thread = after(closing, { type: 'client.wrote', at: NOW, ...elsewhere })[0];

    expect(thread.context.leftover).toEqual([elsewhere]);
  });

  it('the thread closes when its last word is written down, not an earlier one (W21)', () => {
    const { version } = closing.context;

    expect(after(closing, projected(version - 1))[0].value).toBe('CLOSING');
    expect(after(closing, projected(version))[0].value).toBe('CLOSED');
  });
});
