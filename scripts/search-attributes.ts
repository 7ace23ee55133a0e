import type { Connection } from '@temporalio/client';
import { searchAttributes } from '../workflows/messages.js';

const KEYWORD = 2; // INDEXED_VALUE_TYPE_KEYWORD of Temporal's API

/** Registers what is missing; answers its names. */
export async function registerSearchAttributes(connection: Connection, namespace: string): Promise<string[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.values(searchAttributes)
    .map(({ name }) => name)
    .filter((name) => customAttributes?.[name] === undefined);
  if (missing.length === 0) return [];
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(missing.map((name) => [name, KEYWORD])),
  });
  return missing;
}
