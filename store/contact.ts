// Which phone or mail address belongs to which client: one row per contact decides, however many ask at once (A27).
import { type OnConflictBuilder, sql } from 'kysely';
import { searchTerms } from '../domain/client-search.js';
import { contactKey } from '../domain/contact.js';
import type { Contact } from '../domain/contracts/client.js';
import { searchColumn } from './client-search.js';
import type { Executor, Tables } from './database.js';

export async function ownerOfContact(executor: Executor, contact: Contact): Promise<string | undefined> {
  const row = await executor
    .selectFrom('contacts')
    .select('client_id')
    .where('type', '=', contact.type)
    .where('value', '=', contactKey(contact))
    .executeTakeFirst();
  return row?.client_id;
}

/** Of all who ask at once for one contact, one creates the client, and the others get that client. */
export async function ownerOrCreated(
  executor: Executor,
  contact: Contact,
  name?: string,
): Promise<{ clientId: string; isNew: boolean }> {
  for (;;) {
    const created = await createFor(executor, contact, name);
    if (created !== undefined) return { clientId: created, isNew: true };
    const known = await ownerOfContact(executor, contact);
    if (known !== undefined) return { clientId: known, isNew: false };
  }
}

/** The contact and its client in one statement; undefined when somebody has the contact already. */
async function createFor(executor: Executor, contact: Contact, name?: string): Promise<string | undefined> {
  const { type, value } = contact;
  const [phone, email] = type === 'PHONE' ? [value, undefined] : [undefined, value];
  const search = searchColumn(searchTerms({ name, phone, email, identities: [] }));
  const { rows } = await sql<{ clientId: string }>`
    with contact as (
      insert into contacts (type, value, client_id)
      values (${type}, ${contactKey(contact)}, gen_random_uuid()::text)
      on conflict do nothing returning client_id)
    insert into clients (client_id, name, phone, email, blocked, search)
    select client_id, ${name ?? null}, ${phone ?? null}, ${email ?? null}, false, ${search} from contact
    returning client_id as "clientId"`.execute(executor);
  return rows[0]?.clientId;
}

/** Who has the contact from now on: this client, unless another has it already. */
export async function ownerOnceTaken(tx: Executor, clientId: string, contact: Contact): Promise<string> {
  const { client_id: owner } = await tx
    .insertInto('contacts')
    .values({ type: contact.type, value: contactKey(contact), client_id: clientId })
    .onConflict(keepingOwner)
    .returning('client_id')
    .executeTakeFirstOrThrow();
  return owner;
}

/** Changes nothing, but locks the row of another and names them, in the one step that decides. */
const keepingOwner = (conflict: OnConflictBuilder<Tables, 'contacts'>) =>
  conflict.columns(['type', 'value']).doUpdateSet({ client_id: sql<string>`contacts.client_id` });

export class ContactTakenError extends Error {
  readonly clientId: string;

  constructor(clientId: string) {
    super('another client has this contact');
    this.clientId = clientId;
  }
}

/** @throws ContactTakenError when another client has one of them */
export async function takeContacts(tx: Executor, clientId: string, contacts: readonly Contact[]): Promise<void> {
  if (contacts.length === 0) return;
  const owners = await tx
    .insertInto('contacts')
    .values(contacts.map(({ type, value }) => ({ type, value, client_id: clientId })))
    .onConflict(keepingOwner)
    .returning('client_id')
    .execute();
  const other = owners.find(({ client_id }) => client_id !== clientId);
  if (other !== undefined) throw new ContactTakenError(other.client_id);
}
