import { runBare } from './bare-send.js';
import type { Sample } from './closed-loop.js';
import { type MeasuredSend, readSends, runSends } from './full-send.js';
import { cpuBetween, readCpuTimes, type Role, ROLES } from './processes.js';
import type { Site } from './site.js';
import { sum } from './statistics.js';

export type Variant = 'bare' | 'send';

/** Some runs of one variant at one concurrency. */
export interface Step {
  variant: Variant;
  concurrency: number;
  samples: Sample[];
  /** Of full sends alone. */
  sends: MeasuredSend[];
  /** From the first request until the last one was done, in ms. */
  ms: number;
  /** In ms. */
  cpu: Record<Role, number>;
  /** The share of the machine that other programs took. */
  others: number;
}

export async function runStep(site: Site, variant: Variant, concurrency: number, count: number): Promise<Step> {
  if (variant === 'bare') {
    const { result: samples, ...used } = await metered(() => runBare(site, concurrency, count));
    return { variant, concurrency, samples, sends: [], ms: lengthOf(samples), ...used };
  }
  const { result: asked, ...used } = await metered(() => runSends(site, concurrency, count));
  const sends = await readSends(site, asked);
  return { variant, concurrency, samples: sends, sends, ms: lengthOf(sends), ...used };
}

async function metered<T>(work: () => Promise<T>): Promise<{ result: T } & Pick<Step, 'cpu' | 'others'>> {
  const before = readCpuTimes();
  const result = await work();
  const { perRole: cpu, others } = cpuBetween(before, readCpuTimes());
  return { result, cpu, others };
}

const lengthOf = (samples: readonly Sample[]): number =>
  Math.max(...samples.map(({ doneAt }) => doneAt)) - Math.min(...samples.map(({ begunAt }) => begunAt));

/** The same step of several rounds as one. */
export function merged(steps: readonly Step[]): Step {
  const [first] = steps;
  if (first === undefined) throw new Error('no steps to merge');
  const cpu = Object.fromEntries(ROLES.map((role) => [role, sum(steps.map((step) => step.cpu[role]))]));
  return {
    ...first,
    samples: steps.flatMap(({ samples }) => samples),
    sends: steps.flatMap(({ sends }) => sends),
    ms: sum(steps.map(({ ms }) => ms)),
    cpu: cpu as Record<Role, number>,
    others: sum(steps.map(({ others }) => others)) / steps.length,
  };
}

export const perSecond = ({ ms, samples }: Step): number => (samples.length / ms) * 1000;
