// The effects of a send: claim, dispatch, settlement, conclusion. Each may run more than once and happens once.
import { ApplicationFailure } from '@temporalio/activity';
import type { Refusal } from '../domain/contracts/refusal.js';
import { composeMessage } from '../domain/draft.js';
import { findRefusals } from '../domain/eligibility.js';
import { type OutgoingMessage, partsOf } from '../domain/outgoing-message.js';
import { addressOf, claimsThread } from '../domain/situation.js';
import type { Opener } from '../domain/thread.js';
import type {
  ChannelTraits,
  Channels,
  ClaimAnswer,
  DispatchAnswer,
  DispatchLog,
  OutgoingSendActivities,
  ProviderAnswer,
  SendLog,
  SendReading,
} from './ports.js';
import type { Announce } from './announcement.js';
import type { ThreadCalls } from './thread-calls.js';

export interface OutgoingSendPorts {
  announce: Announce;
  sends: SendLog;
  dispatches: DispatchLog;
  channels: Channels;
  threads: ThreadCalls;
}

// Stored in histories: add, never rename.
const FailureType = { NOT_ACCEPTED: 'NOT_ACCEPTED', OUTCOME_UNKNOWN: 'OUTCOME_UNKNOWN' } as const;

/** What is known after an attempt that nobody saw the end of. */
const SILENT: ProviderAnswer = { outcome: 'unknown', failure: { code: 'OUTCOME_UNCONFIRMED' } };

/** Above the provider call's own limit, so that the activity sorts its own time-outs. */
const DISPATCH_MARGIN = 5_000; // ms

export const createOutgoingSendActivities = (ports: OutgoingSendPorts): OutgoingSendActivities => ({
  async claimThread({ sendId, channelId }) {
    const [send, channel] = await Promise.all([ports.sends.read(sendId), ports.channels.traitsOf(channelId)]);
    if (send.reply !== undefined) return claimReply(ports, sendId, { ...send, reply: send.reply }, channel);
    const refusals = findRefusals(send.situation, send);
    return refusals.length > 0 ? refuse(ports, sendId, send, refusals) : claimFor(ports, sendId, send, channel);
  },

  async dispatchPart({ sendId, channelId, part, claim }) {
    const channel = await ports.channels.find(channelId);
    const intent = await ports.dispatches.begin(sendId, part, claim, channel.isKeyed);
    switch (intent.state) {
      case 'withheld':
        return { outcome: 'final', failureCode: 'UNKNOWN' };
      case 'early':
        return { outcome: 'early' };
      case 'answered':
        return answerOf(intent.answer);
      case 'open':
      case 'fresh': {
        const isRepeat = intent.state === 'open';
        if (isRepeat && !channel.isKeyed) {
          await ports.dispatches.finish(sendId, part, SILENT, channel.expectsReceipts);
          return { outcome: 'unknown' };
        }
        const said = await channel.deliver(intent.content, intent.reference, { sendId, part }, isRepeat);
        const answer = isRepeat ? ofRepeat(said) : said;
        await ports.dispatches.finish(sendId, part, answer, channel.expectsReceipts);
        return answer.outcome === 'unknown' && channel.isKeyed ? repeatUnderSameKey(said) : answerOf(answer);
      }
    }
  },

  async settleSend({ sendId, clientId, verdict, expectsReceipts, claim }) {
    const [reading] = await Promise.all([
      ports.sends.recordVerdict(sendId, verdict, expectsReceipts),
      claim && ports.threads.settle(clientId, { sendId, verdict }),
    ]);
    return reading;
  },

  concludeSend: (job) => ports.sends.conclude(job),
});

/** A refused send holds nothing: a claim that an earlier attempt of ours has won is released again (W07). */
async function refuse(
  { sends, threads }: OutgoingSendPorts,
  sendId: string,
  { clientId, situation }: SendReading,
  refusals: Refusal[],
): Promise<ClaimAnswer> {
  const holder = claimsThread(situation.channel.type) ? await threads.holder(clientId) : undefined;
  const isRefused = await sends.recordRefusal(sendId);
  if (isRefused && holder?.sendId === sendId) await threads.settle(clientId, { sendId, verdict: 'REJECTED' });
  const isOccupied = holder !== undefined && holder.sendId !== sendId;
  return {
    outcome: 'refused',
    refusals: isOccupied ? [...refusals, { code: 'THREAD_ACTIVE', holder: holder.shown }] : refusals,
  };
}

async function claimFor(
  { sends, threads, announce }: OutgoingSendPorts,
  sendId: string,
  send: SendReading,
  channel: ChannelTraits,
): Promise<ClaimAnswer> {
  const { situation, clientId, channelId, threadId, settings } = send;
  const { type: channelType } = situation.channel;
  const written = writtenDown(sendId, send);
  const won = wonFor(written.parts, channel);

  if (!claimsThread(channelType)) {
    await sends.recordClaim(written);
    return won;
  }
  const openedBy = openerOf(sendId, send);
  const answer = await threads.claim({ threadId, clientId, channelId, channelType, openedBy, settings });
  if (answer.outcome === 'held') {
    await sends.recordRefusal(sendId);
    return { outcome: 'refused', refusals: [{ code: 'THREAD_ACTIVE', holder: answer.holder }] };
  }
  const thread = { ...answer.claim, clientId, channelId, openedBy };
  await sends.recordClaim({ ...written, thread });
  await announce.opened(thread); // only now that its row is there (LIV10)
  return { ...won, claim: answer.claim };
}

/** The thread says first whether the actor may; a reply that the rules refuse is taken back there. */
async function claimReply(
  { sends, threads }: OutgoingSendPorts,
  sendId: string,
  send: SendReading & { reply: NonNullable<SendReading['reply']> },
  channel: ChannelTraits,
): Promise<ClaimAnswer> {
  const { situation, clientId, reply } = send;
  const admitted = await threads.command(clientId, { type: 'agent.replied', commandId: sendId, sendId, ...reply });
  if (admitted.outcome === 'refused') {
    await sends.recordRefusal(sendId);
    return { outcome: 'refused', refusals: [admitted.refusal] };
  }
  const refusals = findRefusals(situation, { ...send, isReply: true });
  if (refusals.length > 0) {
    const isRefused = await sends.recordRefusal(sendId);
    if (isRefused) await threads.settle(clientId, { sendId, verdict: 'REJECTED' });
    return { outcome: 'refused', refusals };
  }
  const written = writtenDown(sendId, send);
  await sends.recordClaim({ ...written, inThread: reply.threadId });
  return { ...wonFor(written.parts, channel), claim: admitted.claim };
}

/** What is recorded of a send that nothing stands against. */
function writtenDown(sendId: string, { situation, content }: SendReading) {
  const address = addressOf(situation);
  if (address === undefined) throw new Error(`send ${sendId} has no address and was not refused`);
  const message = composeMessage(situation, content);
  return { sendId, message, parts: partsOf(message, situation.channel.type), address };
}

const wonFor = (parts: OutgoingMessage[], { expectsReceipts, timeout }: ChannelTraits) =>
  ({ outcome: 'won', expectsReceipts, dispatchTimeout: timeout + DISPATCH_MARGIN, parts: parts.length }) as const;

function openerOf(sendId: string, { agentId, action }: SendReading): Opener {
  if (action === undefined || agentId === undefined) throw new Error(`send ${sendId} was not refused`);
  const opener = { kind: 'SEND', id: sendId, agentId, action: action.kind } as const;
  return action.kind === 'TRANSFER' ? { ...opener, target: action.target } : opener;
}

function answerOf(answer: ProviderAnswer): DispatchAnswer {
  switch (answer.outcome) {
    case 'accepted':
      return { outcome: 'accepted' };
    case 'final':
      return { outcome: 'final', failureCode: answer.failure.code };
    case 'unknown':
      return { outcome: 'unknown' };
    case 'retry':
      throw ApplicationFailure.create({
        type: FailureType.NOT_ACCEPTED,
        message: `not accepted yet: ${answer.failure.code}`,
        ...(answer.afterMs !== undefined && { nextRetryDelay: answer.afterMs }),
      });
  }
}

/** A repeat that is not accepted, for whatever reason, says nothing of the attempt before it (INV7). */
const ofRepeat = (said: ProviderAnswer): ProviderAnswer =>
  said.outcome === 'accepted' ? said : { outcome: 'unknown', failure: said.failure };

/** The provider absorbs a repeat under our reference, so the way out of "unknown" is to ask again. */
function repeatUnderSameKey(said: ProviderAnswer): never {
  throw ApplicationFailure.create({
    type: FailureType.OUTCOME_UNKNOWN,
    message: 'outcome unknown: repeated under the same key',
    ...(said.outcome === 'retry' && said.afterMs !== undefined && { nextRetryDelay: said.afterMs }),
  });
}
