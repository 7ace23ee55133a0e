// npm run bench: the whole send beside a bare one-activity workflow, on the same servers in the same run.
import { cpus, loadavg } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { measureCrowd } from './crowd.js';
import { CONCURRENCIES, figuresOf } from './figures.js';
import { measureHeap } from './heap.js';
import { report } from './report.js';
import type { Receipts } from './receipts.js';
import { measureSearch } from './search.js';
import { onSite, type Site } from './site.js';
import { runStep, type Step, type Variant } from './step.js';

interface Options {
  sends: number;
  rounds: number;
  warmUp: number;
  receipts: Receipts;
  fsync: boolean;
  profile?: string;
  json?: true;
}

const options = new Command('npm run bench --')
  .description('Measures full sends beside bare workflows, closed loop, interleaved.')
  .option('--sends <n>', 'runs of each variant in a step', wholeNumber, 100)
  .option('--rounds <n>', 'how often all steps are run', wholeNumber, 2)
  .option('--warm-up <n>', 'runs of each variant before anything is measured', wholeNumber, 200)
  .addOption(
    new Option('--receipts <which>', 'what the provider reports').choices(['delivered', 'all']).default('delivered'),
  )
  .option('--no-fsync', 'PostgreSQL does not wait for the disk')
  .option('--profile <dir>', 'worker and API leave CPU profiles there')
  .option('--json', 'the last line is one JSON object')
  .parse()
  .opts<Options>();

const { fsync: durable, profile: profileDir, receipts } = options;
const quit = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => quit.abort());
process.stdout.on('error', () => quit.abort()); // nobody reads us any more
const broken = new Promise<never>((_, reject) =>
  quit.signal.addEventListener('abort', () => reject(new Error('broken off'))),
);
broken.catch(() => {}); // it may come before anybody waits for it

const RECEIPTS = { delivered: 'DELIVERED', all: 'SENT, DELIVERED and READ' } as const;
const VARIANTS: readonly Variant[] = ['bare', 'send'];
const ORDER = CONCURRENCIES.flatMap((concurrency) => VARIANTS.map((variant) => [concurrency, variant] as const));

async function measure(site: Site): Promise<void> {
  const { rounds, sends, warmUp } = options;
  print(
    `${cpus().length} cores, shared by servers, workers and this driver; load before: ${loadavg()[0]?.toFixed(1)}.\n` +
      `${storage()}\n` +
      `${rounds} rounds of ${sends} runs a step after ${warmUp} to warm up; receipts: ${RECEIPTS[receipts]}.\n`,
  );
  for (const variant of VARIANTS) await runStep(site, variant, 8, warmUp);
  const steps: Step[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const [concurrency, variant] of ORDER) steps.push(await runStep(site, variant, concurrency, sends));
  }
  const heap = await measureHeap(site.temporalAddress);
  const crowd = await measureCrowd(site);
  const search = await measureSearch(site);
  const figures = figuresOf(steps, heap, crowd, search);
  print(report(steps, figures, heap, crowd, search));
  if (options.json) print(JSON.stringify(figures));
}

/** The stack of scripts/ starts Temporal on a file, unless it is told of another. */
function storage(): string {
  const temporal = process.env['TEMPORAL_ADDRESS'] ? 'TEMPORAL_ADDRESS, not ours' : 'dev server, on a file (SQLite)';
  const own = durable ? 'on a file, waits for the disk' : 'on a file, does not wait for the disk';
  return `Temporal: ${temporal}. PostgreSQL: ${process.env['DATABASE_URL'] ? 'DATABASE_URL, not ours' : own}.`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('Expected a whole number above 0.');
}

try {
  await onSite({ durable, receipts, profileDir, signal: quit.signal }, (site) => Promise.race([measure(site), broken]));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
process.exit();
