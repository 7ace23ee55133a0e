// What a thread is to everyone who handles one: its opener, the claim on it, and how its state is written down.
import type { Action } from './contracts/outgoing-send.js';
import type { CloseReason, ThreadState, TransferTarget } from './contracts/thread.js';

export type Opener =
  | {
      kind: 'SEND';
      id: string;
      agentId: string;
      action: Action['kind'];
      /** Of the action TRANSFER alone; its comment stands with the send. */
      target?: TransferTarget;
    }
  /** `id` is our id of the client's message. */
  | { kind: 'CLIENT'; id: string };

/** A send's hold on a thread: the run that opened it (INV2). E-mail holds none (R3). */
export interface Claim {
  threadId: string;
  runId: string;
}

export interface ThreadRecord extends Claim {
  clientId: string;
  channelId: string;
  openedBy: Opener;
}

/** A system entry of the history; texts of agents stay in the database, under the id of their note or of the send. */
export type ThreadNote = {
  /** What tells the entry from every other one. */
  identity: string;
  agentId?: string;
} & (
  | { code: 'TRANSFERRED'; target: TransferTarget; noteId?: string; sendId?: string }
  | { code: 'TRANSFER_FAILED'; target: TransferTarget; reason: TransferFailure }
  | { code: 'THREAD_CLOSED'; closeReason: CloseReason; noteId?: string }
);

/** The identity of the entry that says that a command has closed a thread. */
export const closeNote = (commandId: string): string => `close:${commandId}`;

/** Where a thread is while no agent has it. */
export type Place = TransferTarget & { kind: Exclude<TransferTarget['kind'], 'EMPLOYEE'> };

/** The target is gone or disabled, or the bot could not be reached. */
export type TransferFailure = 'VANISHED' | 'UNREACHABLE';

/** The whole state of a thread as it is written down; a higher version replaces a lower one (W21). Times in ms. */
export interface ThreadProjection {
  /**
   * `RECORD`: by what stands in the run's history, so that it may be written at once; `TASK`: by a task, which has to be
   * over first. Histories of before do not say it.
   */
  decidedBy?: 'RECORD' | 'TASK';
  version: number;
  state: ThreadState;
  agentId?: string;
  target?: Place;
  minimised: boolean;
  closeReason?: CloseReason;
  /** The identity that the thread runs on is blocked (R37). */
  blocks?: boolean;
  /** Histories of before do not have it. */
  waitingSince?: number;
  closesAt?: number;
  /** Messages of the client that belong to this thread from now on. */
  entryIds: string[];
  notes?: ThreadNote[];
}

/** Whether it is the client's first message, or the claim, that this projection is the first to write down. */
export const isOpening = ({ version }: ThreadProjection, { openedBy }: ThreadRecord): boolean =>
  version === 1 && openedBy.kind === 'CLIENT';
