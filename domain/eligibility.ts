// Every rule of who may be written to, where and with what, asked of one reading of the world.
// The same answer serves a direct send, the wizard and the channel list; only the claim decides R2 (A21).
import { allowsResponseTemplates, takesFiles } from './compose.js';
import type { AgentStatus } from './contracts/agent.js';
import type { ComposeRules } from './contracts/client-channel.js';
import type { Refusal } from './contracts/refusal.js';
import type { ThreadHolder } from './contracts/thread.js';
import { actionRefusals, attachmentRefusals, contentRefusals } from './draft.js';
import { addressOf, claimsThread, type Draft, modeOf, type SendSituation, windowOf } from './situation.js';
import type { Window } from './window.js';

const MAY_SEND: readonly AgentStatus[] = ['ACTIVE', 'OUT', 'FINISHING']; // R1

/** Everything that stands against the send but another active thread; the first is the answer's code. */
export function findRefusals(situation: SendSituation, draft: Draft): Refusal[] {
  return [
    ...channelRefusals(situation),
    ...contentRefusals(situation, draft.content),
    ...attachmentRefusals(situation, draft.content),
    ...actionRefusals(situation, draft),
  ];
}

function channelRefusals(situation: SendSituation): Refusal[] {
  const { agent, client, channel, identity } = situation;
  const found: Refusal[] = [];
  if (agent !== undefined && !MAY_SEND.includes(agent.status))
    found.push({ code: 'SENDER_STATUS', status: agent.status });
  if (client.blocked) found.push({ code: 'CLIENT_BLOCKED' });
  if (identity?.blocked === true) found.push({ code: 'CHANNEL_BLOCKED', by: 'US' });
  if (!channel.enabled) found.push({ code: 'CHANNEL_DISABLED' });
  if (addressOf(situation) === undefined) found.push({ code: 'NO_ADDRESS' });
  return found;
}

/** What a channel offers an agent who wants to write to this client (E4). Times in ms since the epoch. */
export interface Availability {
  address?: string;
  /** Whatever the message: empty means available. */
  refusals: Refusal[];
  /** The instant at which time alone changes the refusals or the compose rules. */
  until?: number;
  /** Under the policy OUTSIDE_WINDOW alone. */
  window?: Window;
  compose: ComposeRules;
}

/** @param holder of the client's active thread, if there is one (R2, R3, A1, A2) */
export function availabilityOf(situation: SendSituation, holder: ThreadHolder | undefined): Availability {
  const { channel } = situation;
  const address = addressOf(situation);
  const window = channel.templatePolicy === 'OUTSIDE_WINDOW' ? windowOf(situation) : undefined;
  const refusals = channelRefusals(situation);
  if (holder !== undefined && claimsThread(channel.type)) refusals.push({ code: 'THREAD_ACTIVE', holder });
  return {
    ...(address !== undefined && { address }),
    refusals,
    ...(window !== undefined && { window }),
    // An open window ends by itself, and with it the freedom to type (A17); nothing else is a matter of time.
    ...(window?.closesAt !== undefined && { until: window.closesAt }),
    compose: composeRules(situation),
  };
}

function composeRules(situation: SendSituation): ComposeRules {
  const { attachments, maxText } = situation.channel;
  const mode = modeOf(situation);
  return {
    mode,
    responseTemplatesAllowed: allowsResponseTemplates(mode),
    attachments: { ...attachments, allowed: attachments.allowed && takesFiles(mode) },
    maxText,
  };
}
