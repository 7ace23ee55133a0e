import { Hono } from 'hono';
import { z } from 'zod';
import type { Calls } from './calls.js';
import type { Callbacks } from './callbacks.js';
import { Faults, type FaultSwitch, noFaults } from './faults.js';
import type { Http } from './http.js';
import { type Ledger, LedgerFilter } from './ledger.js';

/**
 * Makes a client write through the provider; the body is parsed by the provider that it names.
 * @param origin where the simulator was reached
 */
export type ReceiveInbound = (body: unknown, origin: string) => Promise<object>;

export interface ControlParts {
  ledger: Ledger;
  calls: Calls;
  callbacks: Callbacks;
  faults: FaultSwitch;
  /** By the name of the provider. */
  inbound: Record<string, ReceiveInbound>;
}

/** The routes by which a test or a person looks at the simulator and steers it. */
export function createControl({ ledger, calls, callbacks, faults, inbound }: ControlParts): Hono<Http> {
  const routes = new Hono<Http>();
  const Inbound = z.looseObject({ provider: z.enum(Object.keys(inbound)) });
  const Key = z.object({ key: z.string().min(1) });

  routes.get('/_ledger', (c) => c.json({ items: ledger.list(LedgerFilter.parse(c.req.query())) }));
  routes.delete('/_ledger', (c) => {
    ledger.clear();
    return c.body(null, 204);
  });

  routes.post('/_inbound', async (c) => {
    const body = Inbound.parse(await c.req.json());
    return c.json(await inbound[body.provider]?.(body, new URL(c.req.url).origin));
  });

  routes.get('/_faults', (c) => c.json(faults.current));
  routes.put('/_faults', async (c) => {
    faults.current = Faults.parse(await c.req.json());
    return c.json(faults.current);
  });
  routes.delete('/_faults', (c) => {
    faults.current = noFaults();
    return c.body(null, 204);
  });

  routes.get('/_stats', (c) => c.json({ calls: calls.perProvider(), callbacks: callbacks.counts() }));
  routes.get('/_calls', (c) => c.json({ count: calls.ofKey(Key.parse(c.req.query()).key) }));
  return routes;
}
