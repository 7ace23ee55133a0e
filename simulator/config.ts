import { z } from 'zod';
import { complaints } from './complaints.js';

const got = (issue: { input?: unknown }) => `got ${JSON.stringify(issue.input)}`;

const port = z
  .string()
  .refine((text) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535, {
    error: (issue) => `expected a whole number from 0 to 65535, ${got(issue)}`,
  })
  .transform(Number);

const factor = z
  .string()
  .refine((text) => Number(text) > 0 && Number(text) <= 1, {
    error: (issue) => `expected a number above 0 and up to 1, ${got(issue)}`,
  })
  .transform(Number);

const filled = z.string().refine((text) => text.trim() !== '', { error: 'expected a value, got ""' });

const key = z.string().regex(/^[\x21-\x7e]+$/, { error: 'expected visible ASCII characters without spaces' });

const WebhookHeader = z.enum(['X-API-KEY', 'Authorization'], {
  error: (issue) => `expected X-API-KEY or Authorization, ${got(issue)}`,
});
export type WebhookHeader = z.infer<typeof WebhookHeader>;

const Environment = z.object({
  SIMULATOR_HOST: filled.default('127.0.0.1'),
  SIMULATOR_PORT: port.default(3100),
  SIMULATOR_SMTP_PORT: port.default(3125),
  SIMULATOR_WEBHOOK_KEY: key.default('simulator-webhook-key'),
  SIMULATOR_WEBHOOK_HEADER: WebhookHeader.default('X-API-KEY'),
  SIMULATOR_CALLBACK_SCALE: factor.default(1),
});

export interface Settings {
  host: string;
  /** 0 takes a free port. */
  port: number;
  smtpPort: number;
  webhookKey: string;
  webhookHeader: WebhookHeader;
  /** Pauses before a callback is repeated, in ms. */
  callbackRetriesMs: readonly number[];
  /** How long a silent Pulse keeps the caller waiting, in ms; above the 30 s that a caller grants. */
  pulseSilenceMs: number;
  /** How long a silent mail server keeps the connection after the final dot, in ms. */
  smtpSilenceMs: number;
}

const CALLBACK_RETRIES = [4_000, 128_000, 2_048_000]; // ms, Pulse

export type ParsedSettings = { settings: Settings } | { problems: string[] };

/** All problems at once, each a line that names its variable. */
export function parseSettings(environment: Record<string, string | undefined>): ParsedSettings {
  const parsed = Environment.safeParse(environment);
  if (!parsed.success) {
    return { problems: complaints(parsed.error) };
  }
  const { data } = parsed;
  return {
    settings: {
      host: data.SIMULATOR_HOST,
      port: data.SIMULATOR_PORT,
      smtpPort: data.SIMULATOR_SMTP_PORT,
      webhookKey: data.SIMULATOR_WEBHOOK_KEY,
      webhookHeader: data.SIMULATOR_WEBHOOK_HEADER,
      callbackRetriesMs: CALLBACK_RETRIES.map((ms) => ms * data.SIMULATOR_CALLBACK_SCALE),
      pulseSilenceMs: 35_000,
      smtpSilenceMs: 60_000,
    },
  };
}
