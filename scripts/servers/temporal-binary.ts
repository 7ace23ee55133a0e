import { downloadBySdk } from './sdk-download.js';
import { runToEnd, withProgress } from './progress.js';
import { onPath, resolveBinary, type ServerBinary, type Workplace } from './resolve.js';

const OLDEST = [1, 29] as const; // update-with-start, priority
// Later tags cannot be built this way: a replace directive of theirs names a module that no proxy carries.
const CLI_MODULE = 'github.com/temporalio/cli/cmd/temporal@v1.5.1';

const TEMPORAL: ServerBinary = {
  title: 'the Temporal dev server',
  file: 'temporal',
  variable: 'TEMPORAL_CLI_PATH',
  objection: objectionToVersion,
  makers: [
    { name: 'SDK download', make: ({ work }) => downloadBySdk('dev-server', work, 'temporal') },
    { name: 'go install', make: buildWithGo },
  ],
  advice: [
    `install the Temporal CLI, with server ${OLDEST.join('.')} or newer, and put it on PATH or into TEMPORAL_CLI_PATH`,
    'or install Go, and let it reach its module proxy: the CLI is then built from source',
    'or let this machine download (proxy, firewall): the Temporal SDK then fetches the CLI',
    'or set TEMPORAL_ADDRESS to a Temporal server that runs already (npm start only)',
  ],
};

/**
 * The path of a Temporal CLI whose dev server is new enough.
 * @throws with everything that was tried
 */
export const resolveTemporalServer = (): Promise<string> => resolveBinary(TEMPORAL);

/** The CLI's own version says nothing: a build from source calls itself 0.0.0. */
async function objectionToVersion(path: string): Promise<string | undefined> {
  try {
    const answer = await runToEnd(path, ['--version'], { limit: 20_000 });
    return objectionToServer(answer);
  } catch (error) {
    return `"temporal --version" failed: ${(error as Error).message}`;
  }
}

function objectionToServer(answer: string): string | undefined {
  const [, major, minor] = /Server (\d+)\.(\d+)/.exec(answer)?.map(Number) ?? [];
  if (major === undefined || minor === undefined) return `its version does not name a server: ${answer.trim()}`;
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return undefined;
  return `its server is ${major}.${minor}, older than ${OLDEST.join('.')}`;
}

async function buildWithGo({ work }: Workplace): Promise<void> {
  const go = onPath('go');
  if (go === undefined) throw new Error('no go on PATH');
  const options = { env: { ...process.env, GOBIN: work }, cwd: work, limit: 20 * 60_000 };
  await withProgress('building the Temporal CLI with go', '3 to 5 minutes the first time', () =>
    runToEnd(go, ['install', CLI_MODULE], options),
  );
}
