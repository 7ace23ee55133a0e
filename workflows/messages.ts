// The names by which the outside speaks to the workflows: ids, updates, signals, queries, search attributes.
// Stored in histories: add, never rename. Ids and attributes carry no personal data (INV19).
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { DeliveryStatus } from '../domain/contracts/delivery.js';
import type { FailureCode } from '../domain/contracts/failure.js';
import type { SendState, Verdict } from '../domain/contracts/outgoing-send.js';
import type { Refusal } from '../domain/contracts/refusal.js';
import type { SendInput } from '../machines/outgoing-send.js';
import type { ThreadInput } from '../machines/thread.js';

export const TASK_QUEUE = 'outgoing-messages';

export const OUTGOING_SEND = 'outgoingSend';
export const THREAD = 'thread';

export const sendWorkflowId = (sendId: string): string => `send:${sendId}`;
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

export const clientWroteSignal = defineSignal<[{ entryId: string }]>('clientWrote');
export const sendSettledSignal = defineSignal<[{ sendId: string; verdict: Verdict }]>('sendSettled');

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

export type { ThreadInput };
