// Whether whom a thread is handed to is there (A26): a bot that is disabled is not, an employee always is.
import { type RawBuilder, sql } from 'kysely';
import type { TransferTarget } from '../domain/contracts/thread.js';
import type { Database, Executor } from './database.js';

export interface TransferStore {
  isKnown(target: TransferTarget): Promise<boolean>;
}

export const createTransferStore = (database: Database): TransferStore => ({
  isKnown: (target) => isTargetKnown(database, target),
});

/** @param kind text @param id text */
export const targetIsKnown = (kind: RawBuilder<unknown>, id: RawBuilder<unknown>) => sql<boolean>`
  case ${kind}
    when 'EMPLOYEE' then exists (select 1 from agents where agents.agent_id = ${id})
    when 'GROUP' then exists (select 1 from groups where groups.group_id = ${id})
    when 'SKILL' then exists (select 1 from skills where skills.skill_id = ${id})
    when 'DEPARTMENT' then exists (select 1 from departments where departments.department_id = ${id})
    when 'BOT' then exists (select 1 from bots where bots.bot_id = ${id} and (bots.body->>'enabled')::boolean)
    else false end`;

export async function isTargetKnown(executor: Executor, { kind, id }: TransferTarget): Promise<boolean> {
  const { rows } = await sql<{ isKnown: boolean }>`
    select ${targetIsKnown(sql`${kind}::text`, sql`${id}::text`)} as "isKnown"`.execute(executor);
  return rows[0]?.isKnown === true;
}
