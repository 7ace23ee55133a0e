import { readFileSync } from 'node:fs';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runToEnd, withProgress } from './progress.js';
import { onPath, resolveBinary, type ServerBinary, type Workplace } from './resolve.js';
import { downloadBySdk } from './sdk-download.js';

const VERSION = '1.38.0';
const FILE = 'temporal-test-server';

const TEST_SERVER: ServerBinary = {
  title: 'the time-skipping Temporal test server',
  file: FILE,
  variable: 'TEMPORAL_TEST_SERVER',
  objection: objectionToScript,
  makers: [
    { name: 'SDK download', make: ({ work }) => downloadBySdk('time-skipping', work, FILE) },
    { name: 'maven', make: assembleWithMaven },
  ],
  advice: [
    'set TEMPORAL_TEST_SERVER to a temporal-test-server executable',
    'or install a JDK (17 or newer) and Maven, and let it reach its repository: the server is then assembled',
    'or let this machine download (proxy, firewall): the Temporal SDK then fetches the server',
  ],
};

/**
 * The path of a time-skipping test server.
 * @throws with everything that was tried
 */
export const resolveTestServer = (): Promise<string> => resolveBinary(TEST_SERVER);

/** What we assemble is a script around Java; a downloaded server is a program of its own. */
async function objectionToScript(path: string): Promise<string | undefined> {
  if (!readFileSync(path).subarray(0, 200).includes('#!')) return undefined;
  if (!readFileSync(path, 'utf8').includes('java')) return undefined;
  const works = runToEnd('java', ['-version'], { limit: 20_000 });
  return works.then(
    () => undefined,
    () => 'it needs java, which does not run here',
  );
}

// No namespace attributes: Maven does without.
const POM = `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>outgoing-messages</groupId>
  <artifactId>test-server</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>io.temporal</groupId><artifactId>temporal-test-server</artifactId><version>${VERSION}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.17</version></dependency>
  </dependencies>
</project>
`;

// exec, since the SDK ends it with SIGKILL: a shell in between would die alone and leave Java behind.
const wrapper = (lib: string): string => `#!/bin/sh
exec java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$(dirname "$0")/${lib}/*" io.temporal.testserver.TestServer "$@"
`;

async function assembleWithMaven({ work, cache }: Workplace): Promise<void> {
  const maven = onPath('mvn');
  if (maven === undefined) throw new Error('no mvn on PATH');
  const jars = join(work, 'jars');
  await mkdir(jars);
  await writeFile(join(work, 'pom.xml'), POM);
  const args = ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${jars}`];
  await withProgress('assembling the test server with maven', 'about 10 seconds, a minute the first time', () =>
    runToEnd(maven, args, { cwd: work, limit: 10 * 60_000 }),
  );

  const lib = `${FILE}-${VERSION}`;
  await rm(join(cache, lib), { recursive: true, force: true });
  await rename(jars, join(cache, lib));
  await writeFile(join(work, FILE), wrapper(lib));
  await chmod(join(work, FILE), 0o755);
}
