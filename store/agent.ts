import { sql } from 'kysely';
import type { AgentBody, AgentStatus } from '../domain/contracts/agent.js';
import type { Database } from './database.js';
import { createKeyedStore, type KeyedStore, type Removal, removalOf } from './keyed.js';

export interface AgentStore extends Omit<KeyedStore<'agentId', AgentBody>, 'remove'> {
  /** @returns whether there is such an agent */
  setStatus(agentId: string, status: AgentStatus, reason: string | undefined): Promise<boolean>;
  /** With their tokens and their own response templates; one who holds a thread stays. The history keeps their id. */
  remove(agentId: string): Promise<Removal>;
}

export function createAgentStore(database: Database): AgentStore {
  const agents = { table: 'agents', column: 'agent_id', key: 'agentId' } as const;
  return {
    ...createKeyedStore<'agentId', AgentBody>(database, agents),

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

    remove: (agentId) =>
      removalOf(database, async (tx) => {
        if (!(await createKeyedStore(tx, agents).remove(agentId))) return 'missing';
        await tx
          .updateTable('tokens')
          .set({ revoked_at: sql<Date>`now()` })
          .where('agent_id', '=', agentId)
          .where('revoked_at', 'is', null)
          .execute();
        await tx.deleteFrom('response_templates').where(sql<boolean>`body->>'agentId' = ${agentId}`).execute();
        return 'removed';
      }),
  };
}
