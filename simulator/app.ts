import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { z } from 'zod';
import { complaints } from './complaints.js';
import { type ControlParts, createControl } from './control.js';
import type { Http } from './http.js';
import type { Pulse } from './pulse/pulse.js';

export interface AppParts extends Omit<ControlParts, 'inbound'> {
  pulse: Pulse;
}

export function createApp({ pulse, ...control }: AppParts): Hono<Http> {
  const app = new Hono<Http>();
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.route('/pulse', pulse.provider);
  app.route('/', pulse.control);
  app.route('/', createControl({ ...control, inbound: { PULSE: pulse.receiveInbound } }));

  app.onError((error, c) => {
    if (error instanceof z.ZodError) return c.json({ error: complaints(error).join('; ') }, 400);
    if (error instanceof SyntaxError) return c.json({ error: 'The body is not JSON.' }, 400);
    if (error instanceof HTTPException) return c.json({ error: error.message }, error.status);
    throw error;
  });
  return app;
}
