import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';

export type Http = { Bindings: HttpBindings };

/** The body, or undefined for what is not JSON: then it fails a schema like any other wrong shape. */
export const jsonOf = (c: Context): Promise<unknown> => c.req.json<unknown>().catch(() => undefined);

/** The caller sees its connection break, and learns nothing. */
export function hangUp(c: Context<Http>): Response {
  c.env.incoming.socket.destroy();
  return RESPONSE_ALREADY_SENT;
}
