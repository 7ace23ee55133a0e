import { sql } from 'kysely';
import type { ResponseTemplate, ResponseTemplateBody } from '../domain/contracts/response-template.js';
import type { Database } from './database.js';
import { createKeyedStore, type KeyedStore } from './keyed.js';
import type { Page, PageRequest } from './page.js';

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
    list({ agentId, scope }, request) {
      const isUsable = agentId === undefined ? sql`true` : mayUse(agentId);
      return keyed.list(
        request,
        sql<boolean>`${isUsable} and (${scope ?? null}::text is null or body->>'scope' = ${scope ?? null})`,
      );
    },
  };
}
