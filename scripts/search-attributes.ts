import type { Connection } from '@temporalio/client';
import { searchAttributes } from '../workflows/messages.js';

const KEYWORD = 2; // INDEXED_VALUE_TYPE_KEYWORD of Temporal's API

export const searchAttributeNames: readonly string[] = Object.values(searchAttributes).map(({ name }) => name);

/** Registers what is missing; answers its names. */
export async function registerSearchAttributes(connection: Connection, namespace: string): Promise<string[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = searchAttributeNames.filter((name) => customAttributes?.[name] === undefined);
  if (missing.length > 0) await addSearchAttributes(connection, namespace, missing);
  return missing;
}

export async function addSearchAttributes(
  connection: Connection,
  namespace: string,
  names: readonly string[],
): Promise<void> {
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(names.map((name) => [name, KEYWORD])),
  });
}
