// What is thrown below a route, sorted into what a caller may know: bad input, a part that is away, or our own fault.
import { isGrpcServiceError } from '@temporalio/client';
import { HTTPException } from 'hono/http-exception';
import { SecretMissingError } from '../store/channel.js';
import { isDatabaseAway } from '../store/database.js';
import { invalid, ProblemError } from './problem.js';

export function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof HTTPException) return ofHttp(error);
  if (isTemporalAway(error))
    return new ProblemError('UNAVAILABLE', 'Temporal is away; ask again', { part: 'temporal' });
  if (error instanceof SecretMissingError) return new ProblemError('UNAVAILABLE', error.message, { part: 'secret' });
  if (isDatabaseAway(error))
    return new ProblemError('UNAVAILABLE', 'PostgreSQL is away; ask again', { part: 'postgresql' });
  return new ProblemError('INTERNAL_ERROR', 'the request id tells us more');
}

/** The validators' own exceptions: a body that is not JSON, or of another media type. */
function ofHttp({ status, message }: HTTPException): ProblemError {
  switch (status) {
    case 400:
      return invalid([{ path: '', message }]);
    case 415:
      return new ProblemError('UNSUPPORTED_MEDIA_TYPE', 'the body must be application/json');
    default:
      return new ProblemError('INTERNAL_ERROR', 'the request id tells us more');
  }
}

// gRPC: DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, FAILED_PRECONDITION (a task of the run failed), UNAVAILABLE.
const COMES_BACK = [4, 8, 9, 14];

function isTemporalAway(error: unknown): boolean {
  if (isGrpcServiceError(error)) return COMES_BACK.includes(error.code);
  const cause = error instanceof Error ? error.cause : undefined;
  return cause !== undefined && isTemporalAway(cause);
}
