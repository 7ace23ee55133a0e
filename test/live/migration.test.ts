// What a database of the version before becomes.
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createClientStore } from '../../store/client.js';
import { createFoundClientStore } from '../../store/found-client.js';
import { createMessageTemplateStore } from '../../store/message-template.js';
import { outgoingSend } from '../../store/migrations/0001-outgoing-send.js';
import { directory } from '../../store/migrations/0002-directory.js';
import { thread as threads } from '../../store/migrations/0003-thread.js';
import { readSend } from '../../store/situation.js';
import { createThreadStore } from '../../store/thread.js';
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
  const thread = (id: string, agentId: string, state = 'WAITING') =>
    sql`(${id}, ${id}, 'wa', 'run', 2, ${state}, ${agentId}, true, 'SEND', 'x', '2026-11-20 09:00Z',
         ${state === 'CLOSED' ? sql`now()` : null})`;
  const send = (n: number, action: string | null) =>
    sql`(${`00000000-0000-4000-8000-00000000000${n}`}, 'anna', 'mila', 'wa', '{"kind":"TEXT","text":"Hi"}', ${action}, 'claiming', gen_random_uuid())`;
  const later = [
    sql`insert into agents (agent_id, body) values ('anna', '{"status":"ACTIVE"}')`,
    sql`insert into clients (client_id, blocked) values ('with-anna', false), ('with-one-gone', false), ('closed', false)`,
    sql`insert into threads (thread_id, client_id, channel_id, run_id, version, state, agent_id, minimised, opener_kind,
                             opener_id, opened_at, closed_at)
        values ${thread('with-anna', 'anna')}, ${thread('with-one-gone', 'gone')}, ${thread('closed', 'gone', 'CLOSED')}`,
    sql`insert into sends (send_id, agent_id, client_id, channel_id, content, action, state, opens_thread_id)
        values ${send(1, 'CLOSE')}, ${send(2, 'ASSIGN_TO_ME')}, ${send(3, null)}`,
  ];
  for (const statement of later) await statement.execute(own.database);
  await own.database.transaction().execute((tx) => threads.up(tx));
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

it('open threads stay with their agents, and with nobody when the agent is gone; closed ones keep the name (INV15)', async () => {
  const { find, personalQueue } = createThreadStore(own.database);
  const found = await Promise.all(['with-anna', 'with-one-gone', 'closed'].map(find));

  expect(found.map((thread) => [thread?.state, thread?.agentId])).toEqual([
    ['WAITING', 'anna'],
    ['WAITING', undefined],
    ['CLOSED', 'gone'],
  ]);
  expect((await personalQueue('anna')).waitingForClient).toMatchObject([
    { threadId: 'with-anna', waitingSince: '2026-11-20T09:00:00.000Z' },
  ]);
});

it('sends that are under way keep their action, and an e-mail has none (R14, R15)', async () => {
  const actions = await Promise.all(
    [1, 2, 3].map(async (n) => (await readSend(own.database, `00000000-0000-4000-8000-00000000000${n}`)).action),
  );

  expect(actions).toEqual([{ kind: 'CLOSE' }, { kind: 'ASSIGN_TO_ME' }, undefined]);
});
