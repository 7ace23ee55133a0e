// `npm run demo`: the stories of the chat center, played over HTTP against the real service on free ports and throw-away
// data. Exits 0 only if every story ended as the rules say.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChatCenter } from '../client/index.js';
import { openDatabase } from '../store/database.js';
import { createTokenStore } from '../store/token.js';
import { stories } from './demo/stories.js';
import { StoryError } from './demo/expect.js';
import { print } from './demo/print.js';
import { fillDemoDirectory } from './demo-directory.js';
import { type Stack, startStack } from './stack.js';

const quit = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => quit.abort());

async function main(): Promise<boolean> {
  const dataDir = await mkdtemp(join(tmpdir(), 'outgoing-messages-demo-'));
  let stack: Stack | undefined;
  try {
    print.title('Starting the service on free ports, with throw-away data');
    const onStep = (step: string, ms: number) => print.step(`${step} (${(ms / 1000).toFixed(1)} s)`);
    stack = await startStack({ dataDir, ports: 'auto', durable: false, onStep, signal: quit.signal });
    const { addresses } = stack;
    await fillDemoDirectory(addresses);
    return await play(await chatCenterOf(addresses), addresses.simulator);
  } finally {
    await stack?.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function chatCenterOf({ api, database: url }: Stack['addresses']): Promise<ChatCenter> {
  const database = openDatabase(url, 1, () => {});
  try {
    return new ChatCenter({
      baseUrl: api,
      token: await createTokenStore(database).create({ role: 'integrator', name: 'demo' }),
    });
  } finally {
    await database.destroy();
  }
}

async function play(chatCenter: ChatCenter, simulator: string): Promise<boolean> {
  let wrong = 0;
  for (const { title, play: tell } of stories) {
    print.title(title);
    try {
      await tell({ chatCenter, simulator });
      print.good('as the rules say');
    } catch (error) {
      if (!(error instanceof StoryError)) throw error;
      wrong += 1;
      print.bad(error.message);
    }
  }
  print.title(
    wrong === 0
      ? `All ${stories.length} stories ended as the rules say.`
      : `${wrong} of ${stories.length} stories ended otherwise.`,
  );
  return wrong === 0;
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  if (!quit.signal.aborted)
    console.error(`\nThe demo has failed. ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = quit.signal.aborted ? 130 : 1;
}
process.exit();
