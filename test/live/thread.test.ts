// Threads through the API: where a send hands them, who may do what to them, how they end (requirements, section 5).
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { threadWorkflowId } from '../../workflows/messages.js';
import { aPerson, aTemplateSend } from '../rig/people.js';
import { ended, make } from '../rig/sends.js';
import { tell } from '../../scripts/simulator.js';
import { type Service, startService } from '../rig/service.js';
import { clientWrites, ledgerOf } from '../rig/simulator.js';
import { by, type Command, tellThread, untilThread, writing, written } from '../rig/threads.js';
import { until } from '../rig/until.js';

let service: Service;
beforeAll(async () => {
  service = await startService({ settings: { verdictSeconds: 20 } });
  const { operator } = service;
  await operator.putGroup('sales', { name: 'Sales' });
  await operator.putSkill('french', { name: 'French' });
  await operator.putDepartment('returns', { name: 'Returns' });
  const rest = { login: 'x', status: 'ACTIVE' as const, groupIds: [], skillIds: [] };
  await operator.putAgent('carla', {
    ...rest,
    name: 'Carla',
    groupIds: ['sales'],
    skillIds: ['french'],
    departmentId: 'returns',
  });
  await operator.putAgent('dora', { ...rest, name: 'Dora', status: 'OFFLINE', groupIds: ['sales'] });
});
afterAll(() => service.stop());

const supervisor = { role: 'supervisor' as const, agentId: 'boris' };
const eventsOf = async (clientId: string) =>
  (await service.crm.history(clientId)).items.filter(({ kind }) => kind === 'SYSTEM');

it('a message transferred to an employee waits assigned in their queue, also when they are away (R15c, A26)', async () => {
  const { threadId, clientId } = await written(service, {
    kind: 'TRANSFER',
    target: { kind: 'EMPLOYEE', id: 'dora' },
    comment: 'asks for a refund',
  });

  expect(await service.crm.findThread(threadId)).toMatchObject({
    state: 'ASSIGNED',
    agentId: 'dora',
    minimised: false,
  });
  const [entry] = await eventsOf(clientId);
  expect(entry).toMatchObject({
    agentId: 'anna',
    threadId,
    event: { code: 'TRANSFERRED', target: { kind: 'EMPLOYEE', id: 'dora' }, comment: 'asks for a refund' },
  });
});

it.each([
  { kind: 'GROUP', id: 'sales' },
  { kind: 'SKILL', id: 'french' },
  { kind: 'DEPARTMENT', id: 'returns' },
] as const)('one transferred to a $kind is unassigned until one of its agents takes it (R15c)', async (target) => {
  const { threadId } = await written(service, { kind: 'TRANSFER', target });

  const thread = await service.crm.findThread(threadId);
  expect(thread).toMatchObject({ state: 'UNASSIGNED', target });
  expect(thread.agentId).toBeUndefined();
  expect(await tellThread(service, threadId, 'take', {}, by('anna'))).toMatchObject({
    status: 409,
    body: { code: 'NOT_ELIGIBLE' },
  });
  const taken = await tellThread(service, threadId, 'take', {}, by('carla'));
  expect(taken).toMatchObject({ status: 200, body: { state: 'ASSIGNED', agentId: 'carla' } });
  expect(taken.body['target']).toBeUndefined();
});

it.each([
  ['oneself', { kind: 'EMPLOYEE', id: 'anna' }],
  ['an unknown employee', { kind: 'EMPLOYEE', id: 'nobody' }],
  ['an unknown group', { kind: 'GROUP', id: 'nobody' }],
  ['an unknown bot', { kind: 'BOT', id: 'nobody' }],
] as const)('a transfer to %s is refused, by a send and by an agent alike (A26)', async (_, target) => {
  const { clientId, phone } = await aPerson(service);
  const reply = await service.crm.send(aTemplateSend(clientId, { action: { kind: 'TRANSFER', target } }), randomUUID());
  const { threadId } = await written(service, { kind: 'ASSIGN_TO_ME' });

  expect(reply).toMatchObject({ outcome: 'refused', refusals: [{ code: 'TRANSFER_TARGET' }] });
  expect(await ledgerOf(service, phone)).toEqual([]);
  expect(await tellThread(service, threadId, 'transfer', { target }, by('anna'))).toMatchObject({
    status: 409,
    body: { code: 'TRANSFER_TARGET' },
  });
});

it('a comment of 220 characters is kept, one of 221 is refused; a transfer without target is 400 (A26)', async () => {
  const { threadId, clientId } = await written(service, { kind: 'ASSIGN_TO_ME' });
  const target = { kind: 'GROUP', id: 'sales' };

  const tooLong = await tellThread(service, threadId, 'transfer', { target, comment: 'é'.repeat(221) }, by('anna'));
  const without = await tellThread(service, threadId, 'transfer', { comment: 'x' }, by('anna'));
  const fits = await tellThread(service, threadId, 'transfer', { target, comment: 'é'.repeat(220) }, by('anna'));

  expect(tooLong).toMatchObject({ status: 409, body: { code: 'COMMENT_TOO_LONG', max: 220 } });
  expect(without).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
  expect(fits).toMatchObject({ status: 200, body: { state: 'UNASSIGNED', target } });
  expect((await eventsOf(clientId))[0]?.event).toMatchObject({ comment: 'é'.repeat(220) });
});

it('a thread that a client opens is taken, opened, answered, and is reassigned when it is handed on', async () => {
  const { threadId, phone } = await writing(service);
  expect(await service.crm.findThread(threadId)).toMatchObject({ state: 'NEW', openedBy: { kind: 'CLIENT' } });

  const states = [];
  for (const command of ['take', 'open'] as const) {
    states.push((await tellThread(service, threadId, command, {}, by('carla'))).body['state']);
  }
  const answered = await tellThread(
    service,
    threadId,
    'messages',
    { content: { kind: 'TEXT', text: 'Hi' } },
    by('carla'),
  );
  states.push((await service.crm.findThread(threadId)).state);
  const target = { kind: 'EMPLOYEE', id: 'anna' };
  states.push((await tellThread(service, threadId, 'transfer', { target }, by('carla'))).body['state']);

  expect(states).toEqual(['ASSIGNED', 'IN_PROGRESS', 'WAITING', 'REASSIGNED']);
  expect(answered).toMatchObject({ status: 201, body: { verdict: 'ACCEPTED', threadId, agentId: 'carla' } });
  expect(await ledgerOf(service, phone)).toHaveLength(1);
});

it('of twenty agents who take a thread at once one has it, and the others are told whom (E3)', async () => {
  const { threadId } = await writing(service);
  const agents = ['anna', 'boris', 'carla'];

  const said = await Promise.all(
    Array.from({ length: 21 }, (_, index) => tellThread(service, threadId, 'take', {}, by(agents[index % 3] ?? ''))),
  );

  const winners = said.filter(({ status }) => status === 200);
  const { agentId } = await service.crm.findThread(threadId);
  expect(winners).toHaveLength(1);
  const taken = said.filter(({ body }) => body['code'] === 'THREAD_TAKEN');
  expect(taken).toHaveLength(14); // those of the other two agents
  expect(new Set(taken.map(({ body }) => body['agentId']))).toEqual(new Set([agentId]));
  const own = said.filter(({ body }) => body['code'] === 'EVENT_NOT_ACCEPTED');
  expect(own).toHaveLength(6);
});

it('who does not hold the thread may do nothing to it and is told who does, supervisors excepted', async () => {
  const { threadId } = await written(service, { kind: 'ASSIGN_TO_ME' });
  const target = { kind: 'GROUP', id: 'sales' };
  const commands: [Command, object][] = [
    ['open', {}],
    ['messages', { content: { kind: 'TEXT', text: 'x' } }],
    ['transfer', { target }],
    ['close', {}],
    ['block', {}],
  ];

  for (const [command, body] of commands) {
    const said = await tellThread(service, threadId, command, body, by('carla'));
    expect({ command, status: said.status, code: said.body['code'] }).toEqual({
      command,
      status: 409,
      code: 'NOT_HOLDER',
    });
    expect(said.body['holder']).toMatchObject({ threadId, agentId: 'anna', state: 'WAITING' });
  }
  expect(await tellThread(service, threadId, 'close', { agentId: 'anna' }, by('carla'))).toMatchObject({ status: 403 });
  expect(await tellThread(service, threadId, 'transfer', { target }, supervisor)).toMatchObject({ status: 200 });
});

it('a command that the state does not take is told the state and what it takes', async () => {
  const { threadId } = await writing(service);

  expect(await tellThread(service, threadId, 'open', {}, by('anna'))).toMatchObject({
    status: 409,
    body: { code: 'EVENT_NOT_ACCEPTED', state: 'NEW', accepts: ['take', 'transfer', 'close', 'block'] },
  });
  await tellThread(service, threadId, 'close', {}, supervisor);
  const commands: [Command, object][] = [
    ['take', {}],
    ['open', {}],
    ['messages', { content: { kind: 'TEXT', text: ' ' } }],
    ['transfer', { target: { kind: 'GROUP', id: 'nobody' } }],
    ['close', {}],
    ['block', {}],
  ];
  for (const [command, body] of commands) {
    expect(await tellThread(service, threadId, command, body, by('anna'))).toMatchObject({
      status: 409,
      body: { code: 'EVENT_NOT_ACCEPTED', state: 'CLOSED', accepts: [] },
    });
  }
});

it('opening a minimised thread that waits changes nothing but that it is minimised (R15b)', async () => {
  const { threadId } = await written(service, { kind: 'ASSIGN_TO_ME' });
  const before = await service.crm.findThread(threadId);

  await tellThread(service, threadId, 'open', {}, by('anna'));

  expect(before).toMatchObject({ state: 'WAITING', minimised: true });
  expect(await service.crm.findThread(threadId)).toEqual({ ...before, minimised: false });
});

it.each([
  { who: 'its agent', as: by('anna'), body: { reason: 'solved' }, closeReason: 'OPERATOR_CLOSED' },
  { who: 'a supervisor', as: supervisor, body: {}, closeReason: 'SUPERVISOR_CLOSED' },
  { who: 'a backend system', as: undefined, body: {}, closeReason: 'EXTERNAL_CALL_FORCED_CLOSURE' },
  {
    who: 'a backend system in the name of its agent',
    as: undefined,
    body: { agentId: 'anna' },
    closeReason: 'OPERATOR_CLOSED',
  },
])('closed by $who a thread has the reason $closeReason; their words stand in the history', async (by_) => {
  const { threadId, clientId } = await written(service, { kind: 'ASSIGN_TO_ME' });

  const { status, body } = await tellThread(service, threadId, 'close', by_.body, by_.as);

  expect({ status, state: body['state'], closeReason: body['closeReason'] }).toEqual({
    status: 200,
    state: 'CLOSED',
    closeReason: by_.closeReason,
  });
  const reason = 'reason' in by_.body ? { reason: by_.body.reason } : {};
  expect((await eventsOf(clientId))[0]?.event).toEqual({
    code: 'THREAD_CLOSED',
    closeReason: by_.closeReason,
    ...reason,
  });
});

it('a block closes the thread; later messages are kept and open nothing, and the channel is blocked (R37, A4)', async () => {
  const { threadId, clientId, phone } = await written(service, { kind: 'ASSIGN_TO_ME' });

  const { body } = await tellThread(service, threadId, 'block', { reason: 'spam' }, by('anna'));
  await clientWrites(service, phone, 'You cannot do that');
  const { items } = await until(
    () => service.crm.history(clientId),
    (page) => page.items.some(({ direction }) => direction === 'IN'),
  );

  expect(body).toMatchObject({ state: 'CLOSED', closeReason: 'CLIENT_BLOCKED' });
  expect(items.find(({ direction }) => direction === 'IN')?.threadId).toBeUndefined();
  expect((await service.crm.search(phone)).items[0]?.activeThread).toBeNull();
  const reply = await service.crm.send(aTemplateSend(clientId), randomUUID());
  expect(reply).toMatchObject({ outcome: 'refused', refusals: [{ code: 'CHANNEL_BLOCKED', by: 'US' }] });
});

it('a close while the send is under way is taken and carried out once it has settled', async () => {
  const { clientId } = await aPerson(service, '0007'); // 503 twice: the verdict takes seconds
  const sending = make(service, aTemplateSend(clientId, { action: { kind: 'ASSIGN_TO_ME' } }));
  const { items } = await until(
    () => service.crm.threads({ clientId }),
    (page) => page.items.length === 1,
  );
  const threadId = items[0]?.threadId ?? '';

  const said = await tellThread(service, threadId, 'close', {}, by('anna'));

  expect(said).toMatchObject({ status: 200, body: { state: 'OPENING' } });
  expect((await sending).verdict).toBe('ACCEPTED');
  expect(await service.crm.findThread(threadId)).toMatchObject({ state: 'CLOSED', closeReason: 'OPERATOR_CLOSED' });
});

it('a target that vanishes between claim and settlement: the thread goes to its sender, and the history says so (R15c)', async () => {
  await service.operator.putGroup('fleeting', { name: 'Fleeting' });
  const { clientId } = await aPerson(service, '0007');
  const target = { kind: 'GROUP' as const, id: 'fleeting' };
  const sending = make(service, aTemplateSend(clientId, { action: { kind: 'TRANSFER', target } }));
  await until(
    () => service.crm.threads({ clientId }),
    (page) => page.items.length === 1,
  );
  await service.operator.delete('/v1/groups/fleeting');

  const { threadId } = await sending;

  const thread = await untilThread(service, threadId ?? '', ({ state }) => state === 'WAITING');
  expect(thread).toMatchObject({ agentId: 'anna', minimised: true });
  const events = (await eventsOf(clientId)).map(({ event }) => event);
  expect(events).toContainEqual({ code: 'TRANSFER_FAILED', target, reason: 'VANISHED' });
});

it.each([
  ['groups', 'GROUP'],
  ['skills', 'SKILL'],
  ['departments', 'DEPARTMENT'],
] as const)('of %s one with threads is not deleted before they are gone (IN_USE)', async (plural, kind) => {
  const put = { groups: 'putGroup', skills: 'putSkill', departments: 'putDepartment' } as const;
  await service.operator[put[plural]]('busy', { name: 'Busy' });
  const { threadId } = await written(service, { kind: 'TRANSFER', target: { kind, id: 'busy' } });

  await expect(service.operator.delete(`/v1/${plural}/busy`)).rejects.toMatchObject({ problem: { code: 'IN_USE' } });
  await tellThread(service, threadId, 'close', {}, supervisor);
  await expect(service.operator.delete(`/v1/${plural}/busy`)).resolves.toBeUndefined();
});

/** An offset between two who race, not a wait for something. */
const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

it('of deleting an agent and a claim in their name one comes first: no thread without its agent (INV15)', async () => {
  const outcomes = { refused: 0, held: 0 };
  for (let round = 0; round < 20; round += 1) {
    const agentId = `short-${round}`;
    await service.operator.putAgent(agentId, {
      name: 'Short',
      login: agentId,
      status: 'ACTIVE',
      groupIds: [],
      skillIds: [],
    });
    const { clientId } = await aPerson(service);

    const [reply, removal] = await Promise.all([
      service.crm
        .send(aTemplateSend(clientId, { agentId, action: { kind: 'ASSIGN_TO_ME' } }), randomUUID())
        .catch((error: unknown) => error),
      later(Math.random() * 60)
        .then(() => service.operator.delete(`/v1/agents/${agentId}`))
        .then(
          () => 'gone',
          () => 'in use',
        ),
    ]);

    const made = reply instanceof Error ? undefined : (reply as { outcome: string });
    outcomes[made?.outcome === 'made' ? 'held' : 'refused'] += 1;
    expect(removal).toBe(made?.outcome === 'made' ? 'in use' : 'gone');
    const { items } = await service.crm.threads({ clientId, state: 'WAITING' });
    expect(items).toHaveLength(made?.outcome === 'made' ? 1 : 0);
  }
  console.log(outcomes);
  expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(0);
}, 60_000);

it('under one idempotency key a command is carried out once, and its refusal is told again (INV12)', async () => {
  const { threadId } = await writing(service);
  const { token } = await service.as('integrator');
  const take = (key: string, agentId: string) =>
    fetch(`${service.api}/v1/threads/${threadId}/take`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ agentId }),
    });

  const first = await Promise.all(Array.from({ length: 5 }, () => take('take-1', 'anna')));
  const loser = [await take('take-2', 'boris'), await take('take-2', 'boris')];

  expect(first.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(loser.map(({ status }) => status)).toEqual([409, 409]);
  expect(loser.map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true']);
  const { events } = await service.temporal.workflow
    .getHandle(threadWorkflowId((await service.crm.findThread(threadId)).clientId))
    .fetchHistory();
  expect((events ?? []).filter(({ workflowExecutionUpdateAcceptedEventAttributes: one }) => one)).toHaveLength(1);
});

it("an agent's token lists what it has or may take, or the threads of one client; a supervisor's all (INV23)", async () => {
  const own = await written(service, { kind: 'TRANSFER', target: { kind: 'EMPLOYEE', id: 'carla' } });
  const ofGroup = await written(service, { kind: 'TRANSFER', target: { kind: 'GROUP', id: 'sales' } });
  const ofSkill = await written(service, { kind: 'TRANSFER', target: { kind: 'SKILL', id: 'french' } });
  const isNew = await writing(service);
  const others = await written(service, { kind: 'ASSIGN_TO_ME' });
  const { chatCenter: carla } = await service.as('agent', 'carla');
  const { chatCenter: boris } = await service.as('agent', 'boris');
  const { chatCenter: chief } = await service.as('supervisor', 'boris');
  const mine = [own, ofGroup, ofSkill, isNew, others].map(({ threadId }) => threadId);
  const seenBy = async (chatCenter: typeof carla, filter = {}) => {
    const { items } = await chatCenter.threads(filter);
    return mine.map((threadId) => items.some((thread) => thread.threadId === threadId));
  };

  expect(await seenBy(carla)).toEqual([true, true, true, true, false]);
  expect(await seenBy(boris)).toEqual([false, false, false, true, false]);
  expect(await seenBy(chief)).toEqual([true, true, true, true, true]);
  expect(await seenBy(boris, { clientId: others.clientId })).toEqual([false, false, false, false, true]);
});

it('an integrator who closes a thread cuts no message off that its send has settled already (INV5)', async () => {
  const { clientId, phone } = await aPerson(service);
  const file = await service.crm.upload('offer.txt', new Uint8Array(Buffer.from('offer')));
  await tell(service.simulator, 'PUT', '/_faults', { latencyMs: 400 });
  const { sendId, threadId } = await make(service, {
    ...aTemplateSend(clientId, { channelId: 'viber-main', attachmentIds: [file.attachmentId] }),
    content: { kind: 'TEXT', text: 'Our offer' },
    action: { kind: 'ASSIGN_TO_ME' },
  });

  const closed = await tellThread(service, threadId ?? '', 'close');
  await ended(service, sendId);
  await tell(service.simulator, 'DELETE', '/_faults');

  expect(closed.body['closeReason']).toBe('EXTERNAL_CALL_FORCED_CLOSURE');
  expect(await ledgerOf(service, phone)).toHaveLength(2);
});

it('a block that is wished while the send is under way blocks nobody before it has settled', async () => {
  const { clientId, phone } = await aPerson(service, '0007'); // 503 twice: the verdict takes seconds
  const sending = make(service, aTemplateSend(clientId, { action: { kind: 'ASSIGN_TO_ME' } }));
  const { items } = await until(
    () => service.crm.threads({ clientId }),
    (page) => page.items.length === 1,
  );
  const threadId = items[0]?.threadId ?? '';
  await tellThread(service, threadId, 'block', {}, by('anna'));

  await clientWrites(service, phone, 'Wait');
  await clientWrites(service, phone, 'Please');
  const { verdict } = await sending;

  expect(verdict).toBe('ACCEPTED');
  const thread = await untilThread(service, threadId, ({ state }) => state === 'CLOSED');
  expect(thread.closeReason).toBe('CLIENT_BLOCKED');
  const { items: entries } = await service.crm.history(clientId);
  expect(entries.filter(({ direction }) => direction === 'IN').map(({ threadId: of }) => of)).toEqual([
    threadId,
    threadId,
  ]);
});

it.each([
  { what: 'as a whole', blocked: true, onChannel: false },
  { what: 'on the channel of the thread', blocked: false, onChannel: true },
])('a client who is blocked $what loses the active thread (R37)', async ({ blocked, onChannel }) => {
  const { threadId, clientId, phone } = await written(service, { kind: 'ASSIGN_TO_ME' });
  const client = { name: 'Mila', phone, blocked, identities: [] };
  const here = { channelId: 'wa-main', address: phone, blocked: onChannel, origin: 'AGENT' as const };
  const elsewhere = { channelId: 'viber-main', address: phone, blocked: true, origin: 'AGENT' as const };

  await service.operator.putClient(clientId, { ...client, blocked: false, identities: [elsewhere] });
  const before = await service.crm.findThread(threadId);
  await service.operator.putClient(clientId, { ...client, identities: [here] });

  expect(before.state).toBe('WAITING');
  const thread = await untilThread(service, threadId, ({ state }) => state === 'CLOSED');
  expect(thread.closeReason).toBe('CLIENT_BLOCKED');
});

it("the sender's answer is seen in the thread at once, also when the client wrote meanwhile", async () => {
  const seen: string[] = [];
  for (let round = 0; round < 10; round += 1) {
    const { clientId, phone } = await aPerson(service);
    await tell(service.simulator, 'PUT', '/_faults', { latencyMs: 150 });
    const sending = make(service, aTemplateSend(clientId, { action: { kind: 'ASSIGN_TO_ME' } }));
    await until(
      () => service.crm.threads({ clientId }),
      (page) => page.items.length === 1,
    );
    await clientWrites(service, phone, 'Hm');
    const { threadId } = await sending;
    seen.push((await service.crm.findThread(threadId ?? '')).state);
  }
  await tell(service.simulator, 'DELETE', '/_faults');

  expect(seen).not.toContain('OPENING');
});
