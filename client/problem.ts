import { Problem } from '../domain/contracts/problem.js';

/** What the API answered instead of a result; branch on `problem.code`, never on the message. */
export class ProblemError extends Error {
  readonly problem: Problem;
  /** When the API said when to come back, in ms. */
  readonly retryAfter: number | undefined;

  constructor(problem: Problem, retryAfter: number | undefined) {
    super(`${problem.code}: ${problem.detail}`);
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}

export async function problemOf(response: Response): Promise<ProblemError> {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  const body: unknown = await response.json().catch(() => undefined);
  const { success, data } = Problem.safeParse(body);
  const problem = success ? data : unexpected(response);
  return new ProblemError(problem, Number.isNaN(seconds) ? undefined : seconds * 1000);
}

const unexpected = ({ status, statusText }: Response): Problem => ({
  type: 'about:blank',
  title: statusText,
  status,
  detail: 'the answer is not one of this API; is the address right?',
  code: 'UNEXPECTED_ANSWER',
  requestId: '',
});
