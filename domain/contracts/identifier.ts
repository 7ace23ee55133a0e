// What every id and every instant of the contract looks like.
import { z } from 'zod';

/** 1 to 64 of `A-Z a-z 0-9 _ -`; chosen by the caller of a `PUT`, else a UUID. Carries no personal data. */
export const Id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 of A-Z a-z 0-9 _ -');

/** RFC 3339 in UTC with milliseconds, e.g. `2026-11-24T09:13:00.000Z`. */
export const Instant = z.iso.datetime({ precision: 3 });

/** As {@link Instant}, but any RFC 3339 instant of the years 1 to 9999 is taken, whatever its offset, and read as UTC. */
export const AnyInstant = z.iso
  .datetime({ offset: true })
  .refine((value) => /^(?!0000)\d{4}-/.test(inUtc(value) ?? ''), 'must be an instant of the years 1 to 9999')
  .overwrite((value) => inUtc(value) ?? value);

/** Undefined for a day or second that no calendar has. */
function inUtc(value: string): string | undefined {
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

/** Text of at most so many code points; without NUL and half surrogate pairs, which PostgreSQL cannot keep. */
export const text = (max: number) =>
  z
    .string()
    .max(max)
    .refine((value) => !/\0|\p{Surrogate}/u.test(value), 'must not contain NUL or half a surrogate pair');

/** One line of text: no control characters. */
export const oneLine = (max: number) =>
  text(max).regex(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$/, 'must be one line without control characters');

/** Of a provider or bot, set by operators: any host, also plain http. */
export const BaseUrl = z
  .url({ protocol: /^https?$/ })
  .max(500)
  .refine((url) => /^[\x21-\x7e]+$/.test(url), 'must be visible ASCII');

/** A name or the like: 1 to 255 code points after trim, one line. */
export const Label = oneLine(255).trim().min(1);
