// The names by which the outside speaks to the workflows: ids, updates, signals, queries, search attributes.
// Stored in histories: add, never rename. Ids and attributes carry no personal data (INV19).
import { ApplicationFailure, defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { DeliveryStatus } from '../domain/contracts/delivery.js';
import type { FailureCode } from '../domain/contracts/failure.js';
import type { SendState, Verdict } from '../domain/contracts/outgoing-send.js';
import type { Refusal } from '../domain/contracts/refusal.js';
import type { SendInput } from '../machines/outgoing-send.js';
import type { Settings } from '../domain/contracts/settings.js';
import type { Claim } from '../domain/thread.js';
import type { ThreadCommand } from '../domain/thread-command.js';
import type { ClientMessage, ThreadInput as ThreadMachineInput } from '../machines/thread-context.js';
import type { Carried } from './drive-machine.js';

export const TASK_QUEUE = 'outgoing-messages';

export const OUTGOING_SEND = 'outgoingSend';
export const THREAD = 'thread';

export const sendWorkflowId = (sendId: string): string => `send:${sendId}`;
export const wizardWorkflowId = (wizardId: string): string => `wizard:${wizardId}`;
export const threadWorkflowId = (clientId: string): string => `thread:${clientId}`;

const keyword = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);
export const searchAttributes = {
  clientId: keyword('ClientId'),
  agentId: keyword('AgentId'),
  channelType: keyword('ChannelType'),
  sendState: keyword('SendState'),
  threadState: keyword('ThreadState'),
  failureCode: keyword('FailureCode'),
} as const;

export interface OutgoingSendInput extends SendInput {
  clientId: string;
  channelId: string;
  /** How long a provider is tried, in ms (A32). */
  dispatchDeadline: number;
}

/** What a caller of `verdict` learns; the message itself and its failure's words are in the database. */
export interface SendVerdict {
  verdict: Verdict | 'REFUSED';
  refusals: Refusal[];
}

/** The outcome of a send's run. */
export interface SendResult {
  state: SendState;
  verdict?: Verdict;
  failureCode?: FailureCode;
  refusals: Refusal[];
}

export interface Receipt {
  status: DeliveryStatus;
  failureCode?: FailureCode;
}

/** Waits for the verdict: refused, or settled. A repeat under the same update id gets the recorded one. */
export const verdictUpdate = defineUpdate<SendVerdict>('verdict');
export const receiptSignal = defineSignal<[Receipt]>('receipt');

/** Histories of before neither know working hours nor go on from an earlier run. */
export interface ThreadInput extends Omit<ThreadMachineInput, 'openedAt' | 'untilOpen'> {
  workingHours?: Settings['workingHours'];
  /** Until the chat center opens, in ms; absent while it is open. */
  untilOpen?: number;
  /** Signals that came before the first task are heard in their order; runs of before heard them kind by kind. */
  hearsInOrder?: boolean;
  /** Continued from another thread's run, but not with its search attributes. */
  hasOwnAttributes?: boolean;
  /** Where the thread's earlier run has left it, and the run that opened it (INV5). */
  resumed?: Carried & { runId: string };
}

/** What the caller of a command learns once it is written down; a refusal comes as a failure. */
export interface CommandDone {
  /** The run that opened the thread (INV5). */
  claim: Claim;
}

/** What becomes of a command. */
export type CommandAnswer = ({ outcome: 'done' } & CommandDone) | { outcome: 'refused'; refusal: Refusal };

const REFUSED = 'REFUSED';
/** A command is refused before it leaves a trace in the history; the refusal travels as the failure's detail. */
export const refusedBy = (refusal: Refusal): ApplicationFailure =>
  ApplicationFailure.nonRetryable(`refused: ${refusal.code}`, REFUSED, refusal);

/** What the caller of a command finds in the cause of its failure; undefined when that is a fault. */
export const refusalIn = (cause: unknown): Refusal | undefined =>
  cause instanceof ApplicationFailure && cause.type === REFUSED ? (cause.details?.[0] as Refusal) : undefined;

/** What an agent or system asks of the thread; under the command's id a repeat gets the recorded answer. */
export const commandUpdate = defineUpdate<CommandDone, [ThreadCommand]>('command');
/** The client has closed the conversation at their end. */
export const clientClosedSignal = defineSignal<[{ threadId: string }]>('clientClosed');
/** The client is blocked on these channels, or as a whole. */
export const clientBlockedSignal = defineSignal<[{ channelIds?: string[] }]>('clientBlocked');
/** The thread's row is missing or differs: it is written down anew. */
export const projectSignal = defineSignal<[{ above: number }]>('project');
export const clientWroteSignal = defineSignal<[ClientMessage]>('clientWrote');
export const sendSettledSignal = defineSignal<[{ sendId: string; verdict: Verdict }]>('sendSettled');

/** To every open wizard of the client (E2); once a thread or more often. */
export const threadOpenedSignal = defineSignal<[{ threadId: string }]>('threadOpened');
export const threadClosedSignal = defineSignal<[{ threadId: string }]>('threadClosed');

export interface View {
  state: string;
  context: unknown;
}
export const viewQuery = defineQuery<View>('view');
export const viewOf = ({ value, context }: { value: string; context: unknown }): View => ({ state: value, context });

/** In the memo of every thread: who opened it, so that a repeated claim knows its own and a refusal names the holder. */
export interface ThreadMemo extends Record<string, unknown> {
  threadId: string;
  channelId: string;
  /** The send that claimed the thread; empty when the client opened it. */
  sendId: string;
  /** When the thread was opened, in ms since the epoch. */
  openedAt: number;
}
