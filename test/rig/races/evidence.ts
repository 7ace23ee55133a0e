// What is seen from outside the code under test: rows, a journal that triggers write, Temporal's runs, the ledger.
import type { Verdict, SendState } from '../../../domain/contracts/outgoing-send.js';
import type { CloseReason, ThreadCommandName, ThreadState } from '../../../domain/contracts/thread.js';

/** Times in ms since the epoch. */
export interface ThreadRow {
  threadId: string;
  clientId: string;
  channelId: string;
  runId: string;
  state: ThreadState;
  openerKind: 'SEND' | 'CLIENT';
  openerId: string;
  /** In the order of opening. */
  position: number;
  openedAt: number;
  closedAt?: number;
  closeReason?: CloseReason;
}

/** One line of the journal: how a thread was written down, or that a message was given to a thread. */
export type Change = { seq: number; at: number; clientId: string; threadId: string } & (
  | { what: 'thread'; state: ThreadState; agentId?: string; targetId?: string }
  | { what: 'attached'; entryId: string }
);

/** What a run was told, as it stands in its history. */
export type Heard =
  | { what: 'message'; entryId: string }
  | { what: 'settlement'; sendId: string; verdict: Verdict }
  | { what: 'command'; name: ThreadCommandName; agentId?: string }
  | { what: 'closing' }
  | { what: 'timer' };

export interface Run {
  clientId: string;
  runId: string;
  threadId: string;
  status: string;
  startedAt: number;
  closedAt?: number;
  /** The run that it goes on from. */
  continues?: string;
  /** The messages that it began with. */
  brought: string[];
  /** In the order in which it heard them. */
  heard: Heard[];
  /** Its search attributes, one after the other: what a claim is told of it. */
  shown: { state: ThreadState; agentId?: string }[];
}

export interface SendRow {
  sendId: string;
  clientId: string;
  agentId?: string;
  channelId: string;
  state: SendState;
  verdict?: Verdict;
  threadId?: string;
  isReply: boolean;
  /** How its run stands; absent when none was ever started. */
  run?: string;
}

export interface MessageRow {
  entryId: string;
  clientId: string;
  channelId: string;
  position: number;
  direction: 'IN' | 'OUT';
  threadId?: string;
  sendId?: string;
  text?: string;
  /** Of a client's message: its place among all that was acknowledged. */
  acknowledged?: number;
}

export interface Dispatch {
  sendId: string;
  clientId: string;
  part: number;
  reference: string;
  outcome: 'accepted' | 'final' | 'retry' | 'unknown' | null;
  /** Of a channel whose provider has a ledger. */
  isOnWire: boolean;
}

export interface Delivered {
  clientId: string;
  key: string;
}

export interface BlockedIdentity {
  clientId: string;
  channelId: string;
}

export interface Evidence {
  threads: ThreadRow[];
  changes: Change[];
  runs: Run[];
  sends: SendRow[];
  messages: MessageRow[];
  dispatches: Dispatch[];
  ledger: Delivered[];
  blocked: BlockedIdentity[];
}

/** The part of the evidence that is about one client. */
export function ofClient(evidence: Evidence, clientId: string): Evidence {
  const own = <T extends { clientId: string }>(rows: T[]): T[] => rows.filter((row) => row.clientId === clientId);
  return {
    threads: own(evidence.threads).toSorted((one, other) => one.position - other.position),
    changes: own(evidence.changes).toSorted((one, other) => one.seq - other.seq),
    runs: own(evidence.runs).toSorted((one, other) => one.startedAt - other.startedAt),
    sends: own(evidence.sends),
    messages: own(evidence.messages).toSorted((one, other) => one.position - other.position),
    dispatches: own(evidence.dispatches),
    ledger: own(evidence.ledger),
    blocked: own(evidence.blocked),
  };
}
