import type { Context } from 'hono';
import { z } from 'zod';
import { statusOf } from '../ask.js';
import { type Http, jsonOf } from '../http.js';
import { CallbackUrl, type Subjects } from './subjects.js';

const URL_LIMIT = 500; // characters

const CallbackSet = z.looseObject({
  subjectId: z.int(),
  ...Object.fromEntries(CallbackUrl.options.map((name) => [name, z.string().nullish()])),
});

/** Registers the addresses that callbacks go to; unlike Pulse it takes plain http and asks each address only once. */
export const createCallbackSet =
  (subjects: Subjects) =>
  async (c: Context<Http>): Promise<Response> => {
    const refuseWith = (code: string) => c.json({ code }, 400);
    const parsed = CallbackSet.safeParse(await jsonOf(c));
    if (!parsed.success) return refuseWith('error-syntax');

    const subject = subjects.find(parsed.data.subjectId);
    if (!subject) return refuseWith('error-subject-unknown');
    const urls = CallbackUrl.options.flatMap((name) => {
      const url = parsed.data[name];
      return typeof url === 'string' && url !== '' ? [[name, url] as const] : [];
    });
    if (urls.length === 0) return refuseWith('url-not-specified');
    if (urls.some(([, url]) => url.length > URL_LIMIT)) return refuseWith('error-callback-url-max-length');

    const asked = [...new Set(urls.map(([, url]) => url))].map((url) => statusOf(url, { method: 'HEAD' }));
    if ((await Promise.all(asked)).some((status) => status !== 200)) {
      return refuseWith('error-callback-url-not-available');
    }
    Object.assign(subject.callbackUrls, Object.fromEntries(urls));
    return c.json({ code: 'ok' });
  };
