// Clients nobody has written to before, so that each send claims a thread of its own.
import { randomUUID } from 'node:crypto';
import type { Database } from '../store/database.js';

// No phone ends in four digits that script the simulator, all of which begin with 00.
const FIRST_PHONE = 38_970_000_099;

let made = 0;

/** @returns their ids */
export async function makeClients(database: Database, count: number): Promise<string[]> {
  const rows = Array.from({ length: count }, () => {
    made += 1;
    return { client_id: randomUUID(), name: 'Mila Horvat', phone: `${FIRST_PHONE + made * 100}` };
  });
  await database
    .insertInto('clients')
    .values(rows.map((row) => ({ ...row, external_id: null, email: null, blocked: false })))
    .execute();
  return rows.map(({ client_id: clientId }) => clientId);
}
