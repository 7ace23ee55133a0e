// Judges a race by the harness's log and by what is seen from outside. Pure: it asks nobody and believes no single witness.
import type { Case, Rule } from './case.js';
import { commandsAreCarriedOut, everyOperationEnds, losersAreToldTheHolder, takesAreWonOnce } from './check-answer.js';
import { clientsAreNotForgotten, messagesAreInOrder } from './check-message.js';
import { partsAreSeenOnce, sendsAreAsTold, sendsEnd } from './check-send.js';
import {
  actionsAreAppliedOnce,
  oneActiveThread,
  openersAreTrue,
  rejectionsStayOutOfQueues,
  threadsAreRuns,
} from './check-thread.js';
import { type Evidence, ofClient } from './evidence.js';
import type { Operation } from './log.js';

const rules: Rule[] = [
  everyOperationEnds,
  losersAreToldTheHolder,
  commandsAreCarriedOut,
  takesAreWonOnce,
  oneActiveThread,
  threadsAreRuns,
  openersAreTrue,
  actionsAreAppliedOnce,
  rejectionsStayOutOfQueues,
  messagesAreInOrder,
  clientsAreNotForgotten,
  sendsEnd,
  sendsAreAsTold,
  partsAreSeenOnce,
];

const LAG = 2_000; // ms

/** @param lag how long after a thread its row may follow, in ms */
export const caseOf = (operations: readonly Operation[], evidence: Evidence, clientId: string, lag = LAG): Case => ({
  ...ofClient(evidence, clientId),
  lag,
  operations: operations.filter((operation) => operation.clientId === clientId),
});

/** In words; an empty list is what a correct service earns. */
export function complaintsIn(seen: Case): string[] {
  const { clientId = 'nobody' } = seen.operations[0] ?? {};
  return rules.flatMap((rule) => rule(seen)).map((complaint) => `${clientId}: ${complaint}`);
}
