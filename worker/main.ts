// Workflows, activities and the inbox relay in one process; more copies scale it.
import { parseEnvironment } from '../store/config.js';
import { WorkerEnvironment } from './config.js';
import { runWorker } from './run.js';

try {
  await runWorker(parseEnvironment(WorkerEnvironment, process.env));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
