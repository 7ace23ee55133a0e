import { sql } from 'kysely';
import type { Agent, AgentBody, AgentStatus } from '../domain/contracts/agent.js';
import type { Database } from './database.js';
import { type Page, type PageRequest, pageOf } from './page.js';

export interface AgentStore {
  put(agentId: string, body: AgentBody): Promise<void>;
  /** @returns whether there is such an agent */
  setStatus(agentId: string, status: AgentStatus, reason: string | undefined): Promise<boolean>;
  find(agentId: string): Promise<Agent | undefined>;
  list(request: PageRequest): Promise<Page<Agent>>;
}

export function createAgentStore(database: Database): AgentStore {
  const find = async (agentId: string) => {
    const row = await database.selectFrom('agents').selectAll().where('agent_id', '=', agentId).executeTakeFirst();
    return row && { agentId: row.agent_id, ...row.body };
  };
  const put = async (agentId: string, body: AgentBody) => {
    await database
      .insertInto('agents')
      .values({ agent_id: agentId, body: JSON.stringify(body) })
      .onConflict((conflict) => conflict.column('agent_id').doUpdateSet({ body: JSON.stringify(body) }))
      .execute();
  };
  return {
    put,
    find,
    async setStatus(agentId, status, reason) {
      const change = JSON.stringify({ status, ...(reason !== undefined && { inactiveReason: reason }) });
      const changed = await database
        .updateTable('agents')
        .set({ body: sql<string>`(body - 'inactiveReason') || ${change}::jsonb` })
        .where('agent_id', '=', agentId)
        .returning('agent_id')
        .executeTakeFirst();
      return changed !== undefined;
    },
    async list({ limit, after }) {
      const rows = await database
        .selectFrom('agents')
        .selectAll()
        .where('agent_id', '>', after ?? '')
        .orderBy('agent_id')
        .limit(limit + 1)
        .execute();
      return pageOf(
        rows,
        limit,
        (row) => row.agent_id,
        (row) => ({ agentId: row.agent_id, ...row.body }),
      );
    },
  };
}
