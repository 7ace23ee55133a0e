// What a story must find; a story that ends otherwise makes the demo fail.
import { setTimeout as pause } from 'node:timers/promises';

export class StoryError extends Error {}

export function must(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new StoryError(otherwise);
}

const DEADLINE = 15_000; // ms

/** Asks until the answer satisfies; `what` is waited for. */
export async function until<T>(what: string, ask: () => Promise<T>, satisfies: (answer: T) => boolean): Promise<T> {
  const giveUpAt = Date.now() + DEADLINE;
  for (;;) {
    const answer = await ask();
    if (satisfies(answer)) return answer;
    must(Date.now() < giveUpAt, `${what} did not happen within ${DEADLINE / 1000} s`);
    await pause(100);
  }
}
