// Search against a generated directory: every answer compared with a plain scan in memory (R7, R8, A34).
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { searchForm, searchTerms } from '../../domain/client-search.js';
import type { ClientBody } from '../../domain/contracts/client.js';
import { createClientStore } from '../../store/client.js';
import { aPerson, aTemplateSend } from '../rig/people.js';
import { make } from '../rig/sends.js';
import { type Service, startService } from '../rig/service.js';
import { clientWrites } from '../rig/simulator.js';
import { until } from '../rig/until.js';

let service: Service;
let directory: { clientId: string; body: ClientBody }[];
beforeAll(async () => {
  service = await startService();
  const clients = createClientStore(service.database);
  directory = Array.from({ length: 400 }, (_, index) => ({ clientId: `generated-${index}`, body: aClient(index) }));
  for (const { clientId, body } of directory) await clients.put(clientId, body);
});
afterAll(() => service.stop());

const FIRST = ['Mila', 'Anna-Maria', 'Ивана', 'José', 'ΖΩΗ', 'Luka', 'ann'];
const LAST = ['Horvat', 'Петрова', 'O_Brien', '100%', 'Kovac', 'Anna'];

const aClient = (index: number): ClientBody => ({
  name: `${FIRST[index % FIRST.length]} ${LAST[index % LAST.length]}`,
  phone: `3897${String(1_000_000 + index * 137)}`,
  ...(index % 3 === 0 && { email: `Anna.${index}@client.example` }),
  ...(index % 4 === 0 && { externalId: `EXT-${index}` }),
  blocked: index % 10 === 0,
  identities:
    index % 5 === 0
      ? [
          {
            channelId: 'viber-main',
            address: `38960${100_000 + index}`,
            username: `@Nick_${index}`,
            blocked: false,
            origin: 'MESSAGE',
          },
        ]
      : [],
});

/** Exact before prefix before inside, then newest. */
function expected(q: string): string[] {
  const form = searchForm(q);
  const rankOf = (terms: string[]) =>
    terms.includes(form)
      ? 0
      : terms.some((term) => term.startsWith(form))
        ? 1
        : terms.some((term) => term.includes(form))
          ? 2
          : 3;
  return directory
    .map(({ clientId, body }, index) => ({ clientId, index, rank: rankOf(searchTerms(body)) }))
    .filter(({ rank }) => rank < 3)
    .toSorted((one, other) => one.rank - other.rank || other.index - one.index)
    .map(({ clientId }) => clientId);
}

async function found(q: string): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | undefined; ; ) {
    const { items, next } = await service.crm.search(q, after);
    ids.push(...items.map(({ clientId }) => clientId));
    if (next === null) return ids;
    after = next;
  }
}

const queries = [
  'mila',
  'ANN',
  'anna',
  'Anna Maria',
  'annamaria',
  'ивана',
  'ПЕТРОВА',
  'josé',
  'ζωη',
  'horvat',
  'o_b',
  '100%',
  '%%%',
  '___',
  '+389 (70)',
  '389-71',
  '38971000685',
  'client.example',
  'anna.3@',
  'ext-',
  'EXT-8',
  '@nick',
  'nick_5',
  'Nick_395',
  '3896010',
  '3000',
  'nobody at all',
  "'; drop table clients; --",
  '\\\\\\',
  'a\nb\nc',
]; // prettier-ignore
it.each(queries)('%j finds what a scan finds, in the same order, over all pages (R7, A34)', async (q) => {
  const ids = await found(q);

  expect(ids).toEqual(expected(q));
});

it('every generated client is found by each of their attributes, first (R7, R8)', async () => {
  for (const { clientId, body } of directory.filter((_, index) => index % 20 === 0)) {
    const unique = [body.phone, body.email, body.externalId, body.identities[0]?.username];
    for (const q of unique.flatMap((term) => (term === undefined ? [] : [term, `+${term.toLowerCase()}`]))) {
      const { items } = await service.crm.search(q);

      expect(items[0]?.clientId).toBe(clientId);
    }
  }
});

it.each(['', 'ab', '+1', '(-) ab', '@ab', '  a  b  '])(
  '%j has fewer than 3 characters that matter: 400 (A34)',
  async (q) => {
    await expect(service.crm.search(q)).rejects.toMatchObject({
      problem: { status: 400, code: 'VALIDATION_FAILED', issues: [{ path: 'q' }] },
    });
  },
);

it('three emoji are three characters (A34)', async () => {
  expect(await found('🙂🙂🙂')).toEqual([]);
});

describe('a hit shows', () => {
  const hitOf = async (q: string) => (await service.crm.search(q)).items[0];

  it('the client, the types of their channels, and that they are blocked (R7)', async () => {
    const { body } = directory[10]!;

    expect(await hitOf(body.phone!)).toEqual({
      clientId: 'generated-10',
      name: body.name,
      phone: body.phone,
      channelTypes: ['VIBER'],
      activeThread: null,
      blocked: true,
    });
  });

  it('the active thread, as long as there is one', async () => {
    const { clientId, phone } = await aPerson(service, '6001');
    const { threadId } = await make(service, aTemplateSend(clientId, { action: { kind: 'ASSIGN_TO_ME' } }));

    const hit = await until(
      () => hitOf(phone),
      (one) => one?.activeThread?.state === 'WAITING',
    );

    expect(hit?.activeThread).toEqual({ threadId, channelId: 'wa-main', agentId: 'anna', state: 'WAITING' });
  });

  it('one who has just written for the first time, by phone and by name (R7)', async () => {
    const { phone } = { phone: `38978${Date.now() % 1_000_000}77` };
    await clientWrites(service, phone, 'Hello');

    const hit = await until(
      () => hitOf(phone),
      (one) => one !== undefined,
    );

    expect(hit).toMatchObject({ phone, channelTypes: ['WHATSAPP'], blocked: false });
  });
});
