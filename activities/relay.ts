// From the inbox to the workflows: what providers told us is folded or kept first, then signalled. Every step may be
// repeated; a fact leaves the inbox only when all of it has worked.
import type { WorkflowClient } from '@temporalio/client';
import type { ChannelType } from '../domain/contracts/channel.js';
import type { Settings } from '../domain/contracts/settings.js';
import type { ClientClosedFact, MessageFact, ReceiptFact } from '../domain/provider-fact.js';
import { claimsThread } from '../domain/situation.js';
import { receiptSignal, sendWorkflowId } from '../workflows/messages.js';
import { unlessEnded } from './ended.js';
import type { Inbox, InboxRow, InboundFiles, MessageLog, ReceiptLog } from './ports.js';
import type { ThreadCalls } from './thread-calls.js';

export interface RelayPorts {
  inbox: Inbox;
  receipts: ReceiptLog;
  messages: MessageLog;
  files: InboundFiles;
  workflows: WorkflowClient;
  threads: ThreadCalls;
  channelType(channelId: string): Promise<ChannelType>;
  settings(): Promise<Settings>;
  /** Has the channel's templates synchronised soon, beside the relay. */
  wantTemplates(channelId: string): Promise<void>;
  /** @param inboxId of a fact that will be tried again */
  onFault(inboxId: number, error: unknown): void;
}

const BATCH = 50;

/** Relays one batch; answers how many facts there were. */
export async function relayOnce(ports: RelayPorts): Promise<number> {
  const rows = await ports.inbox.take(BATCH);
  await Promise.all(
    rows.map(async (row) => {
      try {
        await relay(ports, row);
        await ports.inbox.done(row.inboxId);
      } catch (error) {
        ports.onFault(row.inboxId, error);
      }
    }),
  );
  return rows.length;
}

function relay(ports: RelayPorts, row: InboxRow): Promise<void> {
  const { fact } = row;
  switch (fact.kind) {
    case 'RECEIPT':
      return relayReceipt(ports, row, fact);
    case 'MESSAGE':
      return relayMessage(ports, row, fact);
    case 'CLIENT_CLOSED':
      return relayClosing(ports, row, fact);
    case 'TEMPLATES_CHANGED':
      return ports.wantTemplates(row.channelId);
    case 'UNREADABLE':
      return Promise.resolve(); // kept in the inbox for people to read
  }
}

/** Only what may change the outcome wakes the send; the rest is in the history alone. */
async function relayReceipt(
  { receipts, workflows }: RelayPorts,
  { channelId, identity }: InboxRow,
  fact: ReceiptFact,
): Promise<void> {
  const folded = await receipts.record(channelId, identity, fact);
  if (!folded?.isNews) return;
  const { sendId, status, failureCode } = folded;
  const receipt = { status, ...(failureCode !== undefined && { failureCode }) };
  // The fold has the last word on a send that has ended.
  await workflows.getHandle(sendWorkflowId(sendId)).signal(receiptSignal, receipt).catch(unlessEnded);
}

async function relayMessage(
  { messages, files, threads, channelType, settings }: RelayPorts,
  row: InboxRow,
  fact: MessageFact,
): Promise<void> {
  const { clientId, entryId, threadId, opensThread } = await messages.receive(row, await withFiles(files, row, fact));
  const { channelId } = row;
  if (!opensThread) return;
  const type = await channelType(channelId);
  if (!claimsThread(type)) return; // a mail is in the history, and changes no thread (INV13)
  const openedBy = { kind: 'CLIENT', id: entryId } as const;
  const opening = {
    threadId,
    clientId,
    channelId,
    openedBy,
    settings: await settings(),
    channelType: type,
  };
  await threads.clientWrote(opening, entryId);
}

/** After so many attempts a file that cannot be had is named instead, so that the message is not kept back for ever. */
const PATIENCE = 10;

/** The message with its files as ours; a file that is not is named in the text. */
async function withFiles(inbound: InboundFiles, row: InboxRow, fact: MessageFact): Promise<MessageFact> {
  const { files = [], ...message } = fact;
  const attachmentIds = [...(message.attachmentIds ?? [])];
  const lines = message.text === undefined ? [] : [message.text];
  for (const [index, file] of files.entries()) {
    const { channelId, identity, attempts } = row;
    const answer = await inbound.fetch({ channelId, identity, index }, file);
    if (answer.outcome === 'kept') attachmentIds.push(answer.attachmentId);
    else if (answer.outcome === 'away' && attempts <= PATIENCE)
      throw new Error(`a file of the message is away: ${answer.reason}`);
    else lines.push(`[file not taken: ${file.name}]`);
  }
  return { ...message, attachmentIds, ...(lines.length > 0 && { text: lines.join('\n') }) };
}

/** The thread that runs, since its row may be written a moment later. */
async function relayClosing(
  { messages, threads }: RelayPorts,
  row: InboxRow,
  { address }: ClientClosedFact,
): Promise<void> {
  const clientId = await messages.clientAt(row.channelId, address);
  if (clientId === undefined) return;
  const shown = (await threads.holder(clientId))?.shown;
  // A conversation that goes on elsewhere is not ended by a chat that is closed here.
  const ended = shown?.channelId === row.channelId ? { clientId, threadId: shown.threadId } : undefined;
  const closing = await messages.receiveClosing(row, ended);
  if (closing !== undefined) await threads.clientClosed(closing.clientId, closing.threadId);
}
