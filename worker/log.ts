// The worker's log: an allow-list of fields, since messages of drivers and providers may quote a client's data (SEC26).
import { DefaultLogger, type LogEntry, Runtime } from '@temporalio/worker';
import pino, { type Logger } from 'pino';

export function createLog(level: string): Logger {
  const log = pino({ level, base: { process: 'worker' } });
  Runtime.install({
    logger: new DefaultLogger('WARN', (entry) => log[LEVELS[entry.level]](shown(entry), entry.message)),
  });
  return log;
}

const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;
const SHOWN = ['workflowId', 'runId', 'workflowType', 'activityId', 'activityType', 'attempt', 'taskQueue'];

function shown({ meta }: LogEntry): Record<string, unknown> {
  const fields = Object.entries(meta ?? {}).filter(([name]) => SHOWN.includes(name));
  const error: unknown = meta?.['error'];
  return { ...Object.fromEntries(fields), ...(error !== undefined && { error: nameOf(error) }) };
}

/** A fault's code or name, never its message. */
export const nameOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'not an error';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
};
