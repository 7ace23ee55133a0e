// The worker's environment; `TEMPORAL_*` is read by the SDK's own envconfig.
import { z } from 'zod';
import { SealedEnvironment } from '../store/config.js';

export const WorkerEnvironment = SealedEnvironment.extend({
  /** How long a provider may take to answer one call, in s. */
  PROVIDER_TIMEOUT_SECONDS: z.coerce.number().min(1).max(300).default(30),
  /** How long a mail server may stay silent, the wait after the final dot included, in s. */
  MAIL_TIMEOUT_SECONDS: z.coerce.number().min(1).max(900).default(600),
  /** Where providers reach the API from outside, without a slash at the end; they fetch attachments from there. */
  PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .default('http://127.0.0.1:3000')
    .transform((url) => url.replace(/\/+$/, '')),
  /** A file made by a release build; without it the workflows are bundled at start. */
  WORKFLOW_BUNDLE: z.string().optional(),
  /** Workflow runs kept in memory; about 240 KB each. */
  MAX_CACHED_WORKFLOWS: z.coerce.number().int().min(0).max(100_000).default(1000),
});
export type WorkerConfig = z.infer<typeof WorkerEnvironment>;
