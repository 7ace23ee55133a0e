// API tokens: 256 random bits, shown once, stored as a hash (SEC01).
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from './database.js';
import { hashOf } from './identity.js';

export const ROLES = ['integrator', 'agent', 'supervisor', 'operator'] as const;
export type Role = (typeof ROLES)[number];

export interface Bearer {
  tokenId: string;
  role: Role;
  /** Whom an agent's or supervisor's token speaks for. */
  agentId?: string;
}

export interface TokenStore {
  /** @returns the token itself, which is nowhere kept */
  create(request: { role: Role; name: string; agentId?: string }): Promise<string>;
  find(token: string): Promise<Bearer | undefined>;
  revoke(token: string): Promise<void>;
}

export function createTokenStore(database: Database): TokenStore {
  return {
    async create({ role, name, agentId }) {
      const token = `omt_${randomBytes(32).toString('base64url')}`;
      await database
        .insertInto('tokens')
        .values({ hash: hashOf(token), role, name, agent_id: agentId ?? null })
        .execute();
      return token;
    },
    async find(token) {
      const row = await database
        .selectFrom('tokens')
        .select(['token_id', 'role', 'agent_id'])
        .where('hash', '=', hashOf(token))
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      return {
        tokenId: row.token_id,
        role: row.role as Role,
        ...(row.agent_id !== null && { agentId: row.agent_id }),
      };
    },
    async revoke(token) {
      await database
        .updateTable('tokens')
        .set({ revoked_at: sql<Date>`now()` })
        .where('hash', '=', hashOf(token))
        .execute();
    },
  };
}
