// What the processes of the benchmark must agree on.
export const BARE_QUEUE = 'bench-bare';
export const HEAP_QUEUE = 'bench-heap';

/** As worker/config.ts has it by default. */
export const CACHED_WORKFLOWS = 1000;
