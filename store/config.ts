// The part of the environment that API, worker and commands share, parsed once with all complaints at once.
import { z } from 'zod';
import { type KeyRing, parseKeyRing } from './sealing.js';

const Ring = z.string().transform((ring, context): KeyRing => {
  try {
    return parseKeyRing(ring);
  } catch (error) {
    context.addIssue(error instanceof Error ? error.message : String(error));
    return z.NEVER;
  }
});

export const BaseEnvironment = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
});

/** With the key ring for what is sealed at rest: `<id>:<base64 of 32 bytes>`, several by commas, the newest first. */
export const SealedEnvironment = BaseEnvironment.extend({ PAYLOAD_KEYS: Ring });

/** @throws with one line for every complaint, e.g. `PORT: expected a whole number` */
export function parseEnvironment<S extends z.ZodType>(schema: S, environment: NodeJS.ProcessEnv): z.infer<S> {
  const { success, data, error } = schema.safeParse(environment);
  if (success) return data;
  throw new Error(error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
}
