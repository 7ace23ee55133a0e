import type { Context } from 'hono';
import type { Http } from '../http.js';

/** Pulse's own "no": the title is the code that integrations branch on. */
export interface PulseRefusal {
  title: string;
  detail: string;
}

export function refuse(c: Context<Http>, { title, detail }: PulseRefusal, status: 400 | 401 | 404 = 400): Response {
  return c.json({ title, status, detail }, status);
}
