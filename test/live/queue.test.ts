// Queues: an agent's own in its two parts, and those of groups, skills and departments (requirements, section 5).
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChatCenter } from '../../client/index.js';
import type { QueueKind, Thread } from '../../domain/contracts/thread.js';
import { aPerson, aTemplateSend } from '../rig/people.js';
import { make } from '../rig/sends.js';
import { type Service, startService } from '../rig/service.js';
import { clientWrites } from '../rig/simulator.js';
import { untilThread, writing, written } from '../rig/threads.js';
import { until } from '../rig/until.js';

let service: Service;
let crm: ChatCenter;
beforeAll(async () => {
  service = await startService();
  ({ crm } = service);
  const { operator } = service;
  await operator.putGroup('sales', { name: 'Sales' });
  await operator.putSkill('french', { name: 'French' });
  await operator.putDepartment('returns', { name: 'Returns' });
});
afterAll(() => service.stop());

/** With a queue of their own. */
async function anAgent(
  agentId: string,
  member: { groupIds?: string[]; skillIds?: string[]; departmentId?: string } = {},
) {
  const rest = { name: agentId, login: agentId, status: 'ACTIVE' as const, groupIds: [], skillIds: [] };
  await service.operator.putAgent(agentId, { ...rest, ...member });
  return agentId;
}

const idsOf = (threads: Thread[]) => threads.map(({ threadId }) => threadId);
const code = (expected: string) => ({ problem: { code: expected } });

describe('a personal queue', () => {
  it('has a thread that was assigned to oneself in its second part, minimised and waiting (R15b)', async () => {
    const agentId = await anAgent('emma');

    const { threadId } = await written(service, { kind: 'ASSIGN_TO_ME' }, { agentId });

    const { waitingForAgent, waitingForClient } = await crm.queueOf(agentId);
    expect(waitingForAgent).toEqual([]);
    expect(waitingForClient).toMatchObject([{ threadId, agentId, state: 'WAITING', minimised: true }]);
  });

  it('shows a thread that was opened no longer minimised (R15b)', async () => {
    const agentId = await anAgent('fritz');
    const { threadId } = await written(service, { kind: 'ASSIGN_TO_ME' }, { agentId });

    await crm.open(threadId, agentId);

    const { waitingForClient } = await crm.queueOf(agentId);
    expect(waitingForClient).toMatchObject([{ threadId, state: 'WAITING', minimised: false }]);
  });

  it('has those who wait for the agent first, the one who has waited longest on top (R15b)', async () => {
    const agentId = await anAgent('gina');
    const [older, newer] = [await writing(service), await writing(service)];

    await crm.take(newer.threadId, agentId);
    await crm.take(older.threadId, agentId);
    await crm.open(newer.threadId, agentId);

    const { waitingForAgent, waitingForClient } = await crm.queueOf(agentId);
    expect(waitingForAgent).toMatchObject([
      { threadId: older.threadId, state: 'ASSIGNED' },
      { threadId: newer.threadId, state: 'IN_PROGRESS' },
    ]);
    expect(waitingForClient).toEqual([]);
  });

  it('has those whom the agent waits for in its second part, the last message on top (R15b)', async () => {
    const agentId = await anAgent('hanna');
    const asked = await writing(service);
    const first = await written(service, { kind: 'ASSIGN_TO_ME' }, { agentId });
    const second = await written(service, { kind: 'ASSIGN_TO_ME' }, { agentId });
    expect(idsOf((await crm.queueOf(agentId)).waitingForClient)).toEqual([second.threadId, first.threadId]);

    await crm.take(asked.threadId, agentId);
    await crm.open(asked.threadId, agentId);
    await crm.reply(asked.threadId, { agentId, content: { kind: 'TEXT', text: 'Yes.' } }, `reply-${asked.threadId}`);
    await untilThread(service, asked.threadId, ({ state }) => state === 'WAITING');

    const { waitingForAgent, waitingForClient } = await crm.queueOf(agentId);
    expect(waitingForAgent).toEqual([]);
    expect(idsOf(waitingForClient)).toEqual([asked.threadId, second.threadId, first.threadId]);
  });

  it('moves a thread to its first part when the client writes, by that time (R15b)', async () => {
    const agentId = await anAgent('ines');
    const { threadId, phone } = await written(service, { kind: 'ASSIGN_TO_ME' }, { agentId });
    const earlier = await writing(service);
    await crm.take(earlier.threadId, agentId);

    await clientWrites(service, phone, 'When?');
    await untilThread(service, threadId, ({ state }) => state === 'ANSWER_NEEDED');

    const { waitingForAgent, waitingForClient } = await crm.queueOf(agentId);
    expect(idsOf(waitingForAgent)).toEqual([earlier.threadId, threadId]);
    expect(waitingForClient).toEqual([]);
  });

  it('has no thread that is still opening (R15b)', async () => {
    const agentId = await anAgent('jana');
    const { clientId } = await aPerson(service, '0007'); // 503 twice: the verdict takes seconds
    const sending = make(service, aTemplateSend(clientId, { agentId, action: { kind: 'ASSIGN_TO_ME' } }));
    const { items } = await until(
      () => crm.threads({ clientId }),
      (page) => page.items.length === 1,
    );

    const meanwhile = await crm.queueOf(agentId);

    expect(items).toMatchObject([{ state: 'OPENING', agentId }]);
    expect(meanwhile).toEqual({ waitingForAgent: [], waitingForClient: [] });
    await sending;
    expect((await crm.queueOf(agentId)).waitingForClient).toHaveLength(1);
  });

  it('loses a thread that is closed or handed to another (R15c)', async () => {
    const [agentId, other] = [await anAgent('karl'), await anAgent('lena')];
    const closed = await written(service, { kind: 'ASSIGN_TO_ME' }, { agentId });
    const handed = await written(service, { kind: 'ASSIGN_TO_ME' }, { agentId });

    await crm.close(closed.threadId, { agentId });
    await crm.transfer(handed.threadId, { agentId, target: { kind: 'EMPLOYEE', id: other } });

    expect(await crm.queueOf(agentId)).toEqual({ waitingForAgent: [], waitingForClient: [] });
    expect(await crm.queueOf(other)).toMatchObject({
      waitingForAgent: [{ threadId: handed.threadId, state: 'ASSIGNED' }],
    });
  });

  it('is for the eyes of its agent and of those who read all (INV23)', async () => {
    const [anna, supervisor] = [await service.as('agent', 'anna'), await service.as('supervisor', 'boris')];

    await expect(anna.chatCenter.queueOf('boris')).rejects.toMatchObject(code('FORBIDDEN'));
    await expect(anna.chatCenter.queueOf('nobody')).rejects.toMatchObject(code('FORBIDDEN'));
    await expect(crm.queueOf('nobody')).rejects.toMatchObject(code('NOT_FOUND'));
    for (const { queueOf } of [anna.chatCenter, supervisor.chatCenter, service.operator, crm])
      expect(await queueOf('anna')).toHaveProperty('waitingForAgent');
  });
});

const targets = [
  { kind: 'GROUP', id: 'sales' },
  { kind: 'SKILL', id: 'french' },
  { kind: 'DEPARTMENT', id: 'returns' },
] as const;

describe.each(targets)('the queue of a $kind', (target) => {
  const { kind, id } = target;
  const handedOver = () => written(service, { kind: 'TRANSFER', target });

  it('has what was handed to it, longest waiting first, until somebody takes it (R15c)', async () => {
    const member = await anAgent(`member-${id}`, {
      groupIds: ['sales'],
      skillIds: ['french'],
      departmentId: 'returns',
    });
    const [first, second, third] = [await handedOver(), await handedOver(), await handedOver()];

    await crm.take(second.threadId, member);

    const { items, next } = await crm.queue(kind, id);
    expect(idsOf(items)).toEqual([first.threadId, third.threadId]);
    expect(items).toMatchObject([{ state: 'UNASSIGNED', target }, { target }]);
    expect(next).toBeNull();
  });

  it('is read by its agents alone, and by those who read all (INV23)', async () => {
    const own = { GROUP: { groupIds: [id] }, SKILL: { skillIds: [id] }, DEPARTMENT: { departmentId: id } }[kind];
    const inside = await service.as('agent', await anAgent(`inside-${id}`, own));
    const outside = await service.as('agent', 'anna');
    const supervisor = await service.as('supervisor', 'boris');

    await expect(outside.chatCenter.queue(kind, id)).rejects.toMatchObject(code('FORBIDDEN'));
    for (const { queue } of [inside.chatCenter, supervisor.chatCenter, service.operator, crm])
      expect(await queue(kind, id)).toHaveProperty('items');
    await expect(outside.chatCenter.queue(kind, 'nothing')).rejects.toMatchObject(code('NOT_FOUND'));
    await expect(crm.queue(kind, 'nothing')).rejects.toMatchObject(code('NOT_FOUND'));
  });
});

it('a kind without queues is no address that can be asked', async () => {
  await expect(crm.queue('BOT' as QueueKind, 'tracker')).rejects.toMatchObject(code('VALIDATION_FAILED'));
});

it('a queue is paged without loss or doubles, also where several have waited equally long (R15c)', async () => {
  await service.operator.putGroup('crowd', { name: 'Crowd' });
  const target = { kind: 'GROUP' as const, id: 'crowd' };
  const expected: string[] = [];
  for (let count = 0; count < 7; count += 1)
    expected.push((await written(service, { kind: 'TRANSFER', target })).threadId);
  const since = (microsecond: number, threadIds: string[]) =>
    service.database
      .updateTable('threads')
      .set({
        waiting_since: sql<Date>`timestamptz '2026-11-24 09:13:00+00' + ${microsecond} * interval '1 microsecond'`,
      })
      .where('thread_id', 'in', threadIds)
      .execute();
  await since(123_456, expected.slice(0, 3));
  await since(123_457, expected.slice(3, 5));

  const pages: string[][] = [];
  for (let after: string | null = ''; after !== null; ) {
    const { token } = await service.as('integrator');
    const response = await fetch(`${service.api}/v1/queues/GROUP/crowd?limit=2${after && `&after=${after}`}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const page = (await response.json()) as { items: Thread[]; next: string | null };
    pages.push(idsOf(page.items));
    after = page.next;
  }

  expect(pages.map(({ length }) => length)).toEqual([2, 2, 2, 1]);
  expect(pages.flat()).toEqual(expected);
  await expect(crm.queue('GROUP', 'crowd', 'x')).rejects.toMatchObject(code('VALIDATION_FAILED'));
});
