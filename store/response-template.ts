import { sql } from 'kysely';
import type { ResponseTemplate, ResponseTemplateBody } from '../domain/contracts/response-template.js';
import type { Database } from './database.js';
import { createKeyedStore, type KeyedStore } from './keyed.js';
import { type Page, type PageRequest, pageOf } from './page.js';

interface ResponseTemplateFilter {
  /** Those that this agent may use: their own and the directory's (R12). */
  agentId?: string | undefined;
  scope?: ResponseTemplate['scope'] | undefined;
}

export interface ResponseTemplateStore extends Omit<KeyedStore<'responseTemplateId', ResponseTemplateBody>, 'list'> {
  list(filter: ResponseTemplateFilter, request: PageRequest): Promise<Page<ResponseTemplate>>;
}

/** `true` where an agent may use the response template of the row (R12); the one place that says so in SQL. */
export const mayUse = (agentId: ReturnType<typeof sql> | string) =>
  sql<boolean>`(response_templates.body->>'scope' = 'DIRECTORY' or response_templates.body->>'agentId' = ${agentId})`;

export function createResponseTemplateStore(database: Database): ResponseTemplateStore {
  const keyed = createKeyedStore<'responseTemplateId', ResponseTemplateBody>(database, {
    table: 'response_templates',
    column: 'response_template_id',
    key: 'responseTemplateId',
  });
  return {
    ...keyed,
    async list({ agentId, scope }, { limit, after }) {
      const rows = await database
        .selectFrom('response_templates')
        .selectAll()
        .$if(agentId !== undefined, (query) => query.where(mayUse(agentId!)))
        .$if(scope !== undefined, (query) => query.where(sql<boolean>`body->>'scope' = ${scope}`))
        .$if(after !== undefined, (query) => query.where('position', '<', Number(after)))
        .orderBy('position', 'desc')
        .limit(limit + 1)
        .execute();
      return pageOf(
        rows,
        limit,
        ({ position }) => String(position),
        (row) => ({ responseTemplateId: row.response_template_id, ...row.body }),
      );
    },
  };
}
