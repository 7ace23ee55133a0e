// Hands a part to edna Pulse by cascade (WhatsApp, Viber): our reference is its `requestId`, which absorbs a repeat.
import type { Channel, PartContent, PartOrigin, ProviderAnswer } from '../../activities/ports.js';
import type { ChannelType } from '../../domain/contracts/channel.js';
import { failureOf, isOutage, isRepeatedReference, readAnswer } from './failure.js';

export interface PulseSettings {
  baseUrl: string;
  apiKey: string;
  cascadeId: number;
  /** How long Pulse may take to answer, in ms. */
  timeout: number;
}

export const pulseTraits = { isKeyed: true, expectsReceipts: true };

const ANSWER_LIMIT = 1024 * 1024; // bytes

export function createEdnaPulse(type: ChannelType, { baseUrl, apiKey, cascadeId, timeout }: PulseSettings): Channel {
  return {
    ...pulseTraits,
    timeout,
    async deliver(part, reference, origin, isRepeat) {
      try {
        const response = await fetch(`${baseUrl}/api/cascade/schedule`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-api-key': apiKey },
          body: JSON.stringify({
            requestId: reference,
            cascadeId,
            comment: commentOf(origin),
            ...addressed(type, part),
          }),
          redirect: 'manual',
          signal: AbortSignal.timeout(timeout),
        });
        return classify(response, await read(response), reference, isRepeat);
      } catch (error) {
        return neverLeft(error) ? retry('the connection could not be made') : unknown('no answer');
      }
    },
  };
}

/** Comes back in every receipt; under 64 characters. */
const commentOf = ({ sendId, part }: PartOrigin): string => `${sendId}:${part}`;

function addressed(type: ChannelType, { address, message }: PartContent) {
  const content = {
    contentType: 'TEXT',
    ...(message.title !== undefined && { header: { headerType: 'TEXT', text: message.title } }),
    text: message.text,
    ...(message.signature !== undefined && { footer: { text: message.signature } }),
  };
  return {
    subscriberFilter: { address, type: 'PHONE' },
    content: type === 'VIBER' ? { viberContent: content } : { whatsappContent: content },
  };
}

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
  if (status === 408 || status >= 500 || status < 400 || isOutage(answer))
    return { outcome: 'unknown', failure: failureOf(status, answer) };
  if (isRepeatedReference(answer) && isRepeat) return { outcome: 'accepted' };
  return { outcome: 'final', failure: failureOf(status, answer) };
}

/** At most 1 MiB; undefined when the body broke off, since the status line says enough. */
async function read(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > ANSWER_LIMIT) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString('utf8');
}

// Before the first byte of the request: it certainly was not accepted.
const BEFORE_ANY_BYTE =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|EPROTO|ERR_SSL_.*|ERR_TLS_.*|CERT_.*|SELF_SIGNED_.*|DEPTH_ZERO_.*|UNABLE_TO_.*)$/;

function neverLeft(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
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
