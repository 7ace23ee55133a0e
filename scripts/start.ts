// npm start: everything on this machine, until Ctrl-C.
import { Command, InvalidArgumentError } from 'commander';
import { fillDemoDirectory } from './demo-directory.js';
import { type Stack, type StackOptions, startStack } from './stack.js';
import { prefixedLog } from './stack/log.js';

const options = new Command('npm start --')
  .description('Starts the service with everything it needs on this machine, and stops it on Ctrl-C.')
  .option('--port <number>', 'port of the API (default 3000)', parsePort)
  .option('--ports <how>', '"auto" takes free ports for everything', parsePorts)
  .option('--data <dir>', 'folder that holds the state', '.data')
  .parse()
  .opts<{ port?: number; ports?: 'auto'; data: string }>();

const quit = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => quit.abort());
process.stdout.on('error', () => quit.abort()); // nobody reads us any more

try {
  await stayUp();
} catch (error) {
  process.exitCode = quit.signal.aborted ? 130 : 1;
  if (!quit.signal.aborted) process.stderr.write(`\nThe start has failed. ${(error as Error).message}\n`);
}
process.exit();

async function stayUp(): Promise<void> {
  const begun = Date.now();
  const stack = await startStack(stackOptions());
  try {
    await timed('demo directory', () => fillDemoDirectory(directoryOf(stack)));
    print(overview(stack, Date.now() - begun));
    await aborted(quit.signal);
    print('stopping');
  } finally {
    await stack.stop();
  }
  print('stopped');
}

function stackOptions(): StackOptions {
  const { data, port, ports } = options;
  if (port !== undefined && ports !== undefined) throw new Error('--port and --ports auto exclude each other.');
  return {
    dataDir: data,
    ports: ports ?? (port === undefined ? {} : { api: port }),
    log: prefixedLog(process.stdout),
    onStep,
    signal: quit.signal,
  };
}

function directoryOf({ addresses: { api, database, simulator, smtp }, payloadKeys }: Stack) {
  return { api, simulator, smtp, database, payloadKeys };
}

function overview({ addresses }: Stack, ms: number): string {
  const { api, database, simulator, smtp, temporal, temporalUi } = addresses;
  const data = options.data === '.data' ? '' : ` --data ${options.data}`;
  return `
Ready in ${(ms / 1000).toFixed(1)} s.

  API           ${api}
  description   ${api}/openapi.json
  Temporal UI   ${temporalUi ?? `that of ${temporal}`}
  simulator     ${simulator}, SMTP on ${smtp}
  database      ${database}
  a token       npm run --silent token -- --role integrator --name crm${data}

Ctrl-C stops everything; the state stays in ${options.data}.
`;
}

async function timed<T>(step: string, run: () => Promise<T>): Promise<T> {
  const begun = Date.now();
  const result = await run();
  onStep(step, Date.now() - begun);
  return result;
}

function onStep(step: string, ms: number): void {
  print(`  ready: ${step} (${(ms / 1000).toFixed(1)} s)`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
}

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new InvalidArgumentError('Expected a whole number from 1 to 65535.');
}

function parsePorts(text: string): 'auto' {
  if (text === 'auto') return text;
  throw new InvalidArgumentError('Expected "auto"; the port of the API alone is --port.');
}
