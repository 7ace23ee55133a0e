/** One thing that was measured, in ms since the epoch. */
export interface Sample {
  begunAt: number;
  /** When the caller had the answer. */
  answeredAt: number;
  /** When nothing was left to do. */
  doneAt: number;
}

/** In ms, finer than Date.now() and on the same clock as the servers. */
export const now = (): number => performance.timeOrigin + performance.now();

/** Asks `count` times, never more than `concurrency` at once; each asker goes on as soon as it is answered. */
export async function closedLoop<T>(concurrency: number, count: number, ask: () => Promise<T>): Promise<T[]> {
  const answers: T[] = [];
  let asked = 0;
  const asker = async (): Promise<void> => {
    while (asked < count) {
      asked += 1;
      answers.push(await ask());
    }
  };
  await Promise.all(Array.from({ length: concurrency }, asker));
  return answers;
}
