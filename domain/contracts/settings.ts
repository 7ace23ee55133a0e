// Settings of the whole deployment: the bounds of waiting, in seconds. They apply to what starts afterwards.
import { z } from 'zod';

const Seconds = z.int().min(1).max(31_536_000);

const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM');

const TimeZone = z.string().refine((name) => {
  try {
    Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}, 'must be a time zone of the IANA database, e.g. Europe/Skopje');

/** When the chat center works; `day` is 1 (Monday) to 7. Without it the chat center never closes. */
const WorkingHours = z.strictObject({
  timeZone: TimeZone,
  days: z
    .array(
      z
        .strictObject({ day: z.int().min(1).max(7), from: TimeOfDay, to: TimeOfDay })
        .refine(({ from, to }) => from < to, { path: ['to'], message: 'must be later than from' }),
    )
    .min(1)
    .max(21),
});

export const Settings = z.strictObject({
  workingHours: WorkingHours.nullable().default(null),
  /** A wizard that nobody touches expires after this (E1). Default 24 h. */
  wizardIdleSeconds: Seconds.default(86_400),
  /** A thread with agent messages alone closes after this silence. Default 24 h. */
  outgoingWaitingTimeoutSeconds: Seconds.default(86_400),
  /** A thread in which the client has written closes after this silence. Default 24 h. */
  waitingTimeoutSeconds: Seconds.default(86_400),
  /** How long a caller waits before the verdict is QUEUED. Default 5 s. */
  verdictSeconds: Seconds.max(25).default(5),
  /** How long a provider is tried (A32). Default 15 min. */
  dispatchDeadlineSeconds: Seconds.default(900),
  /** How long an unknown outcome is reconciled before it is unconfirmed (A32). Default 15 min. */
  unknownDeadlineSeconds: Seconds.default(900),
  /** How long a receipt is waited for. Default 30 days, as long as WhatsApp keeps a message. */
  receiptDeadlineSeconds: Seconds.default(2_592_000),
});
export type Settings = z.infer<typeof Settings>;

/** The body of `PUT /v1/settings`: absent ones keep their value. */
export const SettingsBody = z.strictObject({
  workingHours: WorkingHours.nullable().optional(),
  wizardIdleSeconds: Seconds.optional(),
  outgoingWaitingTimeoutSeconds: Seconds.optional(),
  waitingTimeoutSeconds: Seconds.optional(),
  verdictSeconds: Seconds.max(25).optional(),
  dispatchDeadlineSeconds: Seconds.optional(),
  unknownDeadlineSeconds: Seconds.optional(),
  receiptDeadlineSeconds: Seconds.optional(),
});
export type SettingsBody = z.infer<typeof SettingsBody>;
