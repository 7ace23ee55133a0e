import { describe, expect, it } from 'vitest';
import type { Refusal } from '../../domain/contracts/refusal.js';
import { ThreadCommandName, type ThreadState, type TransferTarget } from '../../domain/contracts/thread.js';
import type { Actor } from '../../domain/thread-command.js';
import { threadMachine, type ThreadSnapshot } from '../../machines/thread.js';
import { acceptedCommands, refusalOf } from '../../machines/thread-command.js';
import { NOW } from '../builders.js';
import {
  after,
  anna,
  blocked,
  boris,
  closed,
  opened,
  type Place,
  places,
  replied,
  stateAt,
  svetlana,
  system,
  threadAt,
  toAnna,
  toBot,
  toGroup,
  took,
  transferred,
  vera,
  ways,
} from './threads.js';

const actors = {
  Anna: anna,
  'Anna, OFFLINE': { ...anna, status: 'OFFLINE' },
  Boris: boris,
  'Vera of the group': vera,
  'Vera, OFFLINE': { ...vera, status: 'OFFLINE' },
  'a supervisor': svetlana,
  'a system': system,
} satisfies Record<string, Actor>;
type Name = keyof typeof actors;

const elsewhere: TransferTarget = { kind: 'SKILL', id: 'german' };
const commands = {
  take: took,
  open: opened,
  reply: (actor: Actor, rest = {}) => replied(actor, 's-2', rest),
  transfer: (actor: Actor, rest = {}) => transferred(actor, elsewhere, rest),
  close: closed,
  block: blocked,
};

/**
 * `yes`, or why not: `state`: the state takes no such command; `holder`: another, a bot or nobody has the thread;
 * `taken`: an agent has it already; `eligible`: not one of the thread's target, or not at work. `?`: the API asks a
 * system for an agent first.
 */
const table = `
                        | take     | open   | reply  | transfer | close  | block
  OPENING
  Anna                  | state    | state  | state  | state    | yes    | yes
  Anna, OFFLINE         | state    | state  | state  | state    | yes    | yes
  Boris                 | state    | state  | state  | state    | holder | holder
  Vera of the group     | state    | state  | state  | state    | holder | holder
  Vera, OFFLINE         | state    | state  | state  | state    | holder | holder
  a supervisor          | state    | state  | state  | state    | yes    | yes
  a system              | state    | state  | state  | state    | yes    | yes

  NEW
  Anna                  | yes      | state  | state  | holder   | holder | holder
  Anna, OFFLINE         | eligible | state  | state  | holder   | holder | holder
  Boris                 | yes      | state  | state  | holder   | holder | holder
  Vera of the group     | yes      | state  | state  | holder   | holder | holder
  Vera, OFFLINE         | eligible | state  | state  | holder   | holder | holder
  a supervisor          | yes      | state  | state  | yes      | yes    | yes
  a system              | eligible | state  | state  | yes      | yes    | yes

  SUSPENDED
  Anna                  | state    | state  | state  | holder   | holder | holder
  Anna, OFFLINE         | state    | state  | state  | holder   | holder | holder
  Boris                 | state    | state  | state  | holder   | holder | holder
  Vera of the group     | state    | state  | state  | holder   | holder | holder
  Vera, OFFLINE         | state    | state  | state  | holder   | holder | holder
  a supervisor          | state    | state  | state  | yes      | yes    | yes
  a system              | state    | state  | state  | yes      | yes    | yes

  UNASSIGNED
  Anna                  | eligible | state  | state  | holder   | holder | holder
  Anna, OFFLINE         | eligible | state  | state  | holder   | holder | holder
  Boris                 | eligible | state  | state  | holder   | holder | holder
  Vera of the group     | yes      | state  | state  | holder   | holder | holder
  Vera, OFFLINE         | eligible | state  | state  | holder   | holder | holder
  a supervisor          | yes      | state  | state  | yes      | yes    | yes
  a system              | eligible | state  | state  | yes      | yes    | yes

  HANDING_OVER
  Anna                  | eligible | state  | state  | holder   | holder | holder
  Anna, OFFLINE         | eligible | state  | state  | holder   | holder | holder
  Boris                 | eligible | state  | state  | holder   | holder | holder
  Vera of the group     | eligible | state  | state  | holder   | holder | holder
  Vera, OFFLINE         | eligible | state  | state  | holder   | holder | holder
  a supervisor          | yes      | state  | state  | yes      | yes    | yes
  a system              | eligible | state  | state  | yes      | yes    | yes

  ASSIGNED REASSIGNED
  Anna                  | state    | yes    | state  | yes      | yes    | yes
  Anna, OFFLINE         | state    | yes    | state  | yes      | yes    | yes
  Boris                 | taken    | holder | state  | holder   | holder | holder
  Vera of the group     | taken    | holder | state  | holder   | holder | holder
  Vera, OFFLINE         | taken    | holder | state  | holder   | holder | holder
  a supervisor          | taken    | yes    | state  | yes      | yes    | yes
  a system              | taken    | ?      | state  | yes      | yes    | yes

  IN_PROGRESS WAITING ANSWER_NEEDED
  Anna                  | state    | yes    | yes    | yes      | yes    | yes
  Anna, OFFLINE         | state    | yes    | yes    | yes      | yes    | yes
  Boris                 | taken    | holder | holder | holder   | holder | holder
  Vera of the group     | taken    | holder | holder | holder   | holder | holder
  Vera, OFFLINE         | taken    | holder | holder | holder   | holder | holder
  a supervisor          | taken    | yes    | yes    | yes      | yes    | yes
  a system              | taken    | ?      | holder | yes      | yes    | yes

  IN_PROGRESS_OF_BOT
  Anna                  | state    | holder | holder | holder   | holder | holder
  Anna, OFFLINE         | state    | holder | holder | holder   | holder | holder
  Boris                 | state    | holder | holder | holder   | holder | holder
  Vera of the group     | state    | holder | holder | holder   | holder | holder
  Vera, OFFLINE         | state    | holder | holder | holder   | holder | holder
  a supervisor          | state    | yes    | yes    | yes      | yes    | yes
  a system              | state    | ?      | yes    | yes      | yes    | yes

  CLOSING CLOSED
  Anna                  | state    | state  | state  | state    | state  | state
  Anna, OFFLINE         | state    | state  | state  | state    | state  | state
  Boris                 | state    | state  | state  | state    | state  | state
  Vera of the group     | state    | state  | state  | state    | state  | state
  Vera, OFFLINE         | state    | state  | state  | state    | state  | state
  a supervisor          | state    | state  | state  | state    | state  | state
  a system              | state    | state  | state  | state    | state  | state
`;

interface Row {
  place: Place;
  who: Name;
  command: ThreadCommandName;
  answer: string;
}

/** A line without cells names the places of the lines below it. */
const rows = (() => {
  const [heading = '', ...lines] = table.split('\n').filter((line) => line.trim() !== '');
  const names = heading
    .split('|')
    .slice(1)
    .map((name) => ThreadCommandName.parse(name.trim()));
  let at: Place[] = [];
  return lines.flatMap((line): Row[] => {
    const [who = '', ...cells] = line.split('|').map((cell) => cell.trim());
    if (cells.length > 0) {
      return at.flatMap((place) =>
        cells.map((answer, column) => ({ place, who: who as Name, command: names[column]!, answer })),
      );
    }
    at = places.filter((place) => who.split(' ').includes(place));
    return [];
  });
})();

const accepts: Record<ThreadSnapshot['value'], ThreadCommandName[]> = {
  arriving: [],
  OPENING: ['close', 'block'],
  NEW: ['take', 'transfer', 'close', 'block'],
  SUSPENDED: ['transfer', 'close', 'block'],
  distributing: [],
  UNASSIGNED: ['take', 'transfer', 'close', 'block'],
  HANDING_OVER: ['take', 'transfer', 'close', 'block'],
  fallingBack: [],
  ASSIGNED: ['open', 'transfer', 'close', 'block'],
  REASSIGNED: ['open', 'transfer', 'close', 'block'],
  IN_PROGRESS: ['open', 'reply', 'transfer', 'close', 'block'],
  WAITING: ['open', 'reply', 'transfer', 'close', 'block'],
  ANSWER_NEEDED: ['open', 'reply', 'transfer', 'close', 'block'],
  CLOSING: [],
  CLOSED: [],
};

/** As it is shown to whoever asks: a bot is being called for an UNASSIGNED thread, and a closing one is closed. */
const shownAt = (place: Place): ThreadState => {
  const state = stateAt(place);
  if (state === 'HANDING_OVER') return 'UNASSIGNED';
  return state === 'CLOSING' ? 'CLOSED' : state;
};

function refusalFor({ place, answer }: Row): Refusal | undefined {
  const { agentId } = threadAt(place).context;
  const state = shownAt(place);
  const { openedBy } = ways[place];
  switch (answer) {
    case 'yes':
      return undefined;
    case 'taken':
      return { code: 'THREAD_TAKEN', agentId: 'anna' };
    case 'eligible':
      return { code: 'NOT_ELIGIBLE' };
    case 'holder': {
      const opener = openedBy.kind === 'SEND' ? 'AGENT' : 'CLIENT';
      const of = { threadId: 't-1', channelId: 'wa-main', since: new Date(NOW).toISOString(), opener } as const;
      return { code: 'NOT_HOLDER', holder: { ...of, state, ...(agentId !== undefined && { agentId }) } };
    }
    case 'state':
      return { code: 'EVENT_NOT_ACCEPTED', state, accepts: accepts[stateAt(place)] };
    default:
      throw new Error(`${answer} is no answer`);
  }
}

describe('every state, every command and whoever gives it (http-api 10)', () => {
  const judged = rows.filter(({ answer }) => answer !== '?');

  it.each(judged)('$place: $command by $who: $answer', (row) => {
    const thread = threadAt(row.place);
    const command = commands[row.command](actors[row.who]);

    expect(refusalOf(thread, command)).toEqual(refusalFor(row));
  });

  it('a command is refused exactly when the machine does not take it', () => {
    const apart = rows.filter(({ place, who, command: name }) => {
      const command = commands[name](actors[who]);
      return threadAt(place).can(command) !== (refusalOf(threadAt(place), command) === undefined);
    });

    expect(apart).toEqual([]);
  });

  it('the table has all of them', () => {
    const asked = rows.map(({ place, who, command }) => `${place}: ${command} by ${who}`);

    const all = places.flatMap((place) =>
      Object.keys(actors).flatMap((who) =>
        ThreadCommandName.options.map((command) => `${place}: ${command} by ${who}`),
      ),
    );

    expect(asked.toSorted()).toEqual(all.toSorted());
  });

  it.each(Object.keys(threadMachine.states) as ThreadSnapshot['value'][])(
    '%s says what it takes, whoever asks',
    (state) => {
      expect(acceptedCommands(state)).toEqual(accepts[state]);
    },
  );
});

describe('of several who take a thread', () => {
  it('one wins, and the others are told who (E3)', () => {
    const takenByVera = after(threadAt('UNASSIGNED'), took(vera))[0];

    expect(refusalOf(takenByVera, took(svetlana, { commandId: 'take-2' }))).toEqual({
      code: 'THREAD_TAKEN',
      agentId: 'vera',
    });
  });

  it('the winner who asks again under another id has nothing to take any more', () => {
    const takenByVera = after(threadAt('UNASSIGNED'), took(vera))[0];

    expect(refusalOf(takenByVera, took(vera, { commandId: 'take-2' }))).toMatchObject({ code: 'EVENT_NOT_ACCEPTED' });
  });
});

describe('a transfer to whom the thread is with already (A26)', () => {
  it.each([
    { place: 'UNASSIGNED', target: toGroup },
    { place: 'HANDING_OVER', target: toBot },
    { place: 'IN_PROGRESS_OF_BOT', target: toBot },
    { place: 'ASSIGNED', target: toAnna },
    { place: 'REASSIGNED', target: toAnna },
    { place: 'IN_PROGRESS', target: toAnna },
    { place: 'WAITING', target: toAnna },
    { place: 'ANSWER_NEEDED', target: toAnna },
  ] as const)('in $place to $target.kind is refused', ({ place, target }) => {
    const thread = threadAt(place);
    const command = transferred(svetlana, target, { commandId: 'again' });

    expect(refusalOf(thread, command)).toEqual({ code: 'TRANSFER_TARGET' });
    expect(thread.can(command)).toBe(false);
    expect(refusalOf(thread, transferred(svetlana, elsewhere, { commandId: 'again' }))).toBeUndefined();
  });
});

describe('a command that was taken already', () => {
  const taken = [
    { place: 'OPENING', command: closed(anna) },
    { place: 'NEW', command: took(anna) },
    { place: 'ASSIGNED', command: opened(anna) },
    { place: 'WAITING', command: replied(anna) },
    { place: 'WAITING', command: transferred(anna, elsewhere) },
    { place: 'WAITING', command: closed(anna) },
    { place: 'WAITING', command: blocked(anna) },
  ] as const;

  it.each(taken)('$command.type is not refused when it comes again, in $place', ({ place, command }) => {
    const thread = after(threadAt(place), command)[0];
    const another = { ...command, commandId: 'another', actor: boris };

    expect(refusalOf(thread, command)).toBeUndefined();
    expect(refusalOf(thread, another)).toBeDefined();
  });

  it('is known among the last 100', () => {
    const openings = Array.from({ length: 150 }, (_, index) => opened(anna, { commandId: `open-${index}` }));

    const thread = openings.reduce((one, event) => after(one, event)[0], threadAt('WAITING'));

    expect(thread.context.commands).toEqual(openings.slice(-100).map(({ commandId }) => commandId));
  });
});

describe('a command for an earlier thread of the client', () => {
  it.each(places)('finds that thread closed while another is in %s', (place) => {
    for (const give of Object.values(commands)) {
      expect(refusalOf(threadAt(place), give(svetlana, { threadId: 't-0' }))).toEqual({
        code: 'EVENT_NOT_ACCEPTED',
        state: 'CLOSED',
        accepts: [],
      });
    }
  });
});
