// What every id and every instant of the contract looks like.
import { z } from 'zod';

/** 1 to 64 of `A-Z a-z 0-9 _ -`; chosen by the caller of a `PUT`, else a UUID. Carries no personal data. */
export const Id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 of A-Z a-z 0-9 _ -');

/** RFC 3339 in UTC with milliseconds, e.g. `2026-11-24T09:13:00.000Z`. */
export const Instant = z.iso.datetime({ precision: 3 });

/** As {@link Instant}, but any RFC 3339 instant with an offset is taken. */
export const AnyInstant = z.iso.datetime({ offset: true });

/** Free text without control characters, e.g. a name; 1 to 255 code points. */
export const Label = z
  .string()
  .trim()
  .min(1)
  .max(255)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: refusing them is the purpose
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'must not contain control characters');
