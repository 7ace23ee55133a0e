// Every rule of who may be written to, where and with what, asked of one reading of the world.
// The same answer serves a direct send, the wizard and the channel list; only the claim decides R2 (A21).
import { allowsResponseTemplates, takesFiles } from './compose.js';
import type { ComposeRules } from './contracts/client-channel.js';
import type { Refusal } from './contracts/refusal.js';
import type { ThreadHolder } from './contracts/thread.js';
import { actionRefusals, attachmentRefusals, contentRefusals } from './draft.js';
import { maySend } from './sender.js';
import { addressOf, claimsThread, type Draft, modeOf, type SendSituation, windowOf } from './situation.js';
import type { Window } from './window.js';

/**
 * Everything that stands against the send; the first is the answer's code.
 * @param holder of the client's active thread, if another than the send's own is known (R2, R3, A1, A2)
 */
export function findRefusals(situation: SendSituation, draft: Draft, holder?: ThreadHolder): Refusal[] {
  return [
    ...channelRefusals(situation),
    ...contentRefusals(situation, draft.content),
    ...attachmentRefusals(situation, draft.content),
    ...actionRefusals(situation, draft),
    ...threadRefusals(situation, holder),
  ];
}

const threadRefusals = ({ channel }: SendSituation, holder: ThreadHolder | undefined): Refusal[] =>
  holder !== undefined && claimsThread(channel.type) ? [{ code: 'THREAD_ACTIVE', holder }] : [];

function channelRefusals(situation: SendSituation): Refusal[] {
  const { agent, client, channel, identity } = situation;
  const found: Refusal[] = [];
  if (agent !== undefined && !maySend(agent.status)) found.push({ code: 'SENDER_STATUS', status: agent.status });
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

/** An active thread as it was last written down; `closesAt` is when it closes by itself, in ms since the epoch. */
export interface Holding {
  holder: ThreadHolder;
  closesAt?: number;
}

/** @param holding the client's active thread, if there is one (R2, R3, A1, A2) */
export function availabilityOf(situation: SendSituation, holding: Holding | undefined): Availability {
  const { channel } = situation;
  const address = addressOf(situation);
  const window = channel.templatePolicy === 'OUTSIDE_WINDOW' ? windowOf(situation) : undefined;
  const occupied = threadRefusals(situation, holding?.holder);
  const refusals = [...channelRefusals(situation), ...occupied];
  // An open window ends by itself, and with it the freedom to type (A17); so does a thread on which nobody writes.
  const changes = [window?.closesAt, occupied.length > 0 ? holding?.closesAt : undefined].filter(
    (at) => at !== undefined,
  );
  return {
    ...(address !== undefined && { address }),
    refusals,
    ...(window !== undefined && { window }),
    ...(changes.length > 0 && { until: Math.min(...changes) }),
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
