import { randomUUID } from 'node:crypto';
import { closedLoop, now, type Sample } from './closed-loop.js';
import { BARE_QUEUE } from './names.js';
import type { Site } from './site.js';

/** The bare workflow, from the client's start to its result. */
export function runBare({ temporal }: Site, concurrency: number, count: number): Promise<Sample[]> {
  return closedLoop(concurrency, count, async () => {
    const begunAt = now();
    await temporal.workflow.execute('bare', { workflowId: `bare:${randomUUID()}`, taskQueue: BARE_QUEUE });
    const answeredAt = now();
    return { begunAt, answeredAt, doneAt: answeredAt };
  });
}
