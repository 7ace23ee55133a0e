import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Database } from '../store/database.js';

const PAUSE = 100; // ms
const DEADLINE = 120_000; // ms
const RECEIPTS_UNDER_WAY = 600; // ms; the simulator's last receipt, and its way through the inbox

/** Resolves when every message is delivered, every thread closed and no receipt is left in the inbox. */
export async function untilQuiet(database: Database): Promise<void> {
  const giveUpAt = Date.now() + DEADLINE;
  while ((await leftOver(database)) > 0) {
    if (Date.now() > giveUpAt) throw new Error(`${await leftOver(database)} things are left undone after 120 s`);
    await pause(PAUSE);
  }
  await pause(RECEIPTS_UNDER_WAY);
  if ((await leftOver(database)) > 0) await untilQuiet(database);
}

async function leftOver(database: Database): Promise<number> {
  const { left } = await database
    .selectNoFrom(({ selectFrom }) => [
      sql<number>`
        ${selectFrom('sends').select(sql`count(*)`.as('n')).where('state', '!=', 'delivered')}
        + ${selectFrom('threads').select(sql`count(*)`.as('n')).where('state', '!=', 'CLOSED')}
        + ${selectFrom('inbox').select(sql`count(*)`.as('n')).where('relayed_at', 'is', null)}`.as('left'),
    ])
    .executeTakeFirstOrThrow();
  return left;
}
