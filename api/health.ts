import type { Connection } from '@temporalio/client';
import { Hono } from 'hono';
import { sql } from 'kysely';
import type { Database } from '../store/database.js';
import { isMigrated } from '../store/migrate.js';
import type { ApiVariables } from './route.js';

/** `/healthz`: the process lives. `/readyz`: everything that it needs answers; what does not is named. */
export function healthRoutes(database: Database, temporal: Connection) {
  return new Hono<ApiVariables>()
    .get('/healthz', (context) => context.json({ status: 'ok' }))
    .get('/readyz', async (context) => {
      const parts = await Promise.all([
        check('postgresql', () => sql`select 1`.execute(database)),
        check('migrations', async () => {
          if (!(await isMigrated(database))) throw new Error('pending');
        }),
        check('temporal', () =>
          temporal.withDeadline(Date.now() + 2_000, () => temporal.workflowService.getSystemInfo({})),
        ),
      ]);
      const failing = parts.filter(({ isWell }) => !isWell).map(({ part }) => part);
      return context.json(
        { status: failing.length === 0 ? 'ready' : 'not ready', failing },
        failing.length === 0 ? 200 : 503,
      );
    });
}

const check = (part: string, ask: () => Promise<unknown>): Promise<{ part: string; isWell: boolean }> =>
  ask().then(
    () => ({ part, isWell: true }),
    () => ({ part, isWell: false }),
  );
