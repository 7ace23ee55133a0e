// What people read.
import { anatomyOf } from './anatomy.js';
import { CROWD, type CrowdLine } from './crowd.js';
import {
  CONCURRENCIES,
  completions,
  cpuRatio,
  type Figures,
  type Rounds,
  ratiosPerRound,
  stepOf,
  TARGETS,
  verdicts,
} from './figures.js';
import { type HeapLine, RUNS_KEPT } from './heap.js';
import { ROLES } from './processes.js';
import { DELIVERED_AFTER } from './receipts.js';
import { CLIENTS, type SearchLine } from './search.js';
import { percentile, sum } from './statistics.js';
import { perSecond, type Step } from './step.js';
import { table } from './table.js';

export function report(steps: Rounds, figures: Figures, heap: HeapLine, crowd: CrowdLine, search: SearchLine): string {
  const merged = CONCURRENCIES.flatMap((concurrency) => [
    stepOf(steps, 'bare', concurrency),
    stepOf(steps, 'send', concurrency),
  ]);
  const idle = stepOf(steps, 'send', CONCURRENCIES[0]);
  return [
    table(TIMES, merged.map(timesOf)),
    `verdict: start to result (bare), request to HTTP answer (send); done: send delivered and thread closed.\nThe provider reports the delivery ${DELIVERED_AFTER} ms after its answer.`,
    table(['CPU ms per run', 'at once', ...ROLES, 'all', 'other programs'], merged.map(cpuOf)),
    'Each process with its children; other programs: their share of this machine meanwhile.',
    table(['what a send writes, mean', 'events', 'tasks'], historyRows(steps)),
    table(['where its verdict takes its time', 'ms (p50)'], stretches(idle)),
    table([`held by an open run (${RUNS_KEPT} each)`, 'heap KB', 'RSS KB'], heapRows(heap)),
    table([`${CROWD} sends at once to one client`, ''], crowdRows(crowd)),
    table([`search over HTTP, ${CLIENTS} clients`, 'ms'], searchRows(search)),
    table(['ratio', 'measured', 'target', ''], ratios(steps, figures)),
    ...noise(steps),
  ].join('\n\n');
}

const QUIET = 0.1; // the share of the machine that other programs may take before times are worth little

function noise(steps: Rounds): string[] {
  const most = Math.max(...steps.map(({ others }) => others));
  if (most <= QUIET) return [];
  return [
    `Noisy: other programs took up to ${(most * 100).toFixed(0)} % of this machine. CPU, events and tasks hold; repeat the rest.`,
  ];
}

const TIMES = ['variant', 'at once', 'runs', 'done/s', 'verdict p50', 'p95', 'p99', 'done p50', 'p95', 'p99'];

const ms = (value: number): string => value.toFixed(value < 100 ? 1 : 0);
const spread = (values: number[]): string[] => [0.5, 0.95, 0.99].map((share) => ms(percentile(values, share)));

function timesOf(step: Step): string[] {
  const { concurrency, samples, variant } = step;
  const rate = perSecond(step).toFixed(1);
  return [
    variant,
    `${concurrency}`,
    `${samples.length}`,
    rate,
    ...spread(verdicts(step)),
    ...spread(completions(step)),
  ];
}

function cpuOf({ concurrency, cpu, others, samples, variant }: Step): string[] {
  const perRun = ROLES.map((role) => cpu[role] / samples.length);
  const shown = [...perRun, sum(perRun)].map((value) => (value === 0 ? '-' : value.toFixed(1)));
  return [variant, `${concurrency}`, ...shown, `${(others * 100).toFixed(0)} %`];
}

const stretches = (idle: Step): string[][] => {
  const parts = anatomyOf(idle.sends);
  return [...parts, ['sum of the medians', sum(parts.map(([, length]) => length))] as const].map(([name, length]) => [
    name,
    length.toFixed(1),
  ]);
};

function historyRows(steps: Rounds): string[][] {
  const rows = CONCURRENCIES.map((concurrency) => stepOf(steps, 'send', concurrency).sends);
  const mean = (values: number[]) => (sum(values) / values.length).toFixed(1);
  return rows.flatMap((sends, index) => {
    const at = `at concurrency ${CONCURRENCIES[index]}`;
    return [
      [`send ${at}`, mean(sends.map(({ run }) => run.events)), mean(sends.map(({ run }) => run.tasks))],
      [`thread ${at}`, mean(sends.map(({ thread }) => thread.events)), mean(sends.map(({ thread }) => thread.tasks))],
    ];
  });
}

const heapRows = ({ send, thread }: HeapLine): string[][] => [
  ['thread', thread.heapKb.toFixed(1), thread.rssKb.toFixed(1)],
  ['send that waits for its receipt', send.heapKb.toFixed(1), send.rssKb.toFixed(1)],
];

const crowdRows = ({ winners, toldTheHolder, lasted, usual, during }: CrowdLine): string[][] => [
  ['winners', ms(winners)],
  ['told who holds the thread', `${toldTheHolder}`],
  ['all answered after, ms', ms(lasted)],
  ['a send to another client, usual p50 / p95, ms', `${ms(usual.p50)} / ${ms(usual.p95)}`],
  ['and meanwhile, p50 / p95, ms', `${ms(during.p50)} / ${ms(during.p95)}`],
];

const searchRows = ({ p50, p95, slowest }: SearchLine) => [
  ['p50', ms(p50)],
  [`p95 (target: <= ${TARGETS.searchP95Ms})`, ms(p95)],
  [`slowest query: ${slowest.q}`, ms(slowest.median)],
];

function ratios(steps: Rounds, { throughputRatio, verdictP50Ratio, crowdP50Ratio }: Figures): string[][] {
  const rounds = ratiosPerRound(steps).map((ratio) => ratio.toFixed(2));
  const met = (isMet: boolean) => (isMet ? 'met' : 'missed');
  const { throughputRatio: least, verdictP50Ratio: most, crowdP50Ratio: crowdMost } = TARGETS;
  return [
    [
      `sends/s over bare/s, 32 at once (rounds: ${rounds.join(', ')})`,
      `${throughputRatio}`,
      `>= ${least}`,
      met(throughputRatio >= least),
    ],
    ['CPU of a bare run over CPU of a send, 32 at once', cpuRatio(steps).toFixed(3), '', ''],
    [
      'a send to another client in a crowd over its usual, p50',
      `${crowdP50Ratio}`,
      `<= ${crowdMost}`,
      met(crowdP50Ratio <= crowdMost),
    ],
    ['idle verdict over idle bare, p50', `${verdictP50Ratio}`, `<= ${most}`, met(verdictP50Ratio <= most)],
  ];
}
