import { describe, expect, it } from 'vitest';
import { AgentStatus } from '../../domain/contracts/agent.js';
import { CloseReason, TransferTarget } from '../../domain/contracts/thread.js';
import { type Actor, belongsTo, closeReasonOf, type Held, rightsRefusal } from '../../domain/thread-command.js';
import { aHolder, anActor } from '../builders.js';

const support: TransferTarget = { kind: 'GROUP', id: 'support' };
const bot: TransferTarget = { kind: 'BOT', id: 'greeter' };

const heldBy = ({ agentId, target }: { agentId?: string; target?: TransferTarget }): Held => ({
  agentId,
  target,
  holder: aHolder({ agentId }),
});

const threads = {
  "anna's": heldBy({ agentId: 'anna' }),
  "nobody's": heldBy({}),
  "the group's": heldBy({ target: support }),
  "the bot's": heldBy({ target: bot }),
};

const actors = {
  anna: anActor(),
  boris: anActor({ agentId: 'boris' }),
  'vera of the group': anActor({ agentId: 'vera', groupIds: ['sales', 'support'] }),
  'a supervisor': anActor({ kind: 'SUPERVISOR', agentId: 'svetlana' }),
  'a system': { kind: 'SYSTEM' },
} satisfies Record<string, Actor>;

const given = { commandId: 'command-1', threadId: 'thread-1' };
const commands = {
  take: { type: 'agent.took' },
  open: { type: 'agent.opened' },
  reply: { type: 'agent.replied', sendId: 'send-2' },
  transfer: { type: 'agent.transferred', target: { kind: 'SKILL', id: 'german' } },
  close: { type: 'agent.closed' },
  block: { type: 'agent.blocked' },
} as const;

/** A cell names whom the command is taken from; everybody else is refused. */
const rights = `
  thread      | take                                                    | reply                      | transfer, close, block
  anna's      | anna, boris, vera of the group, a supervisor            | anna, a supervisor         | anna, a supervisor, a system
  nobody's    | anna, boris, vera of the group, a supervisor            | a supervisor               | a supervisor, a system
  the group's | vera of the group, a supervisor                         | a supervisor               | a supervisor, a system
  the bot's   | a supervisor                                            | a supervisor, a system     | a supervisor, a system
`;

const rows = (() => {
  const [[, ...names] = [], ...lines] = rights
    .trim()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
  return lines.flatMap(([thread = '', ...cells]) =>
    cells.flatMap((cell, column) =>
      names[column]!.split(', ').flatMap((name) =>
        Object.keys(actors).map((actor) => ({ thread, name, actor, may: cell.split(', ').includes(actor) })),
      ),
    ),
  );
})();

const refusalOf = (thread: Held, name: keyof typeof commands, actor: Actor) =>
  rightsRefusal(thread, { ...given, ...commands[name], actor });

describe('what whoever asks may do to a thread that takes the command (http-api 10)', () => {
  it.each(rows)('$thread thread: $name by $actor is taken: $may', ({ thread, name, actor, may }) => {
    const held = threads[thread as keyof typeof threads];
    const refusal = name === 'take' ? { code: 'NOT_ELIGIBLE' } : { code: 'NOT_HOLDER', holder: held.holder };

    const found = refusalOf(held, name as keyof typeof commands, actors[actor as keyof typeof actors]);

    expect(found).toEqual(may ? undefined : refusal);
  });

  // A system is asked for an agent before it comes here.
  it.each(Object.keys(threads) as (keyof typeof threads)[])(
    '%s thread is opened by its agent or a supervisor',
    (name) => {
      const may = (Object.keys(actors) as (keyof typeof actors)[]).filter(
        (actor) => actor !== 'a system' && refusalOf(threads[name], 'open', actors[actor]) === undefined,
      );

      expect(may).toEqual(name === "anna's" ? ['anna', 'a supervisor'] : ['a supervisor']);
    },
  );
});

describe('the status of whoever asks (R1)', () => {
  it.each(AgentStatus.options)('one who is %s takes a thread that nobody holds if they might send', (status) => {
    const taking = (rest: Parameters<typeof anActor>[0]) =>
      refusalOf(threads["the group's"], 'take', anActor({ ...rest, status }));
    const refusal = ['ACTIVE', 'OUT', 'FINISHING'].includes(status) ? undefined : { code: 'NOT_ELIGIBLE' };

    expect(taking({ groupIds: ['support'] })).toEqual(refusal);
    expect(taking({ kind: 'SUPERVISOR' })).toEqual(refusal);
  });

  it.each(AgentStatus.options)('one who is %s goes on with a thread that is theirs', (status) => {
    const anna = anActor({ status });

    for (const name of ['open', 'reply', 'transfer', 'close', 'block'] as const) {
      expect(refusalOf(threads["anna's"], name, anna)).toBeUndefined();
    }
  });
});

describe('who belongs to a target (R15c)', () => {
  const vera = { groupIds: ['support', 'sales'], skillIds: ['german'], departmentId: 'retail' };

  it.each([
    { kind: 'GROUP', id: 'support', isOne: true },
    { kind: 'GROUP', id: 'sales', isOne: true },
    { kind: 'GROUP', id: 'german', isOne: false },
    { kind: 'SKILL', id: 'german', isOne: true },
    { kind: 'SKILL', id: 'support', isOne: false },
    { kind: 'DEPARTMENT', id: 'retail', isOne: true },
    { kind: 'DEPARTMENT', id: 'support', isOne: false },
    { kind: 'EMPLOYEE', id: 'support', isOne: false },
    { kind: 'BOT', id: 'support', isOne: false },
  ] as const)('vera is one of $kind $id: $isOne', ({ kind, id, isOne }) => {
    expect(belongsTo({ kind, id }, vera)).toBe(isOne);
  });

  it('one without a department belongs to none', () => {
    expect(belongsTo({ kind: 'DEPARTMENT', id: 'retail' }, { groupIds: [], skillIds: [] })).toBe(false);
  });
});

describe('a transfer to whom the thread is with already', () => {
  const transferOf = (thread: Held, target: TransferTarget, actor: Actor = actors['a supervisor']) =>
    rightsRefusal(thread, { ...given, type: 'agent.transferred', target, actor });

  it.each([
    { thread: "anna's", target: { kind: 'EMPLOYEE', id: 'anna' }, isThere: true },
    { thread: "anna's", target: { kind: 'EMPLOYEE', id: 'boris' }, isThere: false },
    { thread: "anna's", target: { kind: 'GROUP', id: 'anna' }, isThere: false },
    { thread: "the group's", target: support, isThere: true },
    { thread: "the group's", target: { kind: 'SKILL', id: 'support' }, isThere: false },
    { thread: "the group's", target: { kind: 'GROUP', id: 'sales' }, isThere: false },
    { thread: "the bot's", target: bot, isThere: true },
    { thread: "nobody's", target: support, isThere: false },
  ] as const)('of $thread thread to $target.kind $target.id is refused: $isThere (A26)', (row) => {
    expect(transferOf(threads[row.thread], row.target)).toEqual(row.isThere ? { code: 'TRANSFER_TARGET' } : undefined);
  });

  it('is first a matter of who may transfer it at all', () => {
    expect(transferOf(threads["anna's"], { kind: 'EMPLOYEE', id: 'anna' }, actors.boris)).toMatchObject({
      code: 'NOT_HOLDER',
    });
  });
});

describe('the close reason', () => {
  const reasons: { by: string; actor: Actor; held: string | undefined; reason: CloseReason }[] = [
    { by: 'its agent', actor: actors.anna, held: 'anna', reason: 'OPERATOR_CLOSED' },
    { by: 'a supervisor', actor: actors['a supervisor'], held: 'anna', reason: 'SUPERVISOR_CLOSED' },
    { by: 'a supervisor', actor: actors['a supervisor'], held: undefined, reason: 'SUPERVISOR_CLOSED' },
    { by: 'the supervisor', actor: actors['a supervisor'], held: 'svetlana', reason: 'OPERATOR_CLOSED' },
    { by: 'a system', actor: actors['a system'], held: 'anna', reason: 'EXTERNAL_CALL_FORCED_CLOSURE' },
    { by: 'a system', actor: actors['a system'], held: undefined, reason: 'EXTERNAL_CALL_FORCED_CLOSURE' },
  ];
  it.each(reasons)('of a thread held by $held and closed by $by is $reason', ({ actor, held, reason }) => {
    expect(closeReasonOf({ agentId: held }, actor)).toBe(reason);
  });
});
