import { ProblemError } from './problem.js';

/** Of a JSON body, in bytes (SEC11). */
export const JSON_LIMIT = 1024 * 1024;

/** Of one uploaded file, in bytes: the largest that any channel takes. */
export const UPLOAD_LIMIT = 100 * 1024 * 1024;

export function bodyTooLarge(): never {
  throw new ProblemError('BODY_TOO_LARGE', 'the body is larger than this address takes');
}
