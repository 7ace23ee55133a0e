import { createMiddleware } from 'hono/factory';
import { z } from 'zod';
import { type Http, hangUp } from './http.js';
import type { Timers } from './timers.js';

const delay = (ms: number) => z.int().min(0).max(3_600_000).default(ms);

/** What is switched on against every message, whatever its number scripts. All delays in ms. */
export const Faults = z.strictObject({
  /** Waits this long before every provider answer. */
  latencyMs: delay(0),
  /** Counted from the answer; `failed` is the lag of a failure behind its `delivered`, or of a `read` behind both. */
  receiptDelaysMs: z
    .strictObject({ sent: delay(60), delivered: delay(150), read: delay(400), failed: delay(1000) })
    .prefault({}),
  /** Replaces the answer to a send; a send that is refused anyway keeps its refusal. */
  answer: z.enum(['GARBAGE', 'EMPTY', 'CLOSE', 'HTML', 'STATUS_500', 'REDIRECT']).nullable().default(null),
});
export type Faults = z.infer<typeof Faults>;
export type ReceiptDelays = Faults['receiptDelaysMs'];

export interface FaultSwitch {
  current: Faults;
}

export const noFaults = (): Faults => Faults.parse({});

export const delayAnswer = (faults: FaultSwitch, timers: Timers) =>
  createMiddleware<Http>(async (_c, next) => {
    if (faults.current.latencyMs > 0) await timers.wait(faults.current.latencyMs);
    await next();
  });

export const spoilAnswer = (faults: FaultSwitch) =>
  createMiddleware<Http>(async (c, next) => {
    const { answer } = faults.current;
    if (answer === 'STATUS_500') return c.body(null, 500);
    if (answer === 'REDIRECT') return c.redirect('https://elsewhere.example/', 307);
    await next();
    if (c.res.status !== 200) return;
    switch (answer) {
      case null:
        return;
      case 'GARBAGE':
        c.res = new Response('{"requestId":"\u0000\ufffd', { headers: { 'Content-Type': 'application/json' } });
        return;
      case 'EMPTY':
        c.res = new Response(null, { status: 200 });
        return;
      case 'HTML':
        c.res = new Response('<html><body>Welcome</body></html>', { headers: { 'Content-Type': 'text/html' } });
        return;
      case 'CLOSE':
        c.res = hangUp(c);
        return;
    }
  });
