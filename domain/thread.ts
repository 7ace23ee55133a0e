// What a thread is to everyone who handles one: its opener, the claim on it, and how its state is written down.
import type { Action } from './contracts/outgoing-send.js';
import type { CloseReason, ThreadState } from './contracts/thread.js';

export type Opener =
  | { kind: 'SEND'; id: string; agentId: string; action: Action['kind'] }
  /** `id` is our id of the client's message. */
  | { kind: 'CLIENT'; id: string };

/** A send's hold on the client's active thread: the run that it opened (INV2). E-mail holds none (R3). */
export interface Claim {
  threadId: string;
  runId: string;
}

export interface ThreadRecord extends Claim {
  clientId: string;
  channelId: string;
  openedBy: Opener;
}

/** The whole state of a thread as it is written down; a higher version replaces a lower one (W21). */
export interface ThreadProjection {
  version: number;
  state: ThreadState;
  agentId?: string;
  minimised: boolean;
  closeReason?: CloseReason;
  /** Messages of the client that belong to this thread from now on. */
  entryIds: string[];
}
