// The judge of the races: each of its rules is shown what it is there to find, in a log that is made by hand.
import { expect, it } from 'vitest';
import type { Refusal } from '../../domain/contracts/refusal.js';
import { caseOf, complaintsIn } from '../rig/races/check.js';
import type { Change, Evidence, MessageRow, Run, SendRow, ThreadRow } from '../rig/races/evidence.js';
import type { Operation } from '../rig/races/log.js';

interface Record {
  operations: Operation[];
  seen: Evidence;
}

const asked = { clientId: 'mila', channelId: 'wa-main', startedAt: 100, endedAt: 200 };
const own = { clientId: 'mila', channelId: 'wa-main' };

const holder = {
  threadId: 't-1',
  channelId: 'wa-main',
  agentId: 'anna',
  state: 'OPENING' as const,
  since: new Date(100).toISOString(),
  opener: 'AGENT' as const,
};
const refusedBy = (...refusals: Refusal[]) => ({ outcome: 'refused' as const, refusals });

const aThread = (changes: Partial<ThreadRow> = {}): ThreadRow => ({
  ...own,
  threadId: 't-1',
  runId: 'r-1',
  state: 'WAITING',
  openerKind: 'SEND',
  openerId: 's-1',
  position: 1,
  openedAt: 120,
  ...changes,
});
const aRun = (changes: Partial<Run> = {}): Run => ({
  clientId: 'mila',
  runId: 'r-1',
  threadId: 't-1',
  status: 'RUNNING',
  startedAt: 110,
  brought: [],
  heard: [{ what: 'settlement', sendId: 's-1', verdict: 'ACCEPTED' }],
  shown: [],
  ...changes,
});
const aSend = (changes: Partial<SendRow> = {}): SendRow => ({
  ...own,
  sendId: 's-1',
  agentId: 'anna',
  state: 'delivered',
  verdict: 'ACCEPTED',
  threadId: 't-1',
  isReply: false,
  run: 'COMPLETED',
  ...changes,
});
const written = (changes: Partial<MessageRow> = {}): MessageRow => ({
  ...own,
  entryId: 'e-1',
  position: 1,
  direction: 'OUT',
  threadId: 't-1',
  sendId: 's-1',
  ...changes,
});
const changed = (seq: number, changes: Partial<Extract<Change, { what: 'thread' }>>) => ({
  clientId: 'mila',
  what: 'thread' as const,
  seq,
  at: 100 + 10 * seq,
  threadId: 't-1',
  state: 'OPENING' as const,
  agentId: 'anna',
  ...changes,
});
const given = (seq: number, entryId: string, threadId: string): Change => ({
  clientId: 'mila',
  what: 'attached',
  seq,
  at: 100 + 10 * seq,
  threadId,
  entryId,
});

/** Anna's send wins the client's thread, Boris' is told so, and nothing else happens. */
const anna = (): Record => ({
  operations: [
    {
      ...asked,
      kind: 'send',
      who: 'anna',
      action: 'ASSIGN_TO_ME',
      answer: { outcome: 'made', sendId: 's-1', threadId: 't-1', verdict: 'ACCEPTED' },
    },
    {
      ...asked,
      kind: 'send',
      who: 'boris',
      action: 'ASSIGN_TO_ME',
      answer: refusedBy({ code: 'THREAD_ACTIVE', holder }),
    },
  ],
  seen: {
    threads: [aThread()],
    changes: [changed(1, {}), changed(2, { state: 'WAITING' })],
    runs: [aRun()],
    sends: [aSend(), { ...own, sendId: 's-2', agentId: 'boris', state: 'refused', isReply: false }],
    messages: [written()],
    dispatches: [{ clientId: 'mila', sendId: 's-1', part: 0, reference: 'k-1', outcome: 'accepted', isOnWire: true }],
    ledger: [{ clientId: 'mila', key: 'k-1' }],
    blocked: [],
  },
});

/** The client then writes twice: into Anna's thread, and, once a supervisor has closed it, into the next one. */
function mila(): Record {
  const { operations, seen } = anna();
  return {
    operations: [
      ...operations,
      {
        ...asked,
        kind: 'message',
        who: 'client',
        text: 'one',
        startedAt: 300,
        endedAt: 310,
        answer: { outcome: 'taken' },
      },
      {
        ...asked,
        kind: 'close',
        who: 'vera',
        threadId: 't-1',
        startedAt: 350,
        endedAt: 420,
        answer: { outcome: 'done' },
      },
      {
        ...asked,
        kind: 'message',
        who: 'client',
        text: 'two',
        startedAt: 500,
        endedAt: 510,
        answer: { outcome: 'taken' },
      },
      {
        ...asked,
        kind: 'take',
        who: 'boris',
        threadId: 't-2',
        startedAt: 600,
        endedAt: 620,
        answer: { outcome: 'done' },
      },
    ],
    seen: {
      ...seen,
      threads: [
        aThread({ state: 'CLOSED', closedAt: 400, closeReason: 'SUPERVISOR_CLOSED' }),
        aThread({
          threadId: 't-2',
          runId: 'r-2',
          state: 'ASSIGNED',
          openerKind: 'CLIENT',
          openerId: 'e-3',
          position: 2,
          openedAt: 520,
        }),
      ],
      changes: [
        ...seen.changes,
        changed(21, { state: 'ANSWER_NEEDED' }),
        given(22, 'e-2', 't-1'),
        changed(30, { state: 'CLOSED' }),
        { ...changed(42, { threadId: 't-2', state: 'NEW' }), agentId: 'nobody' },
        given(43, 'e-3', 't-2'),
        changed(51, { threadId: 't-2', state: 'ASSIGNED', agentId: 'boris' }),
      ],
      runs: [
        aRun({
          status: 'COMPLETED',
          closedAt: 410,
          heard: [
            { what: 'settlement', sendId: 's-1', verdict: 'ACCEPTED' },
            { what: 'message', entryId: 'e-2' },
          ],
        }),
        aRun({ runId: 'r-2', threadId: 't-2', startedAt: 515, heard: [{ what: 'message', entryId: 'e-3' }] }),
      ],
      messages: [
        ...seen.messages,
        inbound({ entryId: 'e-2', position: 2, text: 'one', acknowledged: 1 }),
        inbound({ entryId: 'e-3', position: 3, text: 'two', acknowledged: 2, threadId: 't-2' }),
      ],
    },
  };
}

function inbound(changes: Partial<MessageRow>): MessageRow {
  const { sendId: _, ...message } = written({ direction: 'IN', ...changes });
  return message;
}

it.each([
  ['one of two sends wins', anna],
  ['a client writes before and after a close', mila],
])('nothing is said when %s as it should', (_, record) => {
  const { operations, seen } = record();

  expect(complaintsIn(caseOf(operations, seen, 'mila'))).toEqual([]);
});

/** How the record is spoilt, and what the checker must say. */
const spoilt: [string, () => Record, (record: Record) => void, RegExp][] = [
  ['an operation without an end', anna, ({ operations }) => delete operations[1]?.answer, /send of boris has no end/],
  [
    'an operation that ends in a fault',
    anna,
    ({ operations }) => (operations[1]!.answer = { outcome: 'fault', status: 500, words: 'oops' }),
    /ended in 500 oops/,
  ],
  ['a send that goes on for ever', anna, ({ seen }) => (seen.sends[0]!.state = 'dispatching'), /still dispatching/],
  ['a run that has failed', anna, ({ seen }) => (seen.sends[0]!.run = 'FAILED'), /run of send s-1 is FAILED/],

  [
    'two rows that are open at once',
    mila,
    ({ seen }) => (seen.threads[0]!.closedAt = 530),
    /threads t-1 and t-2 overlap/,
  ],
  ['two runs at once', mila, ({ seen }) => (seen.runs[0]!.closedAt = 600), /runs r-1 and r-2 overlap/],
  [
    'a row that is opened before the other is closed',
    mila,
    ({ seen }) => (seen.changes.find(({ seq }) => seq === 30)!.seq = 44),
    /t-2 was opened while t-1 was open/,
  ],
  [
    'a row that is opened again',
    mila,
    ({ seen }) => seen.changes.push(changed(31, { state: 'WAITING' }), changed(32, { state: 'CLOSED' })),
    /t-1 was opened again after its close/,
  ],
  ['two threads in one run', mila, ({ seen }) => (seen.threads[1]!.runId = 'r-1'), /t-1 and t-2 are one run/],
  ['a thread without a run', anna, ({ seen }) => seen.runs.pop(), /t-1 has no run/],
  [
    'a run without a thread',
    anna,
    ({ seen }) => seen.runs.push(aRun({ runId: 'r-9', threadId: 't-9' })),
    /r-9 has no thread/,
  ],
  [
    'a row that is closed while its run goes on',
    mila,
    ({ seen }) => (seen.runs[0]!.status = 'RUNNING'),
    /CLOSED while its run/,
  ],
  [
    'a row that is open after its run',
    anna,
    ({ seen }) => (seen.runs[0]!.status = 'COMPLETED'),
    /WAITING while its run/,
  ],
  [
    'a run that was ended from outside',
    mila,
    ({ seen }) => (seen.runs[0]!.status = 'TERMINATED'),
    /r-1 was TERMINATED/,
  ],

  [
    'a thread whose send is in another one',
    mila,
    ({ seen }) => (seen.sends[0]!.threadId = 't-2'),
    /t-1 was opened by send s-1, which is not in it/,
  ],
  [
    'a thread whose message is in another one',
    mila,
    ({ seen }) => (seen.threads[1]!.openerId = 'e-2'),
    /opened by a message that is not in it/,
  ],
  [
    "a thread on another channel than its message's",
    mila,
    ({ seen }) => (seen.threads[1]!.channelId = 'web'),
    /on web was opened by a message on wa-main/,
  ],
  [
    'an action that is not what the thread became',
    anna,
    ({ operations }) => (operations[0]!.action = 'TRANSFER'),
    /became WAITING instead of UNASSIGNED or ASSIGNED/,
  ],
  ['a thread that opens for ever', anna, ({ seen }) => seen.changes.pop(), /has never left OPENING/],
  [
    'an action that is applied twice',
    anna,
    ({ seen }) => seen.changes.push(changed(3, {}), changed(4, { state: 'WAITING' })),
    /t-1 was OPENING again/,
  ],
  [
    'a rejected claim that is put into a queue',
    anna,
    rejected(({ seen }) => seen.changes.push(changed(2, { state: 'WAITING' }))),
    /rejected thread t-1 was WAITING/,
  ],
  [
    'a rejected claim that is closed over a message',
    anna,
    rejected(({ seen }) => seen.messages.push(inbound({ entryId: 'e-2', position: 2 }))),
    /closed over a message of the client/,
  ],
  [
    'a thread that is closed for a rejection that never was',
    mila,
    ({ seen }) => (seen.threads[0]!.closeReason = 'SEND_REJECTED'),
    /SEND_REJECTED, its send ACCEPTED/,
  ],

  ['a message that is lost', mila, ({ seen }) => seen.messages.pop(), /"two" is 0 messages/],
  [
    'a message that is there twice',
    mila,
    ({ seen }) =>
      seen.messages.push(inbound({ entryId: 'e-4', position: 4, text: 'two', acknowledged: 2, threadId: 't-2' })),
    /"two" is 2 messages/,
  ],
  ['a message in no thread', mila, ({ seen }) => delete seen.messages[2]?.threadId, /"two" is in no thread/],
  [
    'a message in two threads',
    mila,
    ({ seen }) => seen.changes.push(given(45, 'e-2', 't-2')),
    /was given to t-1 and t-2/,
  ],
  [
    'a message that its thread never heard of',
    mila,
    ({ seen }) => (seen.runs[1]!.heard = []),
    /"two" is in t-2, which never heard of it/,
  ],
  [
    'a message that a thread is given after its end',
    mila,
    ({ seen }) => (seen.runs[0]!.closedAt = 200),
    /"one" was given to t-1 after its end/,
  ],
  [
    'messages in another order than they were acknowledged in',
    mila,
    ({ seen }) => (seen.messages[1]!.position = 4),
    /"two" stands before an earlier one/,
  ],
  [
    'messages whose threads go back',
    mila,
    ({ seen }) => {
      seen.messages[1]!.acknowledged = 3;
      seen.messages[1]!.position = 4;
    },
    /"one" is in an earlier thread/,
  ],
  [
    'an acknowledgement that overtakes an earlier one',
    mila,
    ({ seen }) => (seen.messages[2]!.acknowledged = 0),
    /"two" was acknowledged before one that was written earlier/,
  ],
  [
    'a client who waits in a thread that waits for them',
    anna,
    ({ seen }) => seen.messages.push(inbound({ entryId: 'e-2', position: 2 })),
    /WAITING, but the client has the last word/,
  ],

  ['a send that does not exist', anna, ({ seen }) => seen.sends.shift(), /send s-1\) does not exist/],
  [
    'a send that is told another thread',
    mila,
    ({ seen }) => (seen.sends[0]!.threadId = 't-2'),
    /was told thread t-1 and is in t-2/,
  ],
  [
    'a send that is told a thread that it did not open',
    anna,
    ({ seen }) => (seen.threads[0]!.openerId = 's-2'),
    /did not open thread t-1/,
  ],
  [
    'a send that is told a thread that nobody knows',
    anna,
    ({ seen }) => seen.threads.pop(),
    /told thread t-1, which does not exist/,
  ],
  [
    'a verdict that is not the one told',
    anna,
    ({ seen }) => (seen.sends[0]!.verdict = 'QUEUED'),
    /told ACCEPTED and is QUEUED/,
  ],
  [
    'a second winner whom nobody told',
    anna,
    ({ seen }) => seen.sends.push(aSend({ sendId: 's-3' })),
    /s-3 is delivered and nobody was told/,
  ],
  [
    'a refused send that left a part',
    anna,
    ({ seen }) => (seen.dispatches[0]!.sendId = 's-2'),
    /refused send s-2 was begun/,
  ],
  [
    'a refused send that opened a thread',
    anna,
    ({ seen }) => (seen.threads[0]!.openerId = 's-2'),
    /refused send s-2 opened a thread/,
  ],
  [
    'a refused send in the history',
    anna,
    ({ seen }) => seen.messages.push(written({ entryId: 'e-2', position: 2, sendId: 's-2' })),
    /refused send s-2 is in the history/,
  ],
  [
    'a refusal that nobody was told',
    anna,
    ({ operations }) => operations.pop(),
    /0 were told that their send is refused, and 1/,
  ],

  [
    'a part that the client sees twice',
    anna,
    ({ seen }) => seen.ledger.push(seen.ledger[0]!),
    /sees s-1 part 0 2 times/,
  ],
  [
    'a part that was taken twice',
    anna,
    ({ seen }) => seen.dispatches.push(seen.dispatches[0]!),
    /s-1 part 0 was taken 2 times/,
  ],
  ['a part that the client does not see', anna, ({ seen }) => seen.ledger.pop(), /does not see s-1 part 0/],
  [
    'a part that nobody intended',
    anna,
    ({ seen }) => seen.ledger.push({ clientId: 'mila', key: 'k-9' }),
    /sees k-9, which nobody intended/,
  ],
  [
    'a rejected part that the client sees',
    anna,
    rejected(({ seen }) => seen.ledger.push({ clientId: 'mila', key: 'k-1' })),
    /sees s-1 part 0, which was rejected/,
  ],
  [
    'a rejected part that was taken',
    anna,
    rejected(({ seen }) => (seen.dispatches[0]!.outcome = 'accepted')),
    /was taken, and its send was rejected/,
  ],
  ['a send that is not in the history', anna, ({ seen }) => seen.messages.pop(), /s-1 is 0 entries/],

  ['a refusal without a reason', anna, ({ operations }) => (operations[1]!.answer = refusedBy()), /without a reason/],
  ['a refusal that names no holder', anna, told({ code: 'NO_ADDRESS' }), /NO_ADDRESS names no holder/],
  [
    'a holder that never was',
    anna,
    told({ code: 'THREAD_ACTIVE', holder: { ...holder, threadId: 't-9' } }),
    /holder t-9 never existed/,
  ],
  [
    'a holder of another time',
    mila,
    ({ operations }) => Object.assign(operations[1]!, { startedAt: 700, endedAt: 710 }),
    /holder t-1 did not hold then/,
  ],
  [
    'a holder with another agent',
    anna,
    told({ code: 'THREAD_ACTIVE', holder: { ...holder, agentId: 'boris' } }),
    /t-1 was never OPENING with boris/,
  ],
  [
    'a holder in another state',
    anna,
    told({ code: 'THREAD_ACTIVE', holder: { ...holder, state: 'NEW' } }),
    /t-1 was never NEW with anna/,
  ],
  [
    'a holder that is closed',
    mila,
    told({ code: 'THREAD_ACTIVE', holder: { ...holder, state: 'CLOSED' } }),
    /t-1 was never CLOSED/,
  ],
  [
    'a holder on another channel',
    anna,
    told({ code: 'THREAD_ACTIVE', holder: { ...holder, channelId: 'web' } }),
    /is not on web/,
  ],
  [
    'a holder of another opener',
    anna,
    told({ code: 'THREAD_ACTIVE', holder: { ...holder, opener: 'CLIENT' } }),
    /was not opened by CLIENT/,
  ],
  [
    'a thread that is said to be taken by one who never had it',
    mila,
    takenAs({ code: 'THREAD_TAKEN', agentId: 'anna' }),
    /anna never had it/,
  ],
  [
    'a thread that is said to be taken by the one who asks',
    mila,
    takenAs({ code: 'THREAD_TAKEN', agentId: 'boris' }),
    /taken by the one who asked/,
  ],
  [
    'a state that the thread was not in',
    mila,
    takenAs({ code: 'EVENT_NOT_ACCEPTED', state: 'WAITING', accepts: [] }),
    /it was not WAITING then/,
  ],
  ['a block that nobody gave', anna, told({ code: 'CHANNEL_BLOCKED', by: 'US' }), /nobody had blocked the channel/],

  [
    'a take that was done and is not',
    mila,
    ({ operations }) => (operations.at(-1)!.who = 'carla'),
    /carla never had thread t-2/,
  ],
  [
    'a close that was done and is not',
    mila,
    ({ seen }) => (seen.threads[0]!.state = 'NEW'),
    /close of vera was done, and/,
  ],
  [
    'a transfer that was done and is not',
    mila,
    ({ operations }) => Object.assign(operations[3]!, { kind: 'transfer', target: 'sales' }),
    /t-1 never went to sales/,
  ],
  [
    'a block that was done and is not',
    mila,
    ({ operations }) => (operations[3]!.kind = 'block'),
    /the client is not blocked on wa-main/,
  ],
  [
    'a thread that two have taken',
    mila,
    ({ operations }) => operations.push({ ...operations.at(-1)!, who: 'anna' }),
    /t-2 was offered 1 times and taken by boris and anna/,
  ],
];

it.each(spoilt)('the checker finds %s', (_, record, spoil, complaint) => {
  const { operations, seen } = record();

  spoil({ operations, seen });

  expect(complaintsIn(caseOf(operations, seen, 'mila'))).toContainEqual(expect.stringMatching(complaint));
});

/** Anna's send is rejected by the provider at once, and then something goes wrong. */
function rejected(spoil: (record: Record) => void): (record: Record) => void {
  return ({ operations, seen }) => {
    operations[0]!.answer = { outcome: 'made', sendId: 's-1', threadId: 't-1', verdict: 'REJECTED' };
    Object.assign(seen.sends[0]!, { state: 'rejected', verdict: 'REJECTED' });
    Object.assign(seen.threads[0]!, { state: 'CLOSED', closedAt: 180, closeReason: 'SEND_REJECTED' });
    Object.assign(seen.runs[0]!, { status: 'COMPLETED', closedAt: 190 });
    seen.changes = [changed(1, {}), changed(5, { state: 'CLOSED' })];
    seen.dispatches[0]!.outcome = 'final';
    seen.ledger = [];
    spoil({ operations, seen });
  };
}

function told(refusal: Refusal): (record: Record) => void {
  return ({ operations }) => (operations[1]!.answer = refusedBy(refusal));
}

function takenAs(refusal: Refusal): (record: Record) => void {
  return ({ operations }) => (operations.at(-1)!.answer = refusedBy(refusal));
}
