// A bot's program: told of a thread by one POST. Its address is set by operators; redirects are not followed.
import type { CallBot } from '../activities/ports.js';

/** @param timeout of one call, in ms */
export const createBotCall =
  (timeout: number): CallBot =>
  async (url, task, idempotencyKey) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
      body: JSON.stringify(task),
      redirect: 'manual',
      signal: AbortSignal.timeout(timeout),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the bot answers ${response.status}`);
  };
