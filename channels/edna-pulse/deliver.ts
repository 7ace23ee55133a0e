// Hands a part to edna Pulse by cascade (WhatsApp, Viber): our reference is its `requestId`, which absorbs a repeat.
import type { Channel, Files, PartOrigin, ProviderAnswer } from '../../activities/ports.js';
import type { ChannelType } from '../../domain/contracts/channel.js';
import { ask, bodyOf, type PulseAccount } from './ask.js';
import { contentOf } from './content.js';
import { failureOf, isInconclusive, isRepeatedReference, readAnswer } from './failure.js';

export interface PulseSettings extends PulseAccount {
  cascadeId: number;
}

export const pulseTraits = { isKeyed: true, expectsReceipts: true };

const ANSWER_LIMIT = 1024 * 1024; // bytes

export function createEdnaPulse(type: ChannelType, { cascadeId, ...account }: PulseSettings, files: Files): Channel {
  return {
    ...pulseTraits,
    timeout: account.timeout,
    async deliver(part, reference, origin, isRepeat) {
      const request = {
        requestId: reference,
        cascadeId,
        comment: commentOf(origin),
        subscriberFilter: { address: part.address, type: 'PHONE' },
        content: contentOf(type, part, files),
      };
      try {
        const response = await ask(account, '/api/cascade/schedule', request);
        return classify(response, await bodyOf(response, ANSWER_LIMIT), reference, isRepeat);
      } catch (error) {
        return neverLeft(error) ? retry('the connection could not be made') : unknown('no answer');
      }
    },
  };
}

/** Comes back in every receipt; under 64 characters. */
const commentOf = ({ sendId, part }: PartOrigin): string => `${sendId}:${part}`;

function classify(response: Response, body: string | undefined, reference: string, isRepeat: boolean): ProviderAnswer {
  const { status } = response;
  const answer = readAnswer(body);
  if (status >= 200 && status < 300) {
    // A 2xx without our id is still accepted, and matched by our reference; another id is somebody else's answer.
    return answer.requestId === undefined || answer.requestId === reference
      ? { outcome: 'accepted' }
      : unknown(`answered for another request: ${answer.requestId}`);
  }
  if (status === 429) {
    return {
      outcome: 'retry',
      failure: failureOf(status, answer),
      afterMs: retryAfter(response.headers.get('retry-after')),
    };
  }
  if (isInconclusive(status, answer)) return { outcome: 'unknown', failure: failureOf(status, answer) };
  if (isRepeatedReference(answer) && isRepeat) return { outcome: 'accepted' };
  return { outcome: 'final', failure: failureOf(status, answer) };
}

// Before the first byte of the request: it certainly was not accepted.
const BEFORE_ANY_BYTE =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|EPROTO|ERR_SSL_.*|ERR_TLS_.*|CERT_.*|SELF_SIGNED_.*|DEPTH_ZERO_.*|UNABLE_TO_.*)$/;

function neverLeft(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  // No request could be made of our settings: a key that no header takes, a port that fetch forbids.
  if (error instanceof TypeError && (cause === undefined || (cause instanceof Error && cause.message === 'bad port')))
    return true;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
  return BEFORE_ANY_BYTE.test(code);
}

const retry = (detail: string): ProviderAnswer => ({ outcome: 'retry', failure: { code: 'PROVIDER_ERROR', detail } });
const unknown = (detail: string): ProviderAnswer => ({
  outcome: 'unknown',
  failure: { code: 'PROVIDER_ERROR', detail },
});

const SHORTEST_WAIT = 1_000; // ms
const LONGEST_WAIT = 60_000; // ms

/** Seconds or an HTTP date; absurd or absent ones are brought into bounds. */
function retryAfter(header: string | null): number {
  const seconds = Number(header);
  const wait =
    header === null || header === ''
      ? Number.NaN
      : Number.isNaN(seconds)
        ? Date.parse(header) - Date.now()
        : seconds * 1000;
  return Number.isNaN(wait) ? SHORTEST_WAIT : Math.min(LONGEST_WAIT, Math.max(SHORTEST_WAIT, wait));
}
