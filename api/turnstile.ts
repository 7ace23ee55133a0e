// A few at a time per key: a crowd at one client waits in its own line, not in everybody's (LIV6). It decides nothing.

export type Turnstile = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** @param width how many of one key are let in at once; the others in the order in which they came */
export function createTurnstile(width: number): Turnstile {
  const lines = new Map<string, { inside: number; waiting: (() => void)[] }>();
  return async (key, work) => {
    const line = lines.get(key) ?? { inside: 0, waiting: [] };
    lines.set(key, line);
    if (line.inside >= width) await new Promise<void>((resolve) => line.waiting.push(resolve));
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
