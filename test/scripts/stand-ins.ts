import { fileURLToPath } from 'node:url';
import type { Programs } from '../../scripts/stack.js';

const file = fileURLToPath(new URL('./fixtures/program.mjs', import.meta.url));

/** Programs that behave like ours but do nothing. */
export const standIns = (changes: Partial<Programs> = {}): Programs => ({
  migrate: [file, 'migrate'],
  simulator: [file, 'simulator'],
  worker: [file, 'worker'],
  api: [file, 'api'],
  ...changes,
});

/** A program that fails with the words `no tables today`. */
export const failing: Programs['migrate'] = [file, 'fails'];
