// What a database of the version before becomes.
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createClientStore } from '../../store/client.js';
import { createFoundClientStore } from '../../store/found-client.js';
import { createMessageTemplateStore } from '../../store/message-template.js';
import { outgoingSend } from '../../store/migrations/0001-outgoing-send.js';
import { directory } from '../../store/migrations/0002-directory.js';
import { emptyDatabase } from '../rig/database.js';

let own: Awaited<ReturnType<typeof emptyDatabase>>;
beforeAll(async () => {
  own = await emptyDatabase();
  await outgoingSend.up(own.database);
  const channel = (id: string, type: string) => sql`(${id}, ${JSON.stringify({ type, provider: {} })}::jsonb)`;
  const template = { body: 'Until {{1}}', buttons: [], variables: [] };
  const statements = [
    sql`insert into channels (channel_id, body) values ${channel('wa', 'WHATSAPP')}, ${channel('vb', 'VIBER')}, ${channel('mail', 'EMAIL')}`,
    sql`insert into clients (client_id, name, phone, email, blocked) values
          ('elder', 'Ивана', null, null, false), ('younger', null, null, null, false), ('mila', null, '38970123456', 'Mila@Client.example', false)`,
    sql`insert into identities (channel_id, address, client_id, username, blocked, origin) values
          ('wa', '+389 (70) 555-666', 'elder', '@Ivana', true, 'MESSAGE'), ('vb', '38970555666', 'younger', null, false, 'AGENT'),
          ('mail', 'Ivana@Client.example', 'elder', null, false, 'AGENT')`,
    sql`insert into message_templates (channel_id, template_id, body) values ('wa', 'old', ${JSON.stringify(template)}::jsonb)`,
  ];
  for (const statement of statements) await statement.execute(own.database);
  await own.database.transaction().execute((tx) => directory.up(tx));
});
afterAll(() => own.drop());

it('clients are known by their contacts, the elder of two by the one they share (A27)', async () => {
  const clients = createClientStore(own.database);
  const known = (['38970123456', '38970555666'] as const).map((value) => clients.ofContact({ type: 'PHONE', value }));
  const byMail = ['mila@client.example', 'ivana@client.example'].map((value) =>
    clients.ofContact({ type: 'EMAIL', value }),
  );

  expect(await Promise.all([...known, ...byMail])).toEqual(['mila', 'elder', 'mila', 'elder']);
});

it('addresses are spelled as they are compared from now on, blocks included (R37)', async () => {
  const elder = await createClientStore(own.database).find('elder');

  expect(elder?.identities).toMatchObject([
    { channelId: 'mail', address: 'ivana@client.example' },
    { channelId: 'wa', address: '38970555666', blocked: true },
  ]);
});

it('clients are found (R7)', async () => {
  const { search } = createFoundClientStore(own.database);
  const found = await Promise.all(['ивана', 'ivana', '555666'].map((form) => search(form, { limit: 10 })));

  expect(found.map(({ items }) => items.map(({ clientId }) => clientId).toSorted())).toEqual([
    ['elder'],
    ['elder'],
    ['elder', 'younger'],
  ]);
});

it('a placeholder that nobody described is asked for (R22)', async () => {
  const template = await createMessageTemplateStore(own.database).find('wa', 'old');

  expect(template?.variables).toEqual([{ name: '1', kind: 'TEXT' }]);
});
