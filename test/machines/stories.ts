// What can happen to a thread between its opening and its end, told as a few stories so that each search stays short.
import type { Opener } from '../../domain/thread.js';
import { threadMachine, type ThreadSnapshot } from '../../machines/thread.js';
import { refusalOf } from '../../machines/thread-command.js';
import type { ThreadEvent } from '../../machines/thread-context.js';
import { type Journey, journeysOf } from './journeys.js';
import {
  accepted,
  anna,
  aThread,
  botFailed,
  botTook,
  clientClosed,
  closed,
  type Happening,
  opened,
  opening,
  projected,
  rejected,
  replied,
  settled,
  silence,
  svetlana,
  toBot,
  toGroup,
  took,
  transferred,
  vanished,
  vera,
  wrote,
} from './threads.js';

export type ThreadJourney = Journey<typeof threadMachine>;
type Command = Extract<ThreadEvent, { commandId: string }>;
/** What can happen in one story; commands each once, and only where they are not refused. */
export interface Story {
  facts: (thread: ThreadSnapshot) => Happening[];
  commands: Command[];
}

const isGiven = (thread: ThreadSnapshot, command: Command): boolean =>
  !thread.context.commands.includes(command.commandId) && refusalOf(thread, command) === undefined;

const lastWord = ({ value, context }: ThreadSnapshot): Happening[] =>
  value === 'CLOSING' ? [projected(context.version), projected(context.version - 1)] : [];

const happeningsIn =
  ({ facts, commands }: Story) =>
  (thread: ThreadSnapshot): ThreadEvent[] =>
    [...facts(thread), ...lastWord(thread), ...commands.filter((command) => isGiven(thread, command))] as ThreadEvent[];

/** The message has gone, or not, and the client writes or closes meanwhile; until two strays are counted. */
export const settling: Story = {
  facts: ({ context }) => [
    wrote('m-1'),
    wrote('m-2'),
    ...(context.strays < 2 ? [accepted, rejected, settled('QUEUED'), settled('ACCEPTED', 's-9')] : []),
    silence,
    opening,
    clientClosed,
  ],
  commands: [closed(svetlana)],
};

/** Agent and client write at the same time, and verdicts come in any order. */
export const talking: Story = {
  facts: ({ value, context }) => [
    ...(value === 'OPENING' ? [accepted] : []),
    wrote('m-1'),
    ...context.replies.flatMap(({ sendId }) => [settled('ACCEPTED', sendId), settled('REJECTED', sendId)]),
    silence,
  ],
  commands: [took(anna), opened(anna), replied(anna, 's-2'), replied(anna, 's-3')],
};

/** The same, and the thread goes on to another agent meanwhile. */
export const goingOn: Story = {
  ...talking,
  commands: [...talking.commands, transferred(anna, toGroup), took(vera, { commandId: 'take-2' })],
};

/** Whoever should have the thread next may be gone; in a few steps. */
export const handing: Story = {
  facts: ({ value, context }) => [
    ...(value === 'OPENING' ? [accepted] : []),
    ...(context.version > 0 && context.version < 5 && (context.agentId ?? context.target) !== undefined
      ? [vanished(context.version), vanished(context.version - 1)]
      : []),
    ...(value === 'HANDING_OVER'
      ? [
          ...(context.callsAfter === undefined ? [] : [projected(context.version)]),
          ...[0, 1].flatMap((ago) => [botTook(context.handover - ago), botFailed(context.handover - ago)]),
        ]
      : []),
    ...(context.version < 4 ? [wrote('m-1')] : []),
  ],
  commands: [transferred(svetlana, toBot), transferred(svetlana, toGroup), took(vera)],
};

/** One shortest way to each end that the story can have. */
export const journeysIn = (story: Story, openedBy: Opener, untilOpen?: number): ThreadJourney[] =>
  journeysOf(threadMachine, aThread(openedBy, untilOpen), happeningsIn(story));
