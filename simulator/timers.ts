/** Delays that end with the simulator: nothing fires after `stop`, and what waits never goes on. */
export interface Timers {
  after(ms: number, task: () => void): void;
  wait(ms: number): Promise<void>;
  stop(): void;
}

export function createTimers(): Timers {
  const pending = new Set<NodeJS.Timeout>();
  let stopped = false;

  function after(ms: number, task: () => void): void {
    if (stopped) return;
    const timer = setTimeout(() => {
      pending.delete(timer);
      task();
    }, ms);
    pending.add(timer);
  }

  return {
    after,
    wait: (ms) => new Promise((resolve) => after(ms, resolve)),
    stop() {
      stopped = true;
      for (const timer of pending) clearTimeout(timer);
      pending.clear();
    },
  };
}
