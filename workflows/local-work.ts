import type { LocalActivityOptions } from '@temporalio/workflow';

/**
 * Database work and the claim: one marker each. Repeated until the database or Temporal is back, since giving up would
 * end the run; waits of 10 s and more become timers, so that a long outage costs no failing tasks.
 */
export const localWork: LocalActivityOptions = {
  startToCloseTimeout: '5 seconds',
  scheduleToCloseTimeout: '30 days',
  localRetryThreshold: '10 seconds',
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '30 seconds' },
};
