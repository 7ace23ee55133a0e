// The life of a client's active thread, opened by a send's claim or by the client's message (requirements, section 5).
import { and, assign, setup, type SnapshotFrom } from 'xstate';
import type { ChannelType } from '../domain/contracts/channel.js';
import type { Verdict } from '../domain/contracts/outgoing-send.js';
import type { Refusal } from '../domain/contracts/refusal.js';
import type { CloseReason, ThreadCommandName, ThreadState, TransferTarget } from '../domain/contracts/thread.js';
import {
  closeNote,
  type Opener,
  type Place,
  type ThreadNote,
  type ThreadProjection,
  type TransferFailure,
} from '../domain/thread.js';
import { closeReasonOf, type Held, rightsRefusal, type ThreadCommand } from '../domain/thread-command.js';

/** All in ms. */
interface ThreadTimeouts {
  /** Silence of a client who has not written in this thread. */
  outgoingWaiting: number;
  /** Silence of a client who has. */
  waiting: number;
}

export interface ThreadInput {
  threadId: string;
  clientId: string;
  channelId: string;
  openedBy: Opener;
  /** Messages of the client that the thread begins with; those that come by signal are not among them. */
  entryIds: string[];
  timeouts: ThreadTimeouts;
  /** In ms since the epoch. */
  openedAt: number;
  /** Until the chat center opens, in ms; 0 while it is open. */
  untilOpen: number;
}

/** Where the words of a comment stand: with an agent's command or with the send. */
interface Comment {
  noteId?: string;
  sendId?: string;
}

interface Ending {
  closeReason: CloseReason;
  note?: Extract<ThreadNote, { code: 'THREAD_CLOSED' }>;
}

export interface ClientMessage {
  entryId: string;
  /** Where it came from, which need not be the channel of the thread; signals of before do not say it. */
  channelId?: string;
  channelType?: ChannelType;
}

interface Reply {
  sendId: string;
  /** When the client has written since, so that the reply is no answer to the last message. */
  overtakenAt?: number;
}

interface ThreadContext extends ThreadInput {
  version: number;
  /** The last version that is written down. */
  written: number;
  state: ThreadState;
  agentId: string | undefined;
  target: Place | undefined;
  minimised: boolean;
  clientHasWritten: boolean;
  /** The client's last message has no answer. */
  clientWaits: boolean;
  hasAnswers: boolean;
  waitingSince: number;
  closesAt?: number | undefined;
  closeReason?: CloseReason;
  /** The identity that the thread runs on is blocked when it closes. */
  blocks: boolean;
  /** Whose queue the thread falls back to when its target cannot take it. */
  fallbackTo?: string | undefined;
  comment?: Comment | undefined;
  /** Which handing over to a bot is the last one; answers of others come too late. */
  handover: number;
  /** The bot is called once this version is written down, so that it is told all of it. */
  callsAfter?: number | undefined;
  /** A close or block while the send is under way. */
  ending?: Ending;
  /** On their way to the client. */
  replies: Reply[];
  /** Not yet in a projection. */
  unattached: string[];
  notes: ThreadNote[];
  /** Ids of the last messages, so that a repeated signal is known; the store's unique key takes older ones. */
  seen: string[];
  /** Ids of the last commands that were taken. */
  commands: string[];
  /** Came while the thread was closing: they open the next one. */
  leftover: ClientMessage[];
  /** Settlements that were not ours or came again; kept for operators. */
  strays: number;
}

export type ThreadEvent =
  | ({ type: 'client.wrote'; at: number } & ClientMessage)
  | { type: 'client.closed'; at: number }
  /** On these channels, or as a whole, by somebody who is not at work on the thread. */
  | { type: 'client.blocked'; channelIds?: string[]; at: number }
  | { type: 'send.settled'; sendId: string; verdict: Verdict; at: number }
  | (ThreadCommand & { at: number })
  | { type: 'bot.took'; handover: number; at: number }
  | { type: 'bot.failed'; handover: number; reason: TransferFailure; at: number }
  | { type: 'thread.projected'; version: number }
  /** This version was not written, since its agent or target is gone. */
  | { type: 'target.vanished'; version: number; at: number }
  /** Our row is missing or differs; what is written next is newer than this version. */
  | { type: 'projection.wanted'; above: number };

type Recorded<T extends ThreadEvent['type']> = Extract<ThreadEvent, { type: T }>;

const SEEN_LIMIT = 500;
const COMMANDS_LIMIT = 100;

const projection = ({ context, event }: { context: ThreadContext; event: ThreadEvent }): ThreadProjection => ({
  decidedBy: isOnRecord(event) ? 'RECORD' : 'TASK',
  version: context.version,
  state: context.state,
  minimised: context.minimised,
  waitingSince: context.waitingSince,
  entryIds: context.unattached,
  notes: context.notes,
  ...(context.agentId === undefined ? {} : { agentId: context.agentId }),
  ...(context.target === undefined ? {} : { target: context.target }),
  ...(context.closesAt === undefined ? {} : { closesAt: context.closesAt }),
  ...(context.closeReason === undefined ? {} : { closeReason: context.closeReason }),
  ...(context.blocks && context.state === 'CLOSED' ? { blocks: true } : {}),
});

/**
 * Signals, and the start, stand in the history before we hear of them, in an order that stays. What a command, a timer or
 * an answer decides may be decided anew in another order when its task is lost or meets a signal.
 */
function isOnRecord({ type }: ThreadEvent): boolean {
  switch (type as ThreadEvent['type'] | 'xstate.init') {
    case 'xstate.init':
    case 'client.wrote':
    case 'client.closed':
    case 'client.blocked':
    case 'send.settled':
    case 'projection.wanted':
      return true;
    default:
      return false;
  }
}

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

/** Settlements are told apart by the send: only the claimer's own settles the thread (W19). */
function isOwn({ openedBy }: ThreadContext, event: ThreadEvent): event is Recorded<'send.settled'> {
  return event.type === 'send.settled' && openedBy.kind === 'SEND' && openedBy.id === event.sendId;
}

const messageOf = ({ type: _type, at: _at, ...message }: Recorded<'client.wrote'>): ClientMessage => message;

const actionOf = ({ openedBy }: ThreadContext) => (openedBy.kind === 'SEND' ? openedBy.action : undefined);
const replyOf = ({ replies }: ThreadContext, event: ThreadEvent): Reply | undefined =>
  event.type === 'send.settled' ? replies.find(({ sendId }) => sendId === event.sendId) : undefined;
const isSent = (event: ThreadEvent): boolean => event.type === 'send.settled' && event.verdict !== 'REJECTED';
/** In a queue a thread keeps its place, whether its client has written or only been handed over. */
const waitsForAgent = ({ clientWaits, state }: ThreadContext): boolean =>
  clientWaits || state === 'UNASSIGNED' || state === 'ASSIGNED' || state === 'REASSIGNED';
const timeoutOf = ({ clientHasWritten, timeouts }: ThreadContext): number =>
  clientHasWritten ? timeouts.waiting : timeouts.outgoingWaiting;

const commandsWith = ({ commands }: ThreadContext, event: ThreadEvent): { commands?: string[] } =>
  'commandId' in event ? { commands: [...commands, event.commandId].slice(-COMMANDS_LIMIT) } : {};

function handedTo(
  context: ThreadContext,
  event: ThreadEvent,
  target: TransferTarget,
  by: { identity: string; agentId?: string },
  comment: Comment,
): Partial<ThreadContext> {
  const { kind, id } = target;
  return {
    ...(kind === 'EMPLOYEE' ? { agentId: id, target: undefined } : { agentId: undefined, target: { kind, id } }),
    fallbackTo: by.agentId ?? context.agentId,
    ...('at' in event && !waitsForAgent(context) ? { waitingSince: event.at } : {}),
    comment,
    minimised: false,
    notes: [...context.notes, { ...by, code: 'TRANSFERRED', target, ...comment }],
  };
}

function endingBy(context: ThreadContext, command: ThreadCommand): Ending {
  const { commandId, actor } = command;
  const closeReason = command.type === 'agent.blocked' ? 'CLIENT_BLOCKED' : closeReasonOf(context, actor);
  const noteId = 'noteId' in command ? command.noteId : undefined;
  const note: Ending['note'] = {
    identity: closeNote(commandId),
    code: 'THREAD_CLOSED',
    closeReason,
    ...(actor.kind === 'SYSTEM' ? {} : { agentId: actor.agentId }),
    ...(noteId === undefined ? {} : { noteId }),
  };
  return { closeReason, note };
}

function heldOf({ agentId, target, threadId, channelId, state, openedAt, openedBy }: ThreadContext): Held {
  const since = new Date(openedAt).toISOString();
  const opener = openedBy.kind === 'SEND' ? 'AGENT' : 'CLIENT';
  const holder = { threadId, channelId, state, since, opener, ...(agentId === undefined ? {} : { agentId }) } as const;
  return { agentId, target, holder };
}

const NAMES: Record<ThreadCommand['type'], ThreadCommandName> = {
  'agent.took': 'take',
  'agent.opened': 'open',
  'agent.replied': 'reply',
  'agent.transferred': 'transfer',
  'agent.closed': 'close',
  'agent.blocked': 'block',
};

/** The commands that the state takes, whoever gives them. */
export function acceptedCommands(state: ThreadSnapshot['value']): ThreadCommandName[] {
  const events: readonly string[] = threadMachine.states[state]?.ownEvents ?? [];
  return Object.entries(NAMES).flatMap(([type, name]) => (events.includes(type) ? [name] : []));
}

/** Why a command is not taken now; undefined when it is, or was before. */
export function refusalOf(snapshot: ThreadSnapshot, command: ThreadCommand): Refusal | undefined {
  const { value, context } = snapshot;
  if (context.commands.includes(command.commandId)) return undefined;
  const isMeant = command.threadId === context.threadId;
  const accepts = isMeant ? acceptedCommands(value) : [];
  const { agentId } = context;
  const { actor, type } = command;
  const isTaken = isMeant && context.state !== 'OPENING' && context.state !== 'CLOSED';
  if (isTaken && type === 'agent.took' && agentId !== undefined) {
    if (actor.kind === 'SYSTEM' || actor.agentId !== agentId) return { code: 'THREAD_TAKEN', agentId };
  }
  if (!accepts.includes(NAMES[type]))
    return { code: 'EVENT_NOT_ACCEPTED', state: isMeant ? context.state : 'CLOSED', accepts };
  return rightsRefusal(heldOf(context), command);
}
