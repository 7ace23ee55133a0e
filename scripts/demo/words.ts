// What the API answers, as an agent would say it.
import type { ClientChannel, ComposeMode } from '../../domain/contracts/client-channel.js';
import type { HistoryEvent } from '../../domain/contracts/history.js';
import type { Refusal } from '../../domain/contracts/refusal.js';
import { FAILURE_SENTENCES } from '../../domain/failure.js';

const MODES: Record<ComposeMode, string> = {
  TEXT: 'a text',
  TEMPLATE_OPTIONAL: 'a text or a template',
  TEMPLATE_REQUIRED: 'one of the templates',
  HINT: 'a text that equals a registered template',
};

export function channelInWords({ name, available, refusals, until, compose }: ClientChannel): string {
  if (!available) return `${name}: no, ${refusals.map(reasonInWords).join(', and ')}`;
  const files = compose.attachments.allowed ? ', with files' : '';
  return `${name}: yes, with ${MODES[compose.mode]}${files}${until === undefined ? '' : `, until ${until}`}`;
}

function reasonInWords(refusal: Refusal): string {
  switch (refusal.code) {
    case 'SENDER_STATUS':
      return `you are ${refusal.status.toLowerCase()}`;
    case 'CLIENT_BLOCKED':
      return 'the client is blocked';
    case 'CHANNEL_BLOCKED':
      return refusal.by === 'US' ? 'the client is blocked here' : 'the client has blocked us here';
    case 'THREAD_ACTIVE':
      return `${refusal.holder.agentId ?? 'nobody yet'} has an active thread with the client`;
    case 'CHANNEL_DISABLED':
      return 'the channel is switched off';
    case 'NO_ADDRESS':
      return 'the client has no address here';
    default:
      return refusal.code;
  }
}

export function eventInWords(event: HistoryEvent): string {
  switch (event.code) {
    case 'DELIVERY_FAILED':
      return `${event.code}: ${FAILURE_SENTENCES[event.failure.code]}`;
    case 'TRANSFERRED':
      return `${event.code} to ${event.target.kind.toLowerCase()} ${event.target.id}: ${event.comment ?? 'no comment'}`;
    case 'TRANSFER_FAILED':
      return `${event.code}: ${event.target.kind.toLowerCase()} ${event.target.id} (${event.reason})`;
    case 'THREAD_CLOSED':
      return `${event.code} ${event.closeReason}: ${event.reason ?? 'no reason given'}`;
    case 'CLIENT_CLOSED':
      return event.code;
  }
}
