// The life of a client's active thread, opened by a send's claim or by the client's message (requirements, section 5).
import { assign, setup } from 'xstate';
import type { Verdict } from '../domain/contracts/outgoing-send.js';
import type { CloseReason, ThreadState } from '../domain/contracts/thread.js';
import type { Opener, ThreadProjection } from '../domain/thread.js';

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
}

interface ThreadContext extends ThreadInput {
  version: number;
  state: ThreadState;
  agentId: string | undefined;
  minimised: boolean;
  clientHasWritten: boolean;
  closeReason?: CloseReason;
  /** Not yet in a projection. */
  unattached: string[];
  /** Ids of the last messages, so that a repeated signal is known; the store's unique key takes older ones. */
  seen: string[];
  /** Came while the thread was closing: they open the next one. */
  leftover: string[];
  /** Settlements that were not ours or came again; kept for operators. */
  strays: number;
}

export type ThreadEvent =
  | { type: 'client.wrote'; entryId: string }
  | { type: 'send.settled'; sendId: string; verdict: Verdict }
  | { type: 'thread.projected'; version: number };

const SEEN_LIMIT = 500;

const projection = ({ context }: { context: ThreadContext }): ThreadProjection => ({
  version: context.version,
  state: context.state,
  minimised: context.minimised,
  entryIds: context.unattached,
  ...(context.agentId === undefined ? {} : { agentId: context.agentId }),
  ...(context.closeReason === undefined ? {} : { closeReason: context.closeReason }),
});

const enters = (state: ThreadState) =>
  [
    { type: 'recordState', params: { state } },
    { type: 'requestProjection', params: projection },
    'recordProjection',
  ] as const;
const joins = [
  'recordMessage',
  'recordChange',
  { type: 'requestProjection', params: projection },
  'recordProjection',
] as const;
const closes = (reason?: CloseReason) =>
  ({ type: 'recordCloseReason', params: reason === undefined ? {} : { closeReason: reason } }) as const;

export const threadMachine = setup({
  types: {
    context: {} as ThreadContext,
    events: {} as ThreadEvent,
    input: {} as ThreadInput,
    tags: {} as 'atRest',
  },
  delays: {
    waitingTimeout: ({ context: { clientHasWritten, timeouts } }) =>
      clientHasWritten ? timeouts.waiting : timeouts.outgoingWaiting,
  },
  guards: {
    isOpenedByClient: ({ context }) => context.openedBy.kind === 'CLIENT',
    isNewMessage: ({ context, event }) => event.type === 'client.wrote' && !context.seen.includes(event.entryId),
    clientHasWritten: ({ context }) => context.clientHasWritten,
    isReleased: ({ context, event }) =>
      isOwn(context, event) && event.verdict === 'REJECTED' && !context.clientHasWritten,
    isReleasedToClient: ({ context, event }) => isOwn(context, event) && event.verdict === 'REJECTED',
    closesAtOnce: ({ context, event }) =>
      isOwn(context, event) && actionOf(context) === 'CLOSE' && !context.clientHasWritten,
    closesButClientWrote: ({ context, event }) => isOwn(context, event) && actionOf(context) === 'CLOSE',
    isAssigned: ({ context, event }) =>
      isOwn(context, event) && actionOf(context) === 'ASSIGN_TO_ME' && !context.clientHasWritten,
    isAssignedAndClientWrote: ({ context, event }) => isOwn(context, event) && actionOf(context) === 'ASSIGN_TO_ME',
    isLastProjection: ({ context, event }) => event.type === 'thread.projected' && event.version === context.version,
  },
  actions: {
    recordState: assign(({ context }, { state }: { state: ThreadState }) => ({ state, version: context.version + 1 })),
    recordChange: assign(({ context }) => ({ version: context.version + 1 })),
    recordProjection: assign({ unattached: [] }),
    recordMessage: assign(({ context, event }) =>
      event.type === 'client.wrote'
        ? {
            clientHasWritten: true,
            unattached: [...context.unattached, event.entryId],
            seen: [...context.seen, event.entryId].slice(-SEEN_LIMIT),
          }
        : {},
    ),
    recordLeftover: assign(({ context, event }) =>
      event.type === 'client.wrote'
        ? { leftover: [...context.leftover, event.entryId], seen: [...context.seen, event.entryId].slice(-SEEN_LIMIT) }
        : {},
    ),
    recordCloseReason: assign((_, reason: { closeReason?: CloseReason }) => reason),
    recordTimeout: assign(({ context }) => ({
      closeReason: context.clientHasWritten ? ('WAITING_TIMEOUT' as const) : ('OUTGOING_WAITING_TIMEOUT' as const),
    })),
    recordAssignment: assign({ minimised: true }),
    recordRelease: assign({ agentId: undefined }),
    recordStray: assign(({ context }) => ({ strays: context.strays + 1 })),
    requestProjection: (_, _projection: ThreadProjection) => {},
  },
}).createMachine({
  id: 'thread',
  context: ({ input }) => ({
    ...input,
    agentId: input.openedBy.kind === 'SEND' ? input.openedBy.agentId : undefined,
    version: 0,
    state: 'OPENING',
    minimised: false,
    clientHasWritten: input.openedBy.kind === 'CLIENT',
    unattached: input.entryIds,
    seen: input.entryIds,
    leftover: [],
    strays: 0,
  }),
  initial: 'arriving',
  on: {
    'send.settled': { actions: 'recordStray' },
  },
  states: {
    arriving: {
      always: [{ guard: 'isOpenedByClient', target: 'NEW' }, { target: 'OPENING' }],
    },
    OPENING: {
      description: 'Claimed by a send whose message the provider has not taken yet; in no queue.',
      tags: 'atRest',
      // Nothing to write down: the claim writes the row, in one transaction with the message (W07).
      on: {
        'client.wrote': { guard: 'isNewMessage', actions: joins },
        'send.settled': [
          { guard: 'isReleased', target: 'CLOSING', actions: closes('SEND_REJECTED') }, // A31
          { guard: 'isReleasedToClient', target: 'NEW', actions: 'recordRelease' }, // A31
          { guard: 'closesAtOnce', target: 'CLOSING', actions: closes() }, // A22
          { guard: 'closesButClientWrote', target: 'NEW', actions: 'recordRelease' },
          { guard: 'isAssigned', target: 'WAITING', actions: 'recordAssignment' }, // R15b
          { guard: 'isAssignedAndClientWrote', target: 'ANSWER_NEEDED' },
          { actions: 'recordStray' },
        ],
      },
    },
    NEW: {
      description: 'The client has written; no agent has taken the thread.',
      tags: 'atRest',
      entry: enters('NEW'),
      on: { 'client.wrote': { guard: 'isNewMessage', actions: joins } },
    },
    WAITING: {
      description: 'The agent waits for the client; the thread closes by itself when the client stays silent.',
      tags: 'atRest',
      entry: enters('WAITING'),
      after: { waitingTimeout: { target: 'CLOSING', actions: 'recordTimeout' } },
      on: { 'client.wrote': { guard: 'isNewMessage', target: 'ANSWER_NEEDED', actions: 'recordMessage' } },
    },
    ANSWER_NEEDED: {
      description: "The client waits for the agent's answer.",
      tags: 'atRest',
      entry: enters('ANSWER_NEEDED'),
      on: { 'client.wrote': { guard: 'isNewMessage', actions: joins } },
    },
    CLOSING: {
      description: 'The close is being written down; a message that comes now opens the next thread.',
      entry: enters('CLOSED'),
      on: {
        'client.wrote': { guard: 'isNewMessage', actions: 'recordLeftover' },
        'thread.projected': { guard: 'isLastProjection', target: 'CLOSED' },
      },
    },
    CLOSED: { description: 'The thread is over.', type: 'final', tags: 'atRest' },
  },
});

type Settled = Extract<ThreadEvent, { type: 'send.settled' }>;

/** Settlements are told apart by the send: only the claimer's own settles the thread (W19). */
function isOwn({ openedBy }: ThreadContext, event: ThreadEvent): event is Settled {
  return event.type === 'send.settled' && openedBy.kind === 'SEND' && openedBy.id === event.sendId;
}

const actionOf = ({ openedBy }: ThreadContext) => (openedBy.kind === 'SEND' ? openedBy.action : undefined);
