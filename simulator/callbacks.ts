import { statusOf } from './ask.js';
import type { WebhookHeader } from './config.js';
import type { Timers } from './timers.js';

interface CallbackTarget {
  /** Absent as long as nobody has registered one. */
  url: string | undefined;
  key: string;
}

interface CallbackCounts {
  /** Answered with 200. */
  sent: number;
  /** Attempts that were answered otherwise, or not at all. */
  failed: number;
  /** Never tried, since no address was registered. */
  dropped: number;
}

export interface Callbacks {
  /** One attempt; the HTTP status of the answer, null if there was none. */
  post(target: CallbackTarget, body: unknown): Promise<number | null>;
  /** Resolves after the first attempt; the repeats run in the background. */
  deliver(target: CallbackTarget, body: unknown): Promise<void>;
  counts(): CallbackCounts;
}

export interface CallbackSettings {
  header: WebhookHeader;
  /** Pauses between the attempts, in ms; after the last one the callback is lost. */
  retryDelaysMs: readonly number[];
  timers: Timers;
}

export function createCallbacks({ header, retryDelaysMs, timers }: CallbackSettings): Callbacks {
  const counts: CallbackCounts = { sent: 0, failed: 0, dropped: 0 };

  async function post(target: CallbackTarget, body: unknown): Promise<number | null> {
    if (target.url === undefined) {
      counts.dropped++;
      return null;
    }
    const credentials = header === 'Authorization' ? `Token ${target.key}` : target.key;
    const headers = { 'Content-Type': 'application/json', [header]: credentials };
    const status = await statusOf(target.url, { method: 'POST', headers, body: JSON.stringify(body) });
    counts[status === 200 ? 'sent' : 'failed']++;
    return status;
  }

  async function attempt(target: CallbackTarget, body: unknown, pauses: readonly number[]): Promise<void> {
    if ((await post(target, body)) === 200) return;
    const [pause, ...later] = pauses;
    if (pause !== undefined) timers.after(pause, () => void attempt(target, body, later));
  }

  return {
    post,
    deliver: (target, body) => attempt(target, body, target.url === undefined ? [] : retryDelaysMs),
    counts: () => ({ ...counts }),
  };
}
