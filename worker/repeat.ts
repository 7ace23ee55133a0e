import { setTimeout as pause } from 'node:timers/promises';

export interface Repeated {
  /** Answers how much there was to do. */
  work: () => Promise<number>;
  /** In ms, when there was nothing to do. */
  idlePause: number;
  onFault: (error: unknown) => void;
}

const FAULT_PAUSE = 1_000; // ms

/** Does the work again and again until told to stop; a fault is told and waited out. */
export async function repeatUntil(stopped: AbortSignal, { work, idlePause, onFault }: Repeated): Promise<void> {
  while (!stopped.aborted) {
    try {
      if ((await work()) === 0) await pauseUnless(stopped, idlePause);
    } catch (error) {
      onFault(error);
      await pauseUnless(stopped, FAULT_PAUSE);
    }
  }
}

const pauseUnless = (signal: AbortSignal, ms: number): Promise<void> =>
  pause(ms, undefined, { signal }).catch(() => {});
