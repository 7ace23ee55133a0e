import type { ThreadSnapshot } from '../../machines/thread.js';
import { describe, expect, it } from 'vitest';
import type { TransferTarget } from '../../domain/contracts/thread.js';
import type { ThreadNote } from '../../domain/thread.js';
import {
  accepted,
  after,
  anna,
  atRest,
  assign,
  begun,
  blocked,
  botFailed,
  botTook,
  boris,
  clientClosed,
  closed,
  type Edge,
  endOf,
  expectedEnd,
  type Happening,
  holdings,
  isHeldByAnna,
  opened,
  type Place,
  projected,
  projectionsIn,
  rejected,
  replied,
  rests,
  settled,
  silence,
  svetlana,
  system,
  threadAfter,
  threadAt,
  threadOf,
  toBoris,
  toBot,
  told,
  toGroup,
  took,
  toAnna,
  transferred,
  transferTo,
  vanished,
  vera,
  wanted,
  ways,
  wrote,
} from './threads.js';

const ofAnna = { agentId: 'anna' };
const ofBoris = { agentId: 'boris' };
const ofSvetlana = { agentId: 'svetlana' };

const toSkill: TransferTarget = { kind: 'SKILL', id: 'german' };
const toDepartment: TransferTarget = { kind: 'DEPARTMENT', id: 'retail' };
const targets = [toBoris, toGroup, toSkill, toDepartment, toBot];

/** Where a thread without an answer comes to rest: a bot is called first, and the thread unassigned until it takes it. */
function arrivalAt(target: TransferTarget): Pick<Edge, 'to' | 'shown' | 'agentId' | 'target'> {
  switch (target.kind) {
    case 'EMPLOYEE':
      return { to: 'ASSIGNED', agentId: target.id };
    case 'BOT':
      return { to: 'HANDING_OVER', shown: 'UNASSIGNED', target };
    case 'GROUP':
    case 'SKILL':
    case 'DEPARTMENT':
      return { to: 'UNASSIGNED', target };
  }
}

describe('the action TRANSFER (R15c)', () => {
  const edges = targets.flatMap((target): Edge[] => {
    const way = { openedBy: transferTo(target), events: [] };
    return [[accepted], [settled('QUEUED')], [wrote(), accepted]].map((events) => ({
      from: 'OPENING',
      way,
      events,
      ...arrivalAt(target),
    }));
  });

  it.each(told(edges))('%s', (_, edge) => {
    expect(endOf(threadOf(edge))).toEqual(expectedEnd(edge));
  });

  it('leaves a note with the words that stand with the send', () => {
    const [thread, work] = after(threadAfter(transferTo(toGroup)), accepted);

    expect(projectionsIn(work).flatMap(({ notes }) => notes)).toEqual([
      { identity: 'transfer:s-1', code: 'TRANSFERRED', agentId: 'anna', target: toGroup, sendId: 's-1' },
    ]);
    expect(thread.context.notes).toEqual([]);
  });
});

describe('a transfer by command', () => {
  const edges = rests.flatMap((from) =>
    targets
      .filter((target) => holdings[from].target !== target)
      .map((target): Edge => {
        const arrival = arrivalAt(target);
        const to = from === 'REASSIGNED' && arrival.to === 'ASSIGNED' ? 'REASSIGNED' : arrival.to;
        return { from, events: [transferred(svetlana, target)], ...arrival, to };
      }),
  );

  it.each(told(edges))('%s', (_, edge) => {
    expect(endOf(threadOf(edge))).toEqual(expectedEnd(edge));
  });

  it.each(rests.filter(isHeldByAnna))(
    'is for whoever has the thread in %s, and leaves a note with their words',
    (place) => {
      const event = transferred(anna, toSkill, { commandId: 'move', noteId: 'n-1' });

      const [thread, work] = after(threadAt(place), event);

      expect(projectionsIn(work).flatMap(({ notes }) => notes)).toEqual([
        { identity: 'transfer:move', code: 'TRANSFERRED', agentId: 'anna', target: toSkill, noteId: 'n-1' },
      ]);
      expect(thread.context).toMatchObject({ state: 'UNASSIGNED', notes: [], minimised: false });
    },
  );

  it('by a system is noted without an agent', () => {
    const [, work] = after(threadAt('NEW'), transferred(system, toGroup, { commandId: 'route' }));

    expect(projectionsIn(work).flatMap(({ notes }) => notes)).toEqual([
      { identity: 'transfer:route', code: 'TRANSFERRED', target: toGroup },
    ]);
  });
});

describe('handing over to a bot', () => {
  const ofBot = { target: toBot };
  const waits = { to: 'HANDING_OVER', shown: 'UNASSIGNED', ...ofBot } as const;
  const again = [transferred(svetlana, toGroup), transferred(svetlana, toBot)];
  const edges: Edge[] = [
    { from: 'HANDING_OVER', events: [], ...waits },
    { from: 'HANDING_OVER', events: [botTook()], to: 'IN_PROGRESS', ...ofBot },
    { from: 'HANDING_OVER', events: [wrote(), botTook()], to: 'IN_PROGRESS', ...ofBot },
    { from: 'HANDING_OVER', events: [botFailed()], to: 'WAITING', ...ofAnna },
    { from: 'HANDING_OVER', events: [wrote(), botFailed()], to: 'ANSWER_NEEDED', ...ofAnna },
    { from: 'IN_PROGRESS', events: [transferred(anna, toBot), botFailed()], to: 'ANSWER_NEEDED', ...ofAnna },
    { from: 'WAITING', events: [transferred(svetlana, toBot), botFailed()], to: 'WAITING', ...ofSvetlana },
    { from: 'WAITING', events: [transferred(system, toBot), botFailed()], to: 'WAITING', ...ofAnna },
    { from: 'NEW', events: [transferred(system, toBot), botFailed()], to: 'NEW' },
    { from: 'HANDING_OVER', events: [...again, botTook(1)], ...waits },
    { from: 'HANDING_OVER', events: [...again, botFailed(1)], ...waits },
    { from: 'HANDING_OVER', events: [...again, botTook(2)], to: 'IN_PROGRESS', ...ofBot },
    { from: 'HANDING_OVER', events: [took(svetlana), botTook()], to: 'ASSIGNED', ...ofSvetlana },
    { from: 'HANDING_OVER', events: [took(svetlana), botFailed()], to: 'ASSIGNED', ...ofSvetlana },
  ];

  it.each(told(edges))('%s (R15c)', (_, edge) => {
    expect(endOf(threadOf(edge))).toEqual(expectedEnd(edge));
  });

  const jobsIn = (work: ReturnType<typeof after>[1]) =>
    work.filter(({ type }) => type === 'requestHandover').map(({ params }) => params);
  /** Once it is written down, not before. */
  const jobsOnceWritten = (thread: ThreadSnapshot) => {
    const [next, work] = after(thread, projected(thread.context.version));
    expect(jobsIn(after(next, projected(next.context.version))[1])).toEqual([]);
    return jobsIn(work);
  };
  const jobsAfter = (from: Place, event: Happening) => {
    const [thread, work] = after(atRest(threadAt(from)), event);
    expect(jobsIn(work)).toEqual([]);
    return jobsOnceWritten(thread);
  };

  it('calls it once for each transfer, with the comment of that transfer', () => {
    expect(jobsOnceWritten(threadAfter(transferTo(toBot), accepted))).toEqual([
      { botId: 'greeter', handover: 1, sendId: 's-1' },
    ]);
    expect(jobsAfter('WAITING', transferred(anna, toBot, { noteId: 'n-1' }))).toEqual([
      { botId: 'greeter', handover: 1, noteId: 'n-1' },
    ]);
    expect(jobsAfter('HANDING_OVER', transferred(svetlana, { kind: 'BOT', id: 'triage' }))).toEqual([
      { botId: 'triage', handover: 2 },
    ]);
    expect(jobsAfter('HANDING_OVER', wrote())).toEqual([]);
  });

  it.each(['UNREACHABLE', 'VANISHED'] as const)(
    'that fails as %s says so once, and who has the thread instead',
    (reason) => {
      const [thread, work] = after(threadAt('HANDING_OVER'), botFailed(1, reason));

      expect(projectionsIn(work).flatMap(({ notes }) => notes)).toEqual([
        { identity: 'fallback:t-1:1', code: 'TRANSFER_FAILED', target: toBot, reason, agentId: 'anna' },
      ]);
      expect(thread.context).toMatchObject({ minimised: true, notes: [] });
    },
  );
});

describe('a target that has vanished before it was written down', () => {
  /** The last thing that has happened is not written, since whoever has the thread by it is gone. */
  const gone = (from: Place, ...events: Happening[]): Happening[] => {
    const way = ways[from];
    return [...events, vanished(begun({ ...way, events: [...way.events, ...events] }).context.version)];
  };
  const edges = targets.flatMap((target): Edge[] => {
    const byAnna = transferred(anna, target);
    const bySvetlana = transferred(svetlana, target);
    return [
      { from: 'WAITING', events: gone('WAITING', byAnna), to: 'WAITING', ...ofAnna },
      { from: 'WAITING', events: gone('WAITING', bySvetlana), to: 'WAITING', ...ofSvetlana },
      { from: 'WAITING', events: gone('WAITING', byAnna, wrote()), to: 'ANSWER_NEEDED', ...ofAnna },
      { from: 'ANSWER_NEEDED', events: gone('ANSWER_NEEDED', byAnna), to: 'ANSWER_NEEDED', ...ofAnna },
      { from: 'WAITING', events: gone('WAITING', ...gone('WAITING', byAnna)), to: 'NEW' },
      { from: 'NEW', events: gone('NEW', transferred(system, target)), to: 'NEW' },
    ];
  });
  const others: Edge[] = [
    { from: 'UNASSIGNED', events: gone('UNASSIGNED'), to: 'WAITING', ...ofAnna },
    { from: 'HANDING_OVER', events: [...gone('HANDING_OVER'), botFailed(1, 'VANISHED')], to: 'WAITING', ...ofAnna },
    // Who has taken back what they had handed on does not fall back to themselves.
    { from: 'WAITING', events: gone('WAITING', transferred(svetlana, toGroup), took(svetlana)), to: 'NEW' },
    { from: 'IN_PROGRESS_OF_BOT', events: gone('IN_PROGRESS_OF_BOT'), to: 'WAITING', ...ofAnna },
    ...(['ASSIGNED', 'IN_PROGRESS', 'WAITING', 'ANSWER_NEEDED'] as const).map(
      (from): Edge => ({ from, events: gone(from), to: 'NEW' }),
    ),
  ];

  it.each(told([...edges, ...others]))('%s: as assign to me (R15c, A26)', (_, edge) => {
    expect(endOf(threadOf(edge))).toEqual(expectedEnd(edge));
  });

  it('is noted once, and its sender finds the thread minimised', () => {
    const handed = after(threadAt('WAITING'), transferred(anna, toGroup))[0];

    const [thread, work] = after(handed, vanished(handed.context.version));

    expect(projectionsIn(work).flatMap(({ notes }) => notes)).toEqual([
      { identity: 'fallback:t-1:2', code: 'TRANSFER_FAILED', target: toGroup, reason: 'VANISHED', agentId: 'anna' },
    ]);
    expect(thread.context).toMatchObject({ minimised: true, version: 3, notes: [] });
  });

  it('after both the target and its sender have gone nobody has the thread, and both are noted', () => {
    const handed = after(threadAt('WAITING'), transferred(anna, toGroup))[0];
    const fallen = after(handed, vanished(2))[0];

    const [thread, work] = after(fallen, vanished(3));

    expect(projectionsIn(work).flatMap(({ notes }) => notes)).toEqual([
      { identity: 'fallback:t-1:3', code: 'TRANSFER_FAILED', target: toAnna, reason: 'VANISHED' },
    ]);
    expect(thread).toMatchObject({ value: 'NEW', context: { minimised: false } });
  });

  it.each(rests)('matters in %s only to the last version', (place) => {
    const thread = after(threadAt(place), wanted())[0];

    const [next, work] = after(thread, vanished(thread.context.version - 1));

    expect(work).toEqual([]);
    expect(next.toJSON()).toEqual(thread.toJSON());
  });

  it.each([
    { settlement: accepted, to: 'WAITING' },
    { settlement: rejected, to: 'CLOSING' },
  ])('leaves it to the settlement what becomes of a thread that opens: $to (A31)', ({ settlement, to }) => {
    const repaired = threadAfter(assign, wanted());

    expect(after(after(repaired, vanished(1))[0], settlement)[0].value).toBe(to);
  });
});

describe('what is said of the end', () => {
  const notesAfter = (place: Place, ...events: Happening[]): ThreadNote[] =>
    events.reduce<{ thread: ReturnType<typeof threadAt>; notes: ThreadNote[] }>(
      ({ thread, notes }, event) => {
        const [next, work] = after(thread, event);
        return { thread: next, notes: [...notes, ...projectionsIn(work).flatMap((one) => one.notes ?? [])] };
      },
      { thread: threadAt(place), notes: [] },
    ).notes;
  const byAnna = { identity: 'close:end', code: 'THREAD_CLOSED', agentId: 'anna', noteId: 'n-1' } as const;

  it.each(['OPENING', 'WAITING', 'ANSWER_NEEDED'] as const)('in %s by an agent: once, with their words', (place) => {
    const settlement = place === 'OPENING' ? [accepted] : [];
    const words = { commandId: 'end', noteId: 'n-1' };

    expect(notesAfter(place, closed(anna, words), ...settlement, wanted())).toEqual([
      { ...byAnna, closeReason: 'OPERATOR_CLOSED' },
    ]);
    expect(notesAfter(place, blocked(anna, words), ...settlement, wanted())).toEqual([
      { ...byAnna, closeReason: 'CLIENT_BLOCKED' },
    ]);
  });

  it('wished by an agent for a message that the provider refuses: why it has ended in fact (A31)', () => {
    expect(notesAfter('OPENING', closed(anna, { commandId: 'end', noteId: 'n-1' }), rejected)).toEqual([
      { ...byAnna, closeReason: 'SEND_REJECTED' },
    ]);
    expect(notesAfter('OPENING', closed(anna, { commandId: 'end', noteId: 'n-1' }), wrote(), rejected)).toEqual([
      { ...byAnna, closeReason: 'OPERATOR_CLOSED' },
    ]);
  });

  it('by a system: without an agent, and without words where it has none', () => {
    expect(notesAfter('WAITING', closed(system, { commandId: 'end' }))).toEqual([
      { identity: 'close:end', code: 'THREAD_CLOSED', closeReason: 'EXTERNAL_CALL_FORCED_CLOSURE' },
    ]);
  });

  it.each([
    { what: 'the client', place: 'WAITING', events: [clientClosed] },
    { what: 'silence', place: 'WAITING', events: [silence] },
    { what: 'a refusal of the provider', place: 'OPENING', events: [rejected] },
    { what: 'close immediately', place: 'OPENING', events: [accepted] },
  ] as const)('by $what: nothing, since nobody has closed it by command', ({ place, events }) => {
    expect(notesAfter(place, ...events)).toEqual([]);
  });
});

describe('a thread that is handed on', () => {
  it('is assigned until an agent has answered, then reassigned', () => {
    const answered = [opened(vera), replied(vera), settled('ACCEPTED', 's-2')];
    const way = [accepted, took(vera), ...answered, transferred(vera, toBoris)];

    expect(endOf(threadAfter(transferTo(toGroup), ...way))).toMatchObject({ to: 'REASSIGNED', ...ofBoris });
    expect(endOf(threadAfter(transferTo(toGroup), accepted, took(vera), transferred(vera, toBoris)))).toMatchObject({
      to: 'ASSIGNED',
      ...ofBoris,
    });
    expect(after(threadAfter(transferTo(toGroup), ...way), opened(boris))[0].value).toBe('IN_PROGRESS');
  });
});
