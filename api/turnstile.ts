// A few at a time per key: a crowd at one client waits in its own line, not in everybody's (LIV6). It decides nothing.
import { ProblemError } from './problem.js';

export type Turnstile = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/**
 * @param width how many of one key are let in at once; the others in the order in which they came
 * @param patience how long they wait in their line, in ms; then it is UNAVAILABLE, and nothing has been begun
 */
export function createTurnstile(width: number, patience: number): Turnstile {
  const lines = new Map<string, { inside: number; waiting: (() => void)[] }>();
  return async (key, work) => {
    const line = lines.get(key) ?? { inside: 0, waiting: [] };
    lines.set(key, line);
    if (line.inside >= width) await inLine(line.waiting, patience);
    else line.inside += 1;
    try {
      return await work();
    } finally {
      const next = line.waiting.shift(); // takes over our place
      if (next === undefined) line.inside -= 1;
      else next();
      if (line.inside === 0) lines.delete(key);
    }
  };
}

/** Until somebody inside hands over their place. */
function inLine(waiting: (() => void)[], patience: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const enter = () => {
      clearTimeout(late);
      resolve();
    };
    const late = setTimeout(() => {
      waiting.splice(waiting.indexOf(enter), 1);
      reject(new ProblemError('UNAVAILABLE', 'too many at once write to this client; ask again under the same key'));
    }, patience);
    waiting.push(enter);
  });
}
