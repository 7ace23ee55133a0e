import { parseSettings, type Settings } from './config.js';
import { startSimulator } from './start.js';

function giveUp(reasons: string[]): never {
  for (const reason of reasons) console.error(reason);
  process.exit(1);
}

async function run(settings: Settings): Promise<void> {
  const simulator = await startSimulator(settings).catch((error: Error) => giveUp([error.message]));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void simulator.stop().then(() => process.exit(0)));
  }
  console.log(`simulator ready http=${simulator.httpPort} smtp=${simulator.smtpPort}`);
}

const parsed = parseSettings(process.env);
if ('problems' in parsed) giveUp(parsed.problems);
await run(parsed.settings);
