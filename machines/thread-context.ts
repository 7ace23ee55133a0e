// What a thread knows and hears, and the small rules of it that its machine asks for.
import type { ChannelType } from '../domain/contracts/channel.js';
import type { Verdict } from '../domain/contracts/outgoing-send.js';
import type { CloseReason, ThreadState, TransferTarget } from '../domain/contracts/thread.js';
import {
  closeNote,
  type Opener,
  type Place,
  type ThreadNote,
  type ThreadProjection,
  type TransferFailure,
} from '../domain/thread.js';
import { closeReasonOf, type Held, type ThreadCommand } from '../domain/thread-command.js';

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
export interface Comment {
  noteId?: string;
  sendId?: string;
}

export interface Ending {
  closeReason: CloseReason;
  note?: Extract<ThreadNote, { code: 'THREAD_CLOSED' }>;
}

export interface ClientMessage {
  entryId: string;
  /** Where it came from, which need not be the channel of the thread; signals of before do not say it. */
  channelId?: string;
  channelType?: ChannelType;
}

export interface Reply {
  sendId: string;
  /** When the client has written since, so that the reply is no answer to the last message. */
  overtakenAt?: number;
}

export interface ThreadContext extends ThreadInput {
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

export type Recorded<T extends ThreadEvent['type']> = Extract<ThreadEvent, { type: T }>;

export const SEEN_LIMIT = 500;
export const COMMANDS_LIMIT = 100;

export const projection = ({ context, event }: { context: ThreadContext; event: ThreadEvent }): ThreadProjection => ({
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

/** Settlements are told apart by the send: only the claimer's own settles the thread (W19). */
export function isOwn({ openedBy }: ThreadContext, event: ThreadEvent): event is Recorded<'send.settled'> {
  return event.type === 'send.settled' && openedBy.kind === 'SEND' && openedBy.id === event.sendId;
}

export const messageOf = ({ type: _type, at: _at, ...message }: Recorded<'client.wrote'>): ClientMessage => message;

export const actionOf = ({ openedBy }: ThreadContext) => (openedBy.kind === 'SEND' ? openedBy.action : undefined);
export const replyOf = ({ replies }: ThreadContext, event: ThreadEvent): Reply | undefined =>
  event.type === 'send.settled' ? replies.find(({ sendId }) => sendId === event.sendId) : undefined;
export const isSent = (event: ThreadEvent): boolean => event.type === 'send.settled' && event.verdict !== 'REJECTED';
/** In a queue a thread keeps its place, whether its client has written or only been handed over. */
export const waitsForAgent = ({ clientWaits, state }: ThreadContext): boolean =>
  clientWaits || state === 'UNASSIGNED' || state === 'ASSIGNED' || state === 'REASSIGNED';
export const timeoutOf = ({ clientHasWritten, timeouts }: ThreadContext): number =>
  clientHasWritten ? timeouts.waiting : timeouts.outgoingWaiting;

export const commandsWith = ({ commands }: ThreadContext, event: ThreadEvent): { commands?: string[] } =>
  'commandId' in event ? { commands: [...commands, event.commandId].slice(-COMMANDS_LIMIT) } : {};

export function handedTo(
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

export function endingBy(context: ThreadContext, command: ThreadCommand): Ending {
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

export function heldOf({ agentId, target, threadId, channelId, state, openedAt, openedBy }: ThreadContext): Held {
  const since = new Date(openedAt).toISOString();
  const opener = openedBy.kind === 'SEND' ? 'AGENT' : 'CLIENT';
  const holder = { threadId, channelId, state, since, opener, ...(agentId === undefined ? {} : { agentId }) } as const;
  return { agentId, target, holder };
}
