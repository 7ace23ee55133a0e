// Races for one client's thread, each of them hundreds of times, judged from outside the code under test. Most of a race
// is luck; the ways that luck hardly takes are steered in a share of the rounds. How often each way was taken is printed,
// and a run that has hardly taken one is red.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createThreadCalls } from '../../activities/thread-calls.js';
import { Settings } from '../../domain/contracts/settings.js';
import { createThreadStore } from '../../store/thread.js';
import { type Chat, openChat, type RaceClient } from '../rig/races/acts.js';
import type { Case } from '../rig/races/case.js';
import { gather } from '../rig/races/gather.js';
import { keepJournal } from '../rig/races/journal.js';
import { createLog } from '../rig/races/log.js';
import { createGate, createTally, inRounds, judge, later, ROUNDS } from '../rig/races/rounds.js';
import { createSteps } from '../rig/races/steps.js';
import { answerTo, isHeardBeforeVerdict, placeOfLast, refuserOf, settlementsIn, toldTo } from '../rig/races/ways.js';
import { type Service, startService } from '../rig/service.js';
import { until } from '../rig/until.js';

const TIMEOUT = 240_000; // ms

const steps = createSteps();
const log = createLog();
let service: Service;
let chat: Chat;
beforeAll(async () => {
  service = await startService({ adapt: steps.adapt, replays: 400 });
  steps.useDatabase(service.database);
  await keepJournal(service.database);
  chat = await openChat(service, log);
}, TIMEOUT);
afterAll(() => service.stop(), TIMEOUT);

interface Round {
  client: RaceClient;
  index: number;
  /** A number from 0 to 1. */
  random: () => number;
}

interface Race {
  /** The ways that a round can take, and how often each must be taken in 200 rounds. */
  ways: Record<string, number>;
  round: (round: Round) => Promise<unknown>;
  /** By what was seen of its client alone. */
  wayOf: (seen: Case) => string;
  atOnce?: number;
  /** Of every client's phone, which scripts the provider. */
  ending?: string;
}

const race = (title: string, race_: Race): void => it(title, () => run(title, race_), TIMEOUT);

async function run(title: string, { ways, round, wayOf, atOnce = 8, ending }: Race): Promise<void> {
  const since = Date.now();
  const clients = new Set<string>();
  await inRounds(ROUNDS, atOnce, async (index, random) => {
    const client = await chat.newClient(ending);
    clients.add(client.clientId);
    await round({ client, index, random });
  });
  await log.untilAnswered();
  const took = Date.now() - since;

  const { complaints, cases } = judge(log, clients, await gather(service, clients, since));
  expect(complaints).toEqual([]);

  const tally = createTally(Object.keys(ways));
  for (const seen of cases) tally.count(wayOf(seen));
  console.log(`${title}: ${ROUNDS} rounds in ${took} ms`, tally.table());
  const rare = Object.entries(ways).filter(([way, floor]) => tally.of(way) < (floor * ROUNDS) / 200);
  expect(rare).toEqual([]);
}

const untilAsked = ({ clientId }: RaceClient, count: number) =>
  until(
    () => service.database.selectFrom('sends').select('send_id').where('client_id', '=', clientId).execute(),
    ({ length }) => length === count,
  );
const untilEnded = ({ clientId }: RaceClient) =>
  until(
    () => service.temporal.workflow.getHandle(`thread:${clientId}`).describe(),
    ({ status }) => status.name !== 'RUNNING',
  );
const untilClosed = (threadId: string) =>
  until(
    () => service.crm.findThread(threadId),
    ({ state }) => state === 'CLOSED',
  );

/** What has been done is not reported, so that it is done again. */
const beAway = (): never => {
  throw new Error('the worker is away for an instant');
};

race('two agents send (INV1, INV2, INV6)', {
  ending: '0004', // rejects what comes by messenger, at once
  ways: {
    'the loser is refused by the look': 15,
    'the loser is refused by the claim': 15,
    'the later one waits for the close and wins': 10,
    'one after the other': 10,
    'a settlement is told again, to the next thread': 10,
  },
  wayOf: (seen) => {
    const { operations, runs } = seen;
    if (operations.some(({ answer }) => answer?.outcome === 'refused'))
      return `the loser is refused by ${refuserOf(seen)}`;
    if (settlementsIn(runs[1]).length > 1) return 'a settlement is told again, to the next thread';
    const isMet = operations.every(({ startedAt }) => startedAt < (runs[0]?.closedAt ?? 0));
    return isMet ? 'the later one waits for the close and wins' : 'one after the other';
  },
  round: async ({ client, index, random }) => {
    const action = random() < 0.5 ? 'CLOSE' : 'ASSIGN_TO_ME';
    const { acts } = chat;
    const { clientId } = client;
    let boris: Promise<unknown> | undefined;
    const borisAsks = async () => {
      boris = acts.send(client, 'boris', action);
      await untilAsked(client, 2);
    };
    switch (index % 8) {
      case 0:
        steps.plan(clientId, 'before', 'claimThread', borisAsks);
        await acts.send(client, 'anna', action);
        return boris;
      case 1:
        steps.plan(clientId, 'after', 'claimThread', () => acts.send(client, 'boris', action));
        return acts.send(client, 'anna', action);
      case 2:
        steps.plan(clientId, 'after', 'projectThread CLOSED', borisAsks);
        await acts.send(client, 'anna', 'CLOSE');
        return boris;
      case 3:
        return settledAgain(client);
      case 4:
        await acts.send(client, 'anna', 'CLOSE');
        await untilEnded(client);
        return acts.send(client, 'boris', action);
      default:
        return Promise.all([
          later(random() * 60, () => acts.send(client, 'anna', action)),
          later(random() * 300, () => acts.send(client, 'boris', action)),
        ]);
    }
  },
});

/** Anna's send has closed its thread and Boris' is under way when the worker says once more that Anna's has settled. */
async function settledAgain(client: RaceClient): Promise<void> {
  const { clientId } = client;
  const { acts } = chat;
  let boris: Promise<unknown> | undefined;
  const [isUnderWay, isToldAgain] = [createGate(), createGate()];
  steps.plan(clientId, 'after', 'settleSend', async () => {
    await untilClosed(await chat.threadOf(client));
    steps.plan(clientId, 'before', 'dispatchPart', () => {
      isUnderWay.open();
      return isToldAgain.opened;
    });
    boris = acts.send(client, 'boris', 'ASSIGN_TO_ME', 'whatsapp');
    await isUnderWay.opened;
    steps.plan(clientId, 'after', 'settleSend', isToldAgain.open);
    beAway();
  });
  await acts.send(client, 'anna', 'CLOSE');
  await boris;
}

race('an agent sends and the client writes (INV10, W07, W19)', {
  ways: {
    'the client is first, and the send is refused by the look': 12,
    'the client is first, and the send is refused by the claim': 12,
    'the client writes while the send is under way': 15,
    'the client writes after it has settled': 12,
    'the claim is made again after the client has written': 10,
    'a reply is settled again after the client has written': 10,
  },
  wayOf: (seen) => {
    const { operations, runs } = seen;
    if (toldTo(seen, 'send') === 'THREAD_ACTIVE')
      return `the client is first, and the send is refused by ${refuserOf(seen)}`;
    if (settlementsIn(runs[0]).length > 2) return 'a reply is settled again after the client has written';
    if (operations.some(({ clientId }) => claimedAgain.has(clientId)))
      return 'the claim is made again after the client has written';
    return isHeardBeforeVerdict(seen)
      ? 'the client writes while the send is under way'
      : 'the client writes after it has settled';
  },
  round: async ({ client, index, random }) => {
    const { acts } = chat;
    const { clientId } = client;
    const send = () => acts.send(client, 'anna', 'ASSIGN_TO_ME');
    const writeTwice = async () => {
      await acts.write(client);
      await acts.write(client);
    };
    switch (index % 8) {
      case 0:
        steps.plan(clientId, 'after', 'claimThread', () => acts.writeAndArrive(client));
        await send();
        return acts.write(client);
      case 1:
        steps.plan(clientId, 'before', 'claimThread', () => acts.writeAndArrive(client));
        await send();
        return acts.write(client);
      case 2:
        steps.plan(clientId, 'after', 'claimThread', async () => {
          await acts.writeAndArrive(client);
          claimedAgain.add(clientId);
          beAway();
        });
        return send();
      case 3:
        await send();
        steps.plan(clientId, 'after', 'settleSend', async () => {
          await acts.writeAndArrive(client);
          beAway();
        });
        return acts.reply(client, 'anna', await chat.threadOf(client));
      case 4:
        await acts.writeAndArrive(client);
        await chat.threadOf(client);
        return Promise.all([send(), acts.write(client)]);
      case 5:
        await send();
        return writeTwice();
      default:
        return Promise.all([later(random() * 60, send), later(random() * 120, writeTwice)]);
    }
  },
});
const claimedAgain = new Set<string>();

race('an agent sends and another one takes the thread (E3)', {
  ways: {
    'the send is told by the look that nobody has it': 12,
    'the send is told by the look that the other has it': 12,
    'the send is told by the claim that the other has it': 12,
    'the take comes while the send is under way': 12,
    'the take comes once the thread is handed over': 12,
  },
  wayOf: (seen) => {
    const answer = answerTo(seen, 'send');
    const [refusal] = answer?.outcome === 'refused' ? answer.refusals : [];
    if (refusal?.code === 'THREAD_ACTIVE') {
      const who = refusal.holder.agentId === undefined ? 'nobody' : 'the other';
      return `the send is told by ${refuserOf(seen)} that ${who} has it`;
    }
    return toldTo(seen, 'take') === 'done'
      ? 'the take comes once the thread is handed over'
      : 'the take comes while the send is under way';
  },
  round: async ({ client, index, random }) => {
    const { acts } = chat;
    const { clientId } = client;
    const take = async () => acts.command(client, 'boris', 'take', await chat.threadOf(client));
    const send = () => acts.send(client, 'anna', index % 2 === 0 ? 'ASSIGN_TO_ME' : 'TRANSFER');
    let taking: Promise<unknown> | undefined;
    switch (index % 8) {
      case 0:
        steps.plan(clientId, 'after', 'projectThread ASSIGNED', send);
        await acts.writeAndArrive(client);
        return take();
      case 1:
        steps.plan(clientId, 'after', 'claimThread', take);
        return send();
      case 2:
        steps.plan(clientId, 'before', 'claimThread', async () => {
          await acts.writeAndArrive(client);
          await take();
        });
        return send();
      case 3:
        steps.plan(clientId, 'after', 'projectThread UNASSIGNED', () => void (taking = take()));
        await send();
        return taking;
      case 4:
      case 6:
        await acts.writeAndArrive(client);
        await chat.threadOf(client);
        return Promise.all([later(random() * 60, send), later(random() * 20, take)]);
      default:
        return Promise.all([send(), later(random() * 150, take)]);
    }
  },
});

race("a close and the client's message (INV10, W22, F54, F55)", {
  ways: {
    'a command closes before the message': 12,
    'a command closes and meets the message': 12,
    'a command closes after the message': 12,
    'a send closes before the message': 12,
    'a send closes and meets the message': 12,
    'a send closes after the message': 12,
  },
  wayOf: (seen) => {
    const closer = seen.operations.some(({ kind }) => kind === 'send') ? 'a send' : 'a command';
    const ways = { before: 'after', met: 'and meets', after: 'before' };
    return `${closer} closes ${ways[placeOfLast(seen)]} the message`;
  },
  round: async ({ client, index, random }) => {
    const { acts } = chat;
    const { clientId } = client;
    const byCommand = index % 2 === 0;
    if (byCommand) await acts.writeAndArrive(client);
    const threadId = byCommand ? await chat.threadOf(client) : '';
    const write = () => acts.write(client);
    const close = () =>
      byCommand ? acts.command(client, 'vera', 'close', threadId) : acts.send(client, 'anna', 'CLOSE');
    let writing: Promise<unknown> | undefined;
    switch (Math.floor(index / 2) % 4) {
      case 0:
        steps.plan(clientId, 'before', 'projectThread CLOSED', () => acts.writeAndArrive(client));
        return close();
      case 1:
        await close();
        await untilEnded(client);
        return write();
      case 2:
        if (byCommand) await acts.writeAndArrive(client);
        else steps.plan(clientId, 'after', 'claimThread', () => acts.writeAndArrive(client));
        return close();
      default:
        if (byCommand) return Promise.all([later(random() * 50, close), later(random() * 50, write)]);
        steps.plan(clientId, 'after', 'claimThread', () => void (writing = later(random() * 80, write)));
        await close();
        return writing;
    }
  },
});

race('a transfer and a close (INV2, E3)', {
  ways: {
    'transferred, then closed': 15,
    'transferred, and the close is refused': 15,
    'closed, and the transfer is refused': 15,
  },
  wayOf: (seen) => {
    const [transferred, closed] = [toldTo(seen, 'transfer'), toldTo(seen, 'close')];
    if (transferred !== 'done') return 'closed, and the transfer is refused';
    return closed === 'done' ? 'transferred, then closed' : 'transferred, and the close is refused';
  },
  round: async ({ client, index, random }) => {
    const { acts } = chat;
    const { clientId } = client;
    const isOwn = index % 2 === 1;
    await (isOwn ? acts.send(client, 'anna', 'ASSIGN_TO_ME') : acts.writeAndArrive(client));
    const threadId = await chat.threadOf(client);
    const who = isOwn ? 'anna' : 'vera';
    const target = isOwn ? ({ kind: 'EMPLOYEE', id: 'boris' } as const) : ({ kind: 'GROUP', id: 'sales' } as const);
    const transfer = () => acts.command(client, who, 'transfer', threadId, target);
    const close = () => acts.command(client, who, 'close', threadId);
    switch (index % 8) {
      case 0:
      case 1:
        steps.plan(clientId, 'before', 'projectThread CLOSED', transfer);
        return close();
      case 2:
        steps.plan(clientId, 'before', 'projectThread UNASSIGNED', close);
        return transfer();
      case 3:
        steps.plan(clientId, 'before', 'projectThread ASSIGNED', close);
        return transfer();
      default:
        return Promise.all([later(random() * 20, transfer), later(random() * 20, close)]);
    }
  },
});

race("a rejected send and the client's message (INV15, A31)", {
  ending: '0004',
  ways: {
    'the client is first, and the send is refused': 12,
    'the client writes while the send is under way': 15,
    'the client writes while the thread is released': 12,
    'the client writes after the release': 12,
  },
  wayOf: (seen) => {
    if (toldTo(seen, 'send') === 'THREAD_ACTIVE') return 'the client is first, and the send is refused';
    const ways = {
      before: 'while the send is under way',
      met: 'while the thread is released',
      after: 'after the release',
    };
    return `the client writes ${ways[placeOfLast(seen)]}`;
  },
  round: async ({ client, index, random }) => {
    const { acts } = chat;
    const { clientId } = client;
    const send = () => acts.send(client, 'anna', 'ASSIGN_TO_ME', 'whatsapp');
    const write = () => acts.write(client);
    let writing: Promise<unknown> | undefined;
    switch (index % 8) {
      case 0:
        steps.plan(clientId, 'after', 'claimThread', () => acts.write(client, 'whatsapp'));
        return send();
      case 1:
        steps.plan(clientId, 'before', 'projectThread CLOSED', () => acts.writeAndArrive(client));
        return send();
      case 2:
        steps.plan(clientId, 'before', 'claimThread', () => acts.writeAndArrive(client));
        return send();
      case 3:
        await send();
        await untilEnded(client);
        return write();
      default:
        steps.plan(clientId, 'after', 'claimThread', () => void (writing = later(random() * 100, write)));
        await send();
        return writing;
    }
  },
});

it("the time-outs of the next race's threads are short", () =>
  service.operator.putSettings({ outgoingWaitingTimeoutSeconds: 1 }));

race("a time-out and the client's message (INV10)", {
  atOnce: 24, // most of a round is waiting
  ways: {
    'the client writes before the time-out': 15,
    'the client writes while it is written down': 15,
    'the client writes after the time-out': 12,
  },
  wayOf: (seen) => {
    const ways = { before: 'before the time-out', met: 'while it is written down', after: 'after the time-out' };
    return `the client writes ${ways[placeOfLast(seen)]}`;
  },
  round: async ({ client, index, random }) => {
    const { acts } = chat;
    const { clientId } = client;
    const hasMet = createGate();
    if (index % 8 < 2)
      steps.plan(clientId, 'before', 'projectThread CLOSED', () => acts.writeAndArrive(client).then(hasMet.open));
    await acts.send(client, 'anna', 'ASSIGN_TO_ME');
    switch (index % 8) {
      case 0:
      case 1:
        return hasMet.opened;
      case 2:
        await untilEnded(client);
        return acts.write(client);
      case 3:
        return acts.write(client);
      default:
        return later(850 + random() * 250, () => acts.write(client));
    }
  },
});

it('the time-outs are long again', () => service.operator.putSettings({}));

race('a block and a send (R37, INV14)', {
  ways: {
    'the send is refused by the thread': 12,
    'the send is refused by the block': 12,
    'the send is claimed, and withheld by the block': 0,
    'the block waits for the send': 12,
    'the block comes once the send has settled': 12,
  },
  wayOf: (seen) => {
    const told = toldTo(seen, 'send', 'boris');
    if (told === 'THREAD_ACTIVE') return 'the send is refused by the thread';
    if (told === 'CHANNEL_BLOCKED') return 'the send is refused by the block';
    if (told === 'made') return 'the send is claimed, and withheld by the block';
    const heard = seen.runs[0]?.heard.map(({ what }) => what) ?? [];
    return heard.indexOf('command') < heard.indexOf('settlement')
      ? 'the block waits for the send'
      : 'the block comes once the send has settled';
  },
  round: async ({ client, index, random }) => {
    const { acts } = chat;
    const { clientId } = client;
    const block = async () => acts.command(client, 'vera', 'block', await chat.threadOf(client));
    const anna = () => acts.send(client, 'anna', 'ASSIGN_TO_ME');
    const boris = () => acts.send(client, 'boris', 'ASSIGN_TO_ME');
    let blocking: Promise<unknown> | undefined;
    switch (index % 8) {
      case 0:
        steps.plan(clientId, 'after', 'claimThread', block);
        return anna();
      case 1:
        steps.plan(clientId, 'after', 'settleSend', block);
        return anna();
      case 2:
        steps.plan(clientId, 'after', 'claimThread', () => void (blocking = later(random() * 60, block)));
        await anna();
        return blocking;
      case 3:
      case 4:
        await anna();
        steps.plan(clientId, index % 8 === 3 ? 'before' : 'after', 'projectThread CLOSED', boris);
        return block();
      default:
        await anna();
        return Promise.all([later(random() * 40, block), later(random() * 80, boris)]);
    }
  },
});

it(
  'of 1,000 claims at once for one client one wins, and 999 are told whose thread it is (INV1, INV2)',
  async () => {
    const { clientId } = await chat.newClient();
    const { claim } = createThreadCalls(service.temporal.workflow, createThreadStore(service.database));
    const opening = () => ({
      threadId: randomUUID(),
      clientId,
      channelId: 'web-race',
      channelType: 'WEB_CHAT' as const,
      openedBy: { kind: 'SEND' as const, id: randomUUID(), agentId: 'anna', action: 'CLOSE' as const },
      settings: Settings.parse({}),
    });

    const answers = await Promise.all(Array.from({ length: 1_000 }, () => claim(opening())));

    const winners = answers.flatMap((answer) => (answer.outcome === 'won' ? [answer.claim.threadId] : []));
    const holders = answers.flatMap((answer) => (answer.outcome === 'held' ? [answer.holder.threadId] : []));
    expect(winners).toHaveLength(1);
    expect(holders).toEqual(Array.from({ length: 999 }, () => winners[0]));
    await service.temporal.workflow.getHandle(`thread:${clientId}`).terminate('the test is over');
  },
  TIMEOUT,
);
