// The API's environment; `TEMPORAL_*` is read by the SDK's own envconfig.
import { z } from 'zod';
import { SealedEnvironment } from '../store/config.js';

export const ApiEnvironment = SealedEnvironment.extend({
  PORT: z.coerce.number().int().min(0).max(65535).default(3000),
  /** The address to listen on; all of them by default. */
  HOST: z.string().default('0.0.0.0'),
});
export type ApiConfig = z.infer<typeof ApiEnvironment>;
