// The figures that the steps come to.
import type { CrowdLine } from './crowd.js';
import type { HeapLine } from './heap.js';
import type { SearchLine } from './search.js';
import { median, percentile, sum } from './statistics.js';
import { merged, perSecond, type Step, type Variant } from './step.js';

export const CONCURRENCIES = [1, 8, 32] as const;
const IDLE = 1;
const BUSY = 32;

export const TARGETS = { throughputRatio: 0.3, verdictP50Ratio: 3, searchP95Ms: 50, crowdP50Ratio: 2 } as const;

/** Printed as JSON; read by programs: add, never rename. */
export interface Figures {
  /** Full sends a second over bare workflows a second, at concurrency 32. */
  throughputRatio: number;
  /** Idle verdict over idle bare workflow, medians at concurrency 1. */
  verdictP50Ratio: number;
  bareP50Ms: number;
  verdictP50Ms: number;
  verdictP99Ms: number;
  sendsPerSecond: number;
  sendEvents: number;
  threadEvents: number;
  sendTasks: number;
  /** Of an open thread. */
  heapKbPerCachedRun: number;
  /** Over HTTP, in a directory of 100,000 clients. */
  searchP95Ms: number;
  /** A send to another client while 1,000 crowd at one, over its usual time; medians. */
  crowdP50Ratio: number;
}

export type Rounds = readonly Step[];

const stepsOf = (steps: Rounds, variant: Variant, concurrency: number): Step[] =>
  steps.filter((step) => step.variant === variant && step.concurrency === concurrency);
export const stepOf = (steps: Rounds, variant: Variant, concurrency: number): Step =>
  merged(stepsOf(steps, variant, concurrency));

export const verdicts = ({ samples }: Step): number[] => samples.map(({ answeredAt, begunAt }) => answeredAt - begunAt);
export const completions = ({ samples }: Step): number[] => samples.map(({ doneAt, begunAt }) => doneAt - begunAt);

/** The ratio at concurrency 32 of each round on its own: how far they lie apart is the noise. */
export function ratiosPerRound(steps: Rounds): number[] {
  const bare = stepsOf(steps, 'bare', BUSY);
  return stepsOf(steps, 'send', BUSY).map((send, index) => perSecond(send) / perSecond(bare[index] ?? send));
}

const cpuPerRun = ({ cpu, samples }: Step): number => sum(Object.values(cpu)) / samples.length;

/** What the throughput ratio comes to on a machine that is ours alone and busy; other programs hardly disturb it. */
export const cpuRatio = (steps: Rounds): number =>
  cpuPerRun(stepOf(steps, 'bare', BUSY)) / cpuPerRun(stepOf(steps, 'send', BUSY));

export function figuresOf(steps: Rounds, heap: HeapLine, crowd: CrowdLine, search: SearchLine): Figures {
  const [bare, send] = [stepOf(steps, 'bare', IDLE), stepOf(steps, 'send', IDLE)];
  const busySend = stepOf(steps, 'send', BUSY);
  const bareP50Ms = median(verdicts(bare));
  const verdictP50Ms = median(verdicts(send));
  return {
    throughputRatio: round(perSecond(busySend) / perSecond(stepOf(steps, 'bare', BUSY)), 3),
    verdictP50Ratio: round(verdictP50Ms / bareP50Ms, 2),
    bareP50Ms: round(bareP50Ms, 1),
    verdictP50Ms: round(verdictP50Ms, 1),
    verdictP99Ms: round(percentile(verdicts(send), 0.99), 1),
    sendsPerSecond: round(perSecond(busySend), 1),
    sendEvents: median(send.sends.map(({ run }) => run.events)),
    threadEvents: median(send.sends.map(({ thread }) => thread.events)),
    sendTasks: median(send.sends.map(({ run }) => run.tasks)),
    heapKbPerCachedRun: round(heap.thread.heapKb, 1),
    searchP95Ms: round(search.p95, 1),
    crowdP50Ratio: round(crowd.during.p50 / crowd.usual.p50, 2),
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
