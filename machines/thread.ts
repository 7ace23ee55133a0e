// The life of a client's active thread, opened by a send's claim or by the client's message (requirements, section 5).
import { and, assign, type SnapshotFrom, setup } from 'xstate';
import type { CloseReason, ThreadState } from '../domain/contracts/thread.js';
import type { ThreadNote, ThreadProjection, TransferFailure } from '../domain/thread.js';
import { rightsRefusal } from '../domain/thread-command.js';
import {
  actionOf,
  COMMANDS_LIMIT,
  type Comment,
  commandsWith,
  endingBy,
  handedTo,
  heldOf,
  isOwn,
  isSent,
  messageOf,
  projection,
  replyOf,
  SEEN_LIMIT,
  type ThreadContext,
  type ThreadEvent,
  type ThreadInput,
  timeoutOf,
  waitsForAgent,
} from './thread-context.js';

const projects = [{ type: 'requestProjection', params: projection }, 'recordProjection'] as const;
const enters = (state: ThreadState) => [{ type: 'recordState', params: { state } }, ...projects] as const;
const changes = ['recordChange', ...projects] as const;
const closes = (closeReason?: CloseReason) =>
  ({ type: 'recordEnding', params: closeReason === undefined ? {} : { closeReason } }) as const;

// What agents and systems may do in every state in which a thread rests, but while it opens.
const endings = {
  'agent.transferred': { guard: 'isAllowed', target: 'distributing', actions: 'recordCommandedTransfer' },
  'agent.closed': { guard: 'isAllowed', target: 'CLOSING', actions: 'recordCommandedEnding' },
  'agent.blocked': { guard: 'isAllowed', target: 'CLOSING', actions: 'recordCommandedEnding' },
  'client.closed': { target: 'CLOSING', actions: closes('CLIENT_CLOSED') },
  'client.blocked': { guard: 'isBlockedHere', target: 'CLOSING', actions: closes('CLIENT_BLOCKED') },
} as const;
const takes = {
  'agent.took': [
    { guard: and(['isAllowed', 'hasAnswers']), target: 'REASSIGNED', actions: 'recordTaking' },
    { guard: 'isAllowed', target: 'ASSIGNED', actions: 'recordTaking' },
  ],
} as const;
const converses = {
  'agent.opened': { guard: 'isAllowed', actions: ['recordOpening', ...changes] },
  'agent.replied': { guard: 'isAllowed', actions: 'recordReply' },
  'send.settled': [
    { guard: 'isAnswered', target: 'WAITING', reenter: true, actions: 'recordAnswer' },
    { guard: 'isOvertakenReply', target: 'ANSWER_NEEDED', actions: 'recordAnswer' },
  ],
} as const;

export const threadMachine = setup({
  types: {
    context: {} as ThreadContext,
    events: {} as ThreadEvent,
    input: {} as ThreadInput,
    tags: {} as 'atRest',
  },
  delays: {
    waitingTimeout: ({ context }) => timeoutOf(context),
    workingHours: ({ context }) => context.untilOpen,
  },
  guards: {
    isOpenedByClient: ({ context }) => context.openedBy.kind === 'CLIENT',
    isOutsideHours: ({ context }) => context.openedBy.kind === 'CLIENT' && context.untilOpen > 0,
    isNewMessage: ({ context, event }) => event.type === 'client.wrote' && !context.seen.includes(event.entryId),
    isClosed: ({ context }) => context.state === 'CLOSED',
    isAllowed: ({ context, event }) => 'commandId' in event && rightsRefusal(heldOf(context), event) === undefined,
    hasAnswers: ({ context }) => context.hasAnswers,
    clientWaits: ({ context }) => context.clientWaits,
    isHeld: ({ context }) => context.agentId !== undefined,
    isBlockedHere: ({ context, event }) =>
      event.type === 'client.blocked' && (event.channelIds?.includes(context.channelId) ?? true),
    isForBot: ({ context }) => context.target?.kind === 'BOT',
    isReleased: ({ context, event }) =>
      isOwn(context, event) && event.verdict === 'REJECTED' && !context.clientHasWritten,
    isEnding: ({ context, event }) => isOwn(context, event) && context.ending !== undefined,
    isReleasedToClient: ({ context, event }) => isOwn(context, event) && event.verdict === 'REJECTED',
    closesAtOnce: ({ context, event }) =>
      isOwn(context, event) && actionOf(context) === 'CLOSE' && !context.clientHasWritten,
    closesButClientWrote: ({ context, event }) => isOwn(context, event) && actionOf(context) === 'CLOSE',
    isAssigned: ({ context, event }) =>
      isOwn(context, event) && actionOf(context) === 'ASSIGN_TO_ME' && !context.clientHasWritten,
    isAssignedAndClientWrote: ({ context, event }) => isOwn(context, event) && actionOf(context) === 'ASSIGN_TO_ME',
    isTransferred: ({ context, event }) => isOwn(context, event) && actionOf(context) === 'TRANSFER',
    isReply: ({ context, event }) => replyOf(context, event) !== undefined,
    isSentReply: ({ context, event }) => isSent(event) && replyOf(context, event) !== undefined,
    isAnswered: ({ context, event }) => {
      const reply = replyOf(context, event);
      return isSent(event) && reply !== undefined && reply.overtakenAt === undefined;
    },
    // Unless a later reply has answered the client meanwhile.
    isOvertakenReply: ({ context, event }) =>
      isSent(event) && context.clientWaits && replyOf(context, event)?.overtakenAt !== undefined,
    isDueToCall: ({ context, event }) =>
      event.type === 'thread.projected' && context.callsAfter !== undefined && event.version >= context.callsAfter,
    isLastHandover: ({ context, event }) => 'handover' in event && event.handover === context.handover,
    isLastProjection: ({ context, event }) => 'version' in event && event.version === context.version,
  },
  actions: {
    recordState: assign(({ context, event }, { state }: { state: ThreadState }) => ({
      state,
      version: context.version + 1,
      closesAt: state === 'WAITING' && 'at' in event ? event.at + timeoutOf(context) : undefined,
    })),
    recordChange: assign(({ context, event }) => ({
      version: Math.max(context.version, event.type === 'projection.wanted' ? event.above : 0) + 1,
    })),
    recordProjection: assign({ unattached: [], notes: [] }),
    recordWritten: assign(({ context, event }) =>
      event.type === 'thread.projected' || event.type === 'target.vanished'
        ? { written: Math.max(context.written, event.version) }
        : {},
    ),
    recordMessage: assign(({ context, event }) =>
      event.type === 'client.wrote'
        ? {
            clientHasWritten: true,
            clientWaits: true,
            waitingSince: waitsForAgent(context) ? context.waitingSince : event.at,
            replies: context.replies.map((reply) => ({ overtakenAt: event.at, ...reply })),
            unattached: [...context.unattached, event.entryId],
            seen: [...context.seen, event.entryId].slice(-SEEN_LIMIT),
          }
        : {},
    ),
    recordLeftover: assign(({ context, event }) =>
      event.type === 'client.wrote'
        ? {
            leftover: [...context.leftover, messageOf(event)],
            seen: [...context.seen, event.entryId].slice(-SEEN_LIMIT),
          }
        : {},
    ),
    recordEnding: assign((_, reason: { closeReason?: CloseReason }) => reason),
    recordTimeout: assign(({ context }) => ({
      closeReason: context.clientHasWritten ? ('WAITING_TIMEOUT' as const) : ('OUTGOING_WAITING_TIMEOUT' as const),
    })),
    recordWish: assign(({ context, event }) => {
      const { ending, blocks } = context;
      if (event.type === 'client.closed') return { ending: ending ?? { closeReason: 'CLIENT_CLOSED' as const } };
      if (event.type === 'client.blocked') return { ending: { closeReason: 'CLIENT_BLOCKED' as const } };
      if (!('commandId' in event)) return {};
      // What was wished once is not taken back by a weaker wish.
      const isWeaker = blocks && event.type !== 'agent.blocked';
      return {
        ...commandsWith(context, event),
        ...(isWeaker ? {} : { ending: endingBy(context, event) }),
        blocks: blocks || event.type === 'agent.blocked',
      };
    }),
    recordWishedEnding: assign(({ context: { ending, notes, clientHasWritten }, event }) => {
      if (ending === undefined || event.type !== 'send.settled') return {};
      const isReleased = event.verdict === 'REJECTED' && !clientHasWritten;
      const closeReason = isReleased ? 'SEND_REJECTED' : ending.closeReason;
      return { closeReason, notes: ending.note === undefined ? notes : [...notes, { ...ending.note, closeReason }] };
    }),
    recordCommandedEnding: assign(({ context, event }) => {
      if (!('commandId' in event)) return {};
      const { closeReason, note } = endingBy(context, event);
      return {
        ...commandsWith(context, event),
        closeReason,
        blocks: event.type === 'agent.blocked',
        notes: note === undefined ? context.notes : [...context.notes, note],
      };
    }),
    recordAssignment: assign({ minimised: true }),
    recordRelease: assign({ agentId: undefined }),
    recordChosenTransfer: assign(({ context, event }) => {
      const { openedBy } = context;
      if (openedBy.kind !== 'SEND' || openedBy.target === undefined) return {};
      const comment = { sendId: openedBy.id };
      const identity = `transfer:${openedBy.id}`;
      return handedTo(context, event, openedBy.target, { identity, agentId: openedBy.agentId }, comment);
    }),
    recordCommandedTransfer: assign(({ context, event }) => {
      if (event.type !== 'agent.transferred') return {};
      const { actor, commandId, noteId, target } = event;
      const by = actor.kind === 'SYSTEM' ? {} : { agentId: actor.agentId };
      const comment = noteId === undefined ? {} : { noteId };
      return {
        ...commandsWith(context, event),
        ...handedTo(context, event, target, { identity: `transfer:${commandId}`, ...by }, comment),
      };
    }),
    recordFallback: assign(({ context, event }) => {
      const reason: TransferFailure = event.type === 'bot.failed' ? event.reason : 'VANISHED';
      const {
        version,
        threadId,
        agentId,
        fallbackTo,
        target = { kind: 'EMPLOYEE' as const, id: agentId ?? '' },
      } = context;
      const heir = fallbackTo === agentId ? undefined : fallbackTo;
      const note: ThreadNote = {
        identity: `fallback:${threadId}:${version}`,
        code: 'TRANSFER_FAILED',
        target,
        reason,
        ...(heir === undefined ? {} : { agentId: heir }),
      };
      return {
        agentId: heir,
        target: undefined,
        minimised: heir !== undefined,
        notes: [...context.notes, note],
      };
    }),
    recordTaking: assign(({ context, event }) =>
      event.type === 'agent.took' && event.actor.kind !== 'SYSTEM'
        ? { ...commandsWith(context, event), agentId: event.actor.agentId, target: undefined, minimised: false }
        : {},
    ),
    recordOpening: assign(({ context, event }) => ({ ...commandsWith(context, event), minimised: false })),
    recordReply: assign(({ context, event }) =>
      event.type === 'agent.replied'
        ? {
            ...commandsWith(context, event),
            replies: [...context.replies, { sendId: event.sendId }].slice(-COMMANDS_LIMIT),
          }
        : {},
    ),
    recordAnswer: assign(({ context, event }) => {
      if (event.type !== 'send.settled') return {};
      const rest = context.replies.filter(({ sendId }) => sendId !== event.sendId);
      if (!isSent(event)) return { replies: rest };
      const overtakenAt = replyOf(context, event)?.overtakenAt;
      const clientWaits = context.clientWaits && overtakenAt !== undefined;
      return { replies: rest, hasAnswers: true, clientWaits, waitingSince: clientWaits ? overtakenAt : event.at };
    }),
    recordHandover: assign(({ context }) => ({ handover: context.handover + 1, callsAfter: context.version })),
    recordCall: assign({ callsAfter: undefined }),
    recordStray: assign({ strays: ({ context }) => context.strays + 1 }),
    requestProjection: (_, _projection: ThreadProjection) => {},
    requestHandover: (_, _job: { botId: string; handover: number } & Comment) => {},
  },
}).createMachine({
  id: 'thread',
  context: ({ input }) => ({
    ...input,
    agentId: input.openedBy.kind === 'SEND' ? input.openedBy.agentId : undefined,
    target: undefined,
    version: 0,
    written: 0,
    state: 'OPENING',
    minimised: false,
    clientHasWritten: input.openedBy.kind === 'CLIENT',
    clientWaits: input.openedBy.kind === 'CLIENT',
    hasAnswers: false,
    waitingSince: input.openedAt,
    blocks: false,
    handover: 0,
    replies: [],
    unattached: input.entryIds,
    notes: [],
    seen: input.entryIds,
    commands: [],
    leftover: [],
    strays: 0,
  }),
  initial: 'arriving',
  on: {
    'client.wrote': [
      { guard: and(['isNewMessage', 'isClosed']), actions: 'recordLeftover' },
      { guard: 'isNewMessage', actions: ['recordMessage', ...changes] },
    ],
    'send.settled': [
      { guard: and(['isReply', 'isClosed']), actions: 'recordAnswer' },
      { guard: 'isReply', actions: ['recordAnswer', ...changes] },
      { actions: 'recordStray' },
    ],
    'thread.projected': { actions: 'recordWritten' },
    'target.vanished': { guard: 'isLastProjection', target: '.fallingBack', actions: 'recordFallback' },
    'projection.wanted': { actions: changes },
  },
  states: {
    arriving: {
      always: [
        { guard: 'isOutsideHours', target: 'SUSPENDED' },
        { guard: 'isOpenedByClient', target: 'NEW' },
        { target: 'OPENING' },
      ],
    },
    OPENING: {
      description: 'Claimed by a send whose message the provider has not taken yet; in no queue.',
      tags: 'atRest',
      // Nothing to write down: the claim writes the row, in one transaction with the message (W07).
      on: {
        'send.settled': [
          { guard: 'isEnding', target: 'CLOSING', actions: 'recordWishedEnding' },
          { guard: 'isReleased', target: 'CLOSING', actions: closes('SEND_REJECTED') }, // A31
          { guard: 'isReleasedToClient', target: 'NEW', actions: 'recordRelease' }, // A31
          { guard: 'closesAtOnce', target: 'CLOSING', actions: closes() }, // A22
          { guard: 'closesButClientWrote', target: 'NEW', actions: 'recordRelease' },
          { guard: 'isAssigned', target: 'WAITING', actions: 'recordAssignment' }, // R15b
          { guard: 'isAssignedAndClientWrote', target: 'ANSWER_NEEDED' },
          { guard: 'isTransferred', target: 'distributing', actions: 'recordChosenTransfer' }, // R15c
          { actions: 'recordStray' },
        ],
        'agent.closed': { guard: 'isAllowed', actions: 'recordWish' },
        'agent.blocked': { guard: 'isAllowed', actions: 'recordWish' },
        'client.closed': { actions: 'recordWish' },
        'client.blocked': { guard: 'isBlockedHere', actions: 'recordWish' },
        'target.vanished': { actions: 'recordWritten' }, // the settlement says what becomes of it
      },
    },
    NEW: {
      description: 'The client has written; no agent has taken the thread.',
      tags: 'atRest',
      entry: enters('NEW'),
      on: { ...takes, ...endings },
    },
    SUSPENDED: {
      description: 'The client has written outside working hours; the thread is new when they begin.',
      tags: 'atRest',
      entry: enters('SUSPENDED'),
      after: { workingHours: 'NEW' },
      on: endings,
    },
    distributing: {
      always: [
        { guard: 'isForBot', target: 'HANDING_OVER' },
        { guard: and(['isHeld', 'hasAnswers']), target: 'REASSIGNED' },
        { guard: 'isHeld', target: 'ASSIGNED' },
        { target: 'UNASSIGNED' },
      ],
    },
    UNASSIGNED: {
      description: 'Waits for an agent of its group, skill or department.',
      tags: 'atRest',
      entry: enters('UNASSIGNED'),
      on: { ...takes, ...endings },
    },
    HANDING_OVER: {
      description: 'The bot is being called; if it cannot be reached, the thread goes to the queue of its sender.',
      tags: 'atRest',
      entry: [...enters('UNASSIGNED'), 'recordHandover'],
      on: {
        ...takes,
        ...endings,
        'thread.projected': {
          guard: 'isDueToCall',
          actions: [
            'recordWritten',
            'recordCall',
            {
              type: 'requestHandover',
              params: ({ context: { target, handover, comment } }) => ({
                botId: target?.id ?? '',
                handover,
                ...comment,
              }),
            },
          ],
        },
        'bot.took': { guard: 'isLastHandover', target: 'IN_PROGRESS' },
        'bot.failed': { guard: 'isLastHandover', target: 'fallingBack', actions: 'recordFallback' },
      },
    },
    fallingBack: {
      always: [
        { guard: and(['isHeld', 'clientWaits']), target: 'ANSWER_NEEDED' },
        { guard: 'isHeld', target: 'WAITING' },
        { target: 'NEW' },
      ],
    },
    ASSIGNED: {
      description: "In an agent's queue; no agent has answered yet.",
      tags: 'atRest',
      entry: enters('ASSIGNED'),
      on: {
        ...endings,
        'agent.opened': { guard: 'isAllowed', target: 'IN_PROGRESS', actions: 'recordOpening' },
        'send.settled': { guard: 'isSentReply', target: 'REASSIGNED', actions: 'recordAnswer' }, // of who handed it over
      },
    },
    REASSIGNED: {
      description: "In an agent's queue; it has answers already.",
      tags: 'atRest',
      entry: enters('REASSIGNED'),
      on: { ...endings, 'agent.opened': { guard: 'isAllowed', target: 'IN_PROGRESS', actions: 'recordOpening' } },
    },
    IN_PROGRESS: {
      description: 'Its agent or bot is at work on it.',
      tags: 'atRest',
      entry: enters('IN_PROGRESS'),
      on: {
        ...endings,
        ...converses,
        'client.wrote': { guard: 'isNewMessage', target: 'ANSWER_NEEDED', actions: 'recordMessage' },
      },
    },
    WAITING: {
      description: 'The agent waits for the client; the thread closes by itself when the client stays silent.',
      tags: 'atRest',
      entry: enters('WAITING'),
      after: { waitingTimeout: { target: 'CLOSING', actions: 'recordTimeout' } },
      on: {
        ...endings,
        ...converses,
        'client.wrote': { guard: 'isNewMessage', target: 'ANSWER_NEEDED', actions: 'recordMessage' },
      },
    },
    ANSWER_NEEDED: {
      description: "The client waits for the agent's answer.",
      tags: 'atRest',
      entry: enters('ANSWER_NEEDED'),
      on: { ...endings, ...converses },
    },
    CLOSING: {
      description: 'The close is being written down; a message that comes now opens the next thread.',
      entry: enters('CLOSED'),
      on: {
        'thread.projected': { guard: 'isLastProjection', target: 'CLOSED', actions: 'recordWritten' },
        'target.vanished': { guard: 'isLastProjection', target: 'CLOSED', actions: 'recordWritten' }, // it needs nobody
        'client.closed': {},
        'client.blocked': {},
      },
    },
    CLOSED: { description: 'The thread is over.', type: 'final', tags: 'atRest' },
  },
});

export type ThreadSnapshot = SnapshotFrom<typeof threadMachine>;
