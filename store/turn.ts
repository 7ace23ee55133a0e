// Which of all workers does what needs to be done by one of them in a while.
import { sql } from 'kysely';
import type { Database } from './database.js';

/** @returns whether it is ours for so many seconds; whoever asks meanwhile is told no */
export async function takeTurn(database: Database, name: string, seconds: number): Promise<boolean> {
  const { rows } = await sql`
    insert into turns (name, taken_until) values (${name}, now() + ${seconds} * interval '1 second')
    on conflict (name) do update set taken_until = excluded.taken_until where turns.taken_until < now()
    returning name`.execute(database);
  return rows.length > 0;
}
