// What the activities offer to workflows, and what they need of the outside (types only).
import type { Action, Content, Verdict } from '../domain/contracts/outgoing-send.js';
import type { DeliveryStatus } from '../domain/contracts/delivery.js';
import type { Failure, FailureCode } from '../domain/contracts/failure.js';
import type { HistoryEntry } from '../domain/contracts/history.js';
import type { Refusal } from '../domain/contracts/refusal.js';
import type { Settings } from '../domain/contracts/settings.js';
import type { ThreadState, TransferTarget } from '../domain/contracts/thread.js';
import type { OutgoingMessage } from '../domain/outgoing-message.js';
import type { SendSituation } from '../domain/situation.js';
import type { MessageFact, ProviderFact, ProviderFile, ReceiptFact } from '../domain/provider-fact.js';
import type { Claim, ThreadProjection, ThreadRecord } from '../domain/thread.js';
import type { Actor } from '../domain/thread-command.js';

// Offered to workflows. The names are stored in histories: add, never rename.

export type ClaimAnswer =
  | {
      outcome: 'won';
      claim?: Claim;
      expectsReceipts: boolean;
      dispatchTimeout: number;
      /** In how many parts the message leaves (A33); histories without it speak of one. */
      parts?: number;
    }
  | { outcome: 'refused'; refusals: Refusal[] };

export type DispatchAnswer =
  | { outcome: 'accepted' }
  | { outcome: 'final'; failureCode: FailureCode }
  | { outcome: 'unknown' }
  /** A reply, while what stands before it in its thread has not left yet. */
  | { outcome: 'early' };

/** What the facts about a send fold to. */
export interface DeliveryReading {
  status: DeliveryStatus;
  failureCode?: FailureCode;
}

export interface Conclusion {
  sendId: string;
  waitedFor: 'DISPATCH' | 'RECEIPT';
  /** How many of its parts were asked to leave; the others have not, and follow only if the first is out after all. */
  begun: number;
}

export interface OutgoingSendActivities {
  /**
   * Judges the send by every rule again, claims the client's thread and writes down what was claimed. Once per send:
   * a repeat finds its own claim by the thread's memo (W06, W07).
   */
  claimThread(job: { sendId: string; channelId: string }): Promise<ClaimAnswer>;
  /**
   * Hands one part to its provider; at most one visible part, whatever dies when (INV3).
   * @throws NOT_ACCEPTED and OUTCOME_UNKNOWN, both retried until the dispatch deadline.
   */
  dispatchPart(job: { sendId: string; channelId: string; part: number; claim?: Claim }): Promise<DispatchAnswer>;
  /** Writes the verdict down and tells the thread; answers what the receipts say so far. A repeat changes nothing (W19). */
  settleSend(job: {
    sendId: string;
    clientId: string;
    verdict: Verdict;
    expectsReceipts: boolean;
    claim?: Claim;
  }): Promise<DeliveryReading>;
  /** The last look at attempts and receipts; what stays unknown becomes unconfirmed (A32, W31). */
  concludeSend(job: Conclusion): Promise<DeliveryReading>;
}

export interface ThreadActivities {
  /**
   * Upserts the whole state, and tells the client's open wizards when the thread opens or closes; an older version never
   * replaces a newer one (W21). Histories of before have no answer.
   */
  projectThread(job: { thread: ThreadRecord; projection: ThreadProjection }): Promise<ProjectAnswer | undefined>;
  /** Calls the bot until it has answered 2xx once. @throws while it cannot be reached or says no */
  handToBot(job: Handover): Promise<HandoverAnswer>;
}

/** `vanished`: its agent or target is gone, so that all of it is written but who has the thread. */
export type ProjectAnswer = { outcome: 'written' } | { outcome: 'vanished' };

interface Handover {
  threadId: string;
  clientId: string;
  channelId: string;
  botId: string;
  /** The same on every call of one handing over. */
  handover: number;
  /** Where the comment stands, if there is one. */
  noteId?: string;
  sendId?: string;
}

export type HandoverAnswer = { outcome: 'taken' } | { outcome: 'vanished' } | { outcome: 'unreachable' };

// Needed of the outside.

/** A send as it was asked for, and one reading of all that its rules need. */
export interface SendReading {
  /** Absent when a bot answers. */
  agentId?: string;
  clientId: string;
  channelId: string;
  /** The thread that this send opens if it wins the claim; derived from the send, the same on every reading. */
  threadId: string;
  content: Content;
  action?: Action;
  /** Of a reply: in which thread, and who gives it. */
  reply?: { threadId: string; actor: Actor };
  situation: SendSituation;
  settings: Settings;
}

export interface SendLog {
  read(sendId: string): Promise<SendReading>;
  /** Takes back what a claim has written; a send of which anything may have left is refused no more. */
  recordRefusal(sendId: string): Promise<boolean>;
  /** Message, address, history entry and thread row in one transaction; insert or keep. */
  recordClaim(claimed: {
    sendId: string;
    message: OutgoingMessage;
    /** In which the message leaves, in their order. */
    parts: OutgoingMessage[];
    address: string;
    /** The thread that the send has opened. */
    thread?: ThreadRecord;
    /** The thread that a reply is in; what is recorded first leaves first. */
    inThread?: string;
  }): Promise<void>;
  recordVerdict(sendId: string, verdict: Verdict, expectsReceipts: boolean): Promise<DeliveryReading>;
  conclude(job: Conclusion): Promise<DeliveryReading>;
}

/** The bytes of attachments, for providers that take them and for those that fetch them. */
export interface Files {
  read(attachmentId: string): Promise<Uint8Array>;
  /** Public, signed and valid for a day from `askedAt`: the same on every attempt (RFC 3339). */
  urlOf(attachmentId: string, askedAt: string): string;
}

/** One part as it leaves us: a text, or one file; by e-mail all of it. */
export interface PartContent {
  address: string;
  /** When the message was asked for, RFC 3339; the same on every attempt. */
  askedAt: string;
  message: OutgoingMessage;
}

/** What an attempt to dispatch finds when it begins. */
export type Intent =
  /** Nothing has left yet, or all that left is proved not accepted. `reference` is ours at the provider. */
  | { state: 'fresh'; reference: string; content: PartContent }
  /** An earlier attempt wrote its intent and no result: perhaps it left (W11 to W14). */
  | { state: 'open'; reference: string; content: PartContent }
  | { state: 'answered'; answer: ProviderAnswer }
  /**
   * Nothing may leave: the thread is not the one that this send claimed (INV5), the send is over, or a block or a
   * disabled channel came between (INV14).
   */
  | { state: 'withheld' }
  /** What stands before it in the thread has not left yet. */
  | { state: 'early' };

export interface DispatchLog {
  /** Commits the intent before any byte leaves. */
  begin(sendId: string, part: number, claim: Claim | undefined, isKeyed: boolean): Promise<Intent>;
  /** Commits the result and folds it into the message's delivery, together with receipts that came before. */
  finish(sendId: string, part: number, answer: ProviderAnswer, expectsReceipts: boolean): Promise<void>;
}

export type ProviderAnswer =
  | { outcome: 'accepted'; providerMessageId?: string }
  /** Refused, and a repeat would be refused too. */
  | { outcome: 'final'; failure: Failure }
  /** Certainly not accepted; `afterMs` when the provider said when to come back. */
  | { outcome: 'retry'; failure: Failure; afterMs?: number }
  /** Perhaps accepted. */
  | { outcome: 'unknown'; failure: Failure };

/** What a provider is like, whatever its settings are. */
export interface ChannelTraits {
  /** Whether the provider absorbs a repeat under our reference. */
  readonly isKeyed: boolean;
  /** Whether the provider reports what becomes of a message. */
  readonly expectsReceipts: boolean;
  /** The longest that `deliver` takes, in ms. */
  readonly timeout: number;
}

/** A configured channel as a send sees it; one implementation per provider kind in channels/. */
export interface Channel extends ChannelTraits {
  /**
   * Hands one part to the provider and sorts whatever comes back.
   * Throws only for our own bugs: a provider's silence is `unknown` (INV7).
   * @param reference UUID, equal on every attempt of this part
   * @param isRepeat an earlier attempt under this reference may have been accepted
   */
  deliver(part: PartContent, reference: string, origin: PartOrigin, isRepeat: boolean): Promise<ProviderAnswer>;
}

/** Which part of which send it is; travels along where the provider echoes a comment. */
export interface PartOrigin {
  sendId: string;
  part: number;
}

export interface Channels {
  traitsOf(channelId: string): Promise<ChannelTraits>;
  /** @throws while one of its secrets cannot be had */
  find(channelId: string): Promise<Channel>;
}

export interface ThreadLog {
  project(thread: ThreadRecord, projection: ThreadProjection): Promise<ProjectAnswer>;
  isClosed(threadId: string): Promise<boolean>;
}

/** Wizards that are open for a client (design 3.1). */
export interface OpenWizards {
  openOf(clientId: string): Promise<string[]>;
}

/** What a bot is told when a thread is handed to it. */
interface BotTask {
  threadId: string;
  clientId: string;
  channelId: string;
  comment?: string;
  /** The last 20 entries, newest first. */
  history: HistoryEntry[];
}

export interface BotDesk {
  /** Undefined when the bot is gone or disabled. */
  taskFor(handover: Handover): Promise<{ url: string; task: BotTask } | undefined>;
}

/** Calls a bot's program. @throws unless it answers 2xx */
export type CallBot = (url: string, task: BotTask, idempotencyKey: string) => Promise<void>;

export interface InboxRow {
  inboxId: number;
  channelId: string;
  identity: string;
  fact: ProviderFact;
  receivedAt: Date;
  /** How often it was taken, this time included. */
  attempts: number;
}

/** Facts of providers, stored before they were acknowledged. */
export interface Inbox {
  /** Leases what is due; a fact whose relay dies is due again. Facts with one order key come in order. */
  take(limit: number): Promise<InboxRow[]>;
  done(inboxId: number): Promise<void>;
}

export interface ReceiptLog {
  /**
   * Stores a receipt once and folds it; undefined while the part that it speaks of is not known (W28). `isNews`: it
   * says something final that the facts stored before it did not; the same on every repeat.
   */
  record(
    channelId: string,
    identity: string,
    fact: ReceiptFact,
  ): Promise<(DeliveryReading & { sendId: string; isNews: boolean }) | undefined>;
}

export interface MessageLog {
  /**
   * Keeps a client's message once and opens the window. `opensThread` is false for a blocked client, whose messages are
   * kept and open nothing, and for a message that has its thread already.
   */
  receive(
    row: Pick<InboxRow, 'channelId' | 'identity' | 'receivedAt'>,
    fact: MessageFact,
  ): Promise<{ clientId: string; entryId: string; threadId: string; opensThread: boolean }>;
  /** Who has this address; undefined when nobody has. */
  clientAt(channelId: string, address: string): Promise<string | undefined>;
  /**
   * Notes once that the client has closed this thread. Answers the thread of that note on every repeat; undefined when
   * there is none, since the thread had closed before.
   */
  receiveClosing(
    row: Pick<InboxRow, 'channelId' | 'identity'>,
    thread: { clientId: string; threadId: string } | undefined,
  ): Promise<{ clientId: string; threadId: string } | undefined>;
}

export type InboundFileAnswer =
  | { outcome: 'kept'; attachmentId: string }
  /** A refused address, too large, not there, empty or executable: asking again would not help. */
  | { outcome: 'refused' }
  /** Its provider does not answer, or it takes longer than the relay waits. */
  | { outcome: 'away'; reason: string };

/** Files of clients, fetched from their provider. */
export interface InboundFiles {
  /** Keeps the file once, however often this place of this message is asked for. */
  fetch(
    place: Pick<InboxRow, 'channelId' | 'identity'> & { index: number },
    file: ProviderFile,
  ): Promise<InboundFileAnswer>;
}

/** Sends whose run was ended by hand. */
export interface OrphanLog {
  /** Sends that should have left long ago and are not known to have; a few of them. */
  overdue(): Promise<string[]>;
  /** Ends a send that runs no more: what is proved unsent has failed, else it is unconfirmed. Answers its verdict. */
  abandon(sendId: string): Promise<Verdict>;
}

/** A thread's row as it stands. */
export interface ThreadRow {
  threadId: string;
  clientId: string;
  channelId: string;
  version: number;
  state: ThreadState;
  agentId?: string;
  target?: TransferTarget;
  minimised: boolean;
}

export interface ThreadRows {
  /** Open ones that are older than this, in s. */
  open(age: number): Promise<ThreadRow[]>;
  row(threadId: string): Promise<ThreadRow | undefined>;
  /** Of a run that was ended by hand; not when the row has changed since it was read. */
  close(row: ThreadRow): Promise<void>;
}
