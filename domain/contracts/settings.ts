// Settings of the whole deployment: the bounds of waiting, in seconds. They apply to what starts afterwards.
import { z } from 'zod';

const Seconds = z.int().min(1).max(31_536_000);

export const Settings = z.strictObject({
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
  outgoingWaitingTimeoutSeconds: Seconds.optional(),
  waitingTimeoutSeconds: Seconds.optional(),
  verdictSeconds: Seconds.max(25).optional(),
  dispatchDeadlineSeconds: Seconds.optional(),
  unknownDeadlineSeconds: Seconds.optional(),
  receiptDeadlineSeconds: Seconds.optional(),
});
export type SettingsBody = z.infer<typeof SettingsBody>;
