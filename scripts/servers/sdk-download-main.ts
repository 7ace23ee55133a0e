// A process of its own: has the SDK fetch a server into a folder, by starting it once.
import { TestWorkflowEnvironment } from '@temporalio/testing';

const [server, downloadDir = '.'] = process.argv.slice(2);
const executable = { type: 'cached-download' as const, downloadDir };

try {
  const environment =
    server === 'time-skipping'
      ? await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } })
      : await TestWorkflowEnvironment.createLocal({ server: { executable } });
  await environment.teardown();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
