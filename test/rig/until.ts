const DEADLINE = 15_000; // ms
const PAUSE = 25; // ms

/** Asks until the answer satisfies, and says what the last answer was when it never did. */
export async function until<T>(
  ask: () => Promise<T>,
  satisfies: (answer: T) => boolean,
  deadline = DEADLINE,
): Promise<T> {
  const giveUpAt = Date.now() + deadline;
  for (;;) {
    const answer = await ask();
    if (satisfies(answer)) return answer;
    if (Date.now() > giveUpAt)
      throw new Error(`not within ${deadline} ms; the last answer was ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}
