// Where a thread may be handed to (A26): the same rule for the action of a send and for an agent's command.
import type { Refusal } from './contracts/refusal.js';
import type { TransferTarget } from './contracts/thread.js';
import { codePoints } from './text.js';

const COMMENT_LIMIT = 220; // code points; A26

export interface Transfer {
  target: TransferTarget;
  comment?: string | undefined;
}

/**
 * @param by the agent who hands it over, if it is one
 * @param isKnown whether the target exists and is not disabled; an inactive employee is fine, the thread waits
 */
export function transferRefusals(
  { target, comment = '' }: Transfer,
  by: string | undefined,
  isKnown: boolean,
): Refusal[] {
  const isOneself = target.kind === 'EMPLOYEE' && target.id === by;
  return [
    ...(isOneself || !isKnown ? [{ code: 'TRANSFER_TARGET' } as const] : []),
    ...(codePoints(comment) > COMMENT_LIMIT ? [{ code: 'COMMENT_TOO_LONG', max: COMMENT_LIMIT } as const] : []),
  ];
}
