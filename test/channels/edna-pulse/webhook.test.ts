import { describe, expect, it } from 'vitest';
import { isAuthentic, readWebhook } from '../../../channels/edna-pulse/index.js';

const REFERENCE = 'b8b8e7b2-58d6-5f0e-9c0f-6a3f5d1e2c01';
const SEND = '7c1e0a52-1f3b-4a55-9a43-6e0a1d2b9f10';

const aReceipt = (rest: object = {}) => ({
  requestId: REFERENCE,
  messageId: 90318827,
  cascadeId: 4107,
  subject: 'northwind_wa',
  subjectId: 3391,
  status: 'DELIVERED',
  statusAt: '2026-11-23T09:14:06Z',
  comment: `${SEND}:0`,
  ...rest,
});

const anInbound = (rest: object = {}) => ({
  id: 7710042,
  subject: 'northwind_wa',
  subjectId: 3391,
  subscriber: { id: 55120, identifier: '38970123456' },
  userInfo: { userName: 'mila', firstName: 'Mila', lastName: null, avatarUrl: null },
  messageContent: { type: 'TEXT', text: 'Can I come tomorrow?', attachment: null, caption: null },
  receivedAt: '2026-11-23T09:20:41Z',
  ...rest,
});

const factsIn = (body: unknown) => readWebhook(body).map(({ fact }) => fact);

describe('a receipt', () => {
  it('names its message by our reference, by Pulse and by the send that travelled along', () => {
    expect(readWebhook(aReceipt())).toEqual([
      {
        identity: `receipt:${REFERENCE}:delivered`,
        orderKey: `receipt:${REFERENCE}`,
        fact: {
          kind: 'RECEIPT',
          status: 'DELIVERED',
          reference: REFERENCE,
          providerMessageId: '90318827',
          origin: { sendId: SEND, part: 0 },
          providerAt: '2026-11-23T09:14:06.000Z',
        },
      },
    ]);
  });

  it.each([
    { rest: { requestId: null }, identity: 'receipt:90318827:delivered', names: { providerMessageId: '90318827' } },
    { rest: { requestId: null, messageId: null }, identity: `receipt:${SEND}:0:delivered`, names: {} },
    { rest: { requestId: 'made-elsewhere' }, identity: 'receipt:made-elsewhere:delivered', names: {} },
  ])('without our reference ($rest) is known by $identity', ({ rest, identity, names }) => {
    const [read] = readWebhook(aReceipt(rest));

    expect(read?.identity).toBe(identity);
    expect(read?.fact).toMatchObject({ kind: 'RECEIPT', origin: { sendId: SEND, part: 0 }, ...names });
    expect(read?.fact).not.toHaveProperty('reference');
  });

  it.each([
    { statusAt: '2026-11-24T01:14:06+16:00', providerAt: '2026-11-23T09:14:06.000Z' },
    { statusAt: '0000-01-01T00:00:00Z', providerAt: undefined },
    { statusAt: 'yesterday', providerAt: undefined },
  ])('the time $statusAt is kept as $providerAt, which the database can keep', ({ statusAt, providerAt }) => {
    const [read] = readWebhook(aReceipt({ statusAt }));

    expect(read?.fact).toEqual(expect.objectContaining({ kind: 'RECEIPT', ...(providerAt && { providerAt }) }));
    expect(Object.keys(read?.fact ?? {}).includes('providerAt')).toBe(providerAt !== undefined);
  });

  it('a reference of 10,000 characters is kept for people to read, and known by its hash', () => {
    const [read] = readWebhook(aReceipt({ requestId: 'x'.repeat(10_000) }));

    expect(read?.fact.kind).toBe('UNREADABLE');
    expect(read?.identity.length).toBeLessThan(100);
  });

  it.each([
    ['delayed', 'ACCEPTED'],
    ['enqueued', 'ACCEPTED'],
    ['sent', 'SENT'],
    ['delivered', 'DELIVERED'],
    ['read', 'READ'],
    ['undelivered', 'FAILED'],
    ['failed', 'FAILED'],
    ['expired', 'FAILED'],
    ['cancelled', 'FAILED'],
    ['no-match-template', 'FAILED'],
    ['unknown', 'FAILED'],
    ['error-system', 'FAILED'],
    ['error-never-seen', 'FAILED'],
  ])('of status %s is %s, in capitals too', (status, kind) => {
    expect(factsIn([aReceipt({ status }), aReceipt({ status: status.toUpperCase() })])).toEqual([
      expect.objectContaining({ kind: 'RECEIPT', status: kind }),
      expect.objectContaining({ kind: 'RECEIPT', status: kind }),
    ]);
  });

  it('of a failure says why, and one of a success does not (R36)', () => {
    const [failed, sent] = factsIn([
      aReceipt({ status: 'UNDELIVERED', error: 'not-whatsapp-user' }),
      aReceipt({ status: 'SENT', error: null }),
    ]);

    expect(failed).toMatchObject({ failure: { code: 'RECIPIENT_NOT_ON_CHANNEL', providerCode: 'not-whatsapp-user' } });
    expect(sent).not.toHaveProperty('failure');
  });

  it('whose reason is a number is a failure all the same', () => {
    expect(factsIn(aReceipt({ status: 'UNDELIVERED', error: 131026 }))).toEqual([
      expect.objectContaining({ status: 'FAILED', failure: expect.objectContaining({ providerCode: '131026' }) }),
    ]);
  });

  it.each([
    { comment: `${SEND}:0`, origin: { sendId: SEND, part: 0 } },
    { comment: `${SEND}:12`, origin: { sendId: SEND, part: 12 } },
    { comment: SEND, origin: undefined },
    { comment: `${SEND}:0; drop`, origin: undefined },
    { comment: `x${SEND}:0`, origin: undefined },
    { comment: '------------------------------------:0', origin: undefined },
    { comment: 'campaign 7', origin: undefined },
    { comment: null, origin: undefined },
  ])('with the comment $comment came from $origin', ({ comment, origin }) => {
    const [fact] = factsIn(aReceipt({ comment }));

    expect(fact?.kind === 'RECEIPT' && fact.origin).toEqual(origin);
  });

  it('told twice is one fact, told with another status is another', () => {
    const [first, again, other] = readWebhook([
      aReceipt(),
      aReceipt({ statusAt: 'later' }),
      aReceipt({ status: 'READ' }),
    ]);

    expect(again?.identity).toBe(first?.identity);
    expect(other?.identity).not.toBe(first?.identity);
    expect(other?.orderKey).toBe(first?.orderKey);
  });

  it.each(['yesterday', '', '5', '2026-11'])('whose time is "%s" has none that we could store', (statusAt) => {
    const [fact] = factsIn(aReceipt({ statusAt }));

    expect(fact).toMatchObject({ kind: 'RECEIPT', status: 'DELIVERED' });
    expect(fact).not.toHaveProperty('providerAt');
  });
});

describe('a message of a client', () => {
  const read = {
    identity: 'message:7710042',
    orderKey: 'client:38970123456',
    fact: {
      kind: 'MESSAGE',
      address: '38970123456',
      name: 'Mila',
      username: 'mila',
      text: 'Can I come tomorrow?',
      providerAt: '2026-11-23T09:20:41.000Z',
    },
  };

  it('may come alone or in an array', () => {
    expect(readWebhook(anInbound())).toEqual([read]);
    expect(readWebhook([anInbound(), anInbound({ id: '7710043' })])).toEqual([
      read,
      { ...read, identity: 'message:7710043' },
    ]);
  });

  it.each([
    { what: 'a picture with a caption', content: { type: 'IMAGE', text: null, caption: 'Here' }, text: 'Here' },
    { what: 'a picture alone', content: { type: 'IMAGE' }, text: undefined },
  ])('that is $what is a message', ({ content, text }) => {
    const [fact] = factsIn(anInbound({ messageContent: content, userInfo: null }));

    expect(fact).toEqual({
      kind: 'MESSAGE',
      address: '38970123456',
      providerAt: '2026-11-23T09:20:41.000Z',
      ...(text !== undefined && { text }),
    });
  });

  const files = [
    {
      what: 'with a picture',
      attachment: { url: 'https://files.example/1', name: '../a\u202e.png', size: 7, mimeType: 'image/png' },
      file: { url: 'https://files.example/1', name: 'a.png', size: 7 },
    },
    { what: 'with a file without name', attachment: { url: 'https://files.example/1' }, file: { name: 'file' } },
    { what: 'with a file without address', attachment: { name: 'a.png', size: '7' }, file: { url: '', name: 'a.png' } },
    {
      what: 'with a file at an endless address',
      attachment: { url: `https://files.example/${'x'.repeat(4_000)}`, name: 'a.png' },
      file: { url: '', name: 'a.png' },
    },
    { what: 'with a file of a shape that we do not know', attachment: ['a.png'], file: { url: '', name: 'file' } },
  ];
  it.each(files)('$what keeps its text, and where its file lies', ({ attachment, file }) => {
    const messageContent = { type: 'IMAGE', text: null, caption: 'Here', attachment };

    expect(factsIn(anInbound({ messageContent }))).toMatchObject([{ kind: 'MESSAGE', text: 'Here', files: [file] }]);
  });

  // One fact that the database cannot take loses the whole batch: jsonb has no NUL and no half of a surrogate pair.
  it.each([
    { what: 'NUL in the text', inbound: { messageContent: { type: 'TEXT', text: 'a\u0000b' } } },
    { what: 'NUL in the address', inbound: { subscriber: { identifier: '389\u0000' } } },
    { what: 'half a surrogate pair in the text', inbound: { messageContent: { type: 'TEXT', text: 'a\ud83d' } } },
    { what: 'a user name cut within an emoji', inbound: { userInfo: { userName: `${'a'.repeat(254)}🙂` } } },
    { what: 'a name cut within an emoji', inbound: { userInfo: { firstName: `${'a'.repeat(254)}🙂` } } },
    { what: 'an unreadable element cut within an emoji', inbound: { id: null, note: '🙂'.repeat(6_000) } },
    { what: 'an unreadable element cut within an emoji, one further', inbound: { id: null, n: '🙂'.repeat(6_000) } },
  ])('with $what can be stored', ({ inbound }) => {
    const stored = JSON.stringify(readWebhook(anInbound(inbound)));

    expect(stored.match(/(?<!\\)(\\\\)*\\u(0000|d[89a-f])/)?.[0]).toBeUndefined();
  });
});

describe('news of templates (R23)', () => {
  const news = {
    id: 51820,
    name: 'order_ready',
    channelType: 'WHATSAPP',
    status: 'PAUSED',
    locked: true,
    type: 'USER',
  };
  const inFull = { ...news, content: { text: 'Ready.' }, category: 'UTILITY', updatedAt: '2026-11-23T09:14:06Z' };
  const category = {
    payload: { id: 51820, name: 'order_ready', channelType: 'WHATSAPP', category: 'MARKETING' },
    type: 'message_matcher.category_changed',
    version: 'v1',
    timestamp: '2026-11-23T09:14:06Z',
  };
  const changed = { orderKey: expect.stringMatching(/^templates:/), fact: { kind: 'TEMPLATES_CHANGED' } };

  it.each([
    { what: 'a change of status', body: [news] },
    { what: 'a change of status, told with the whole template', body: [inFull] },
    { what: 'a change of status outside an array', body: news },
    { what: 'a change of category', body: category },
  ])('$what says that the list has changed', ({ body }) => {
    expect(readWebhook(body)).toMatchObject([changed]);
  });

  it('a batch is one fact, beside its neighbours', () => {
    const facts = readWebhook([aReceipt(), news, { ...news, id: 2 }, category, { poison: true }]);

    expect(facts.map(({ fact }) => fact.kind).toSorted()).toEqual(['RECEIPT', 'TEMPLATES_CHANGED', 'UNREADABLE']);
  });

  it('the same news later is another fact: a template may be paused, approved and paused again', () => {
    const [first] = readWebhook([news]);
    const [later] = readWebhook([news]);

    expect(later?.identity).not.toBe(first?.identity);
  });
});

describe('what we cannot read', () => {
  it.each([
    { what: 'a status that we do not know', element: aReceipt({ status: 'TELEPORTED' }) },
    { what: 'a status named like a property of every object', element: aReceipt({ status: 'constructor' }) },
    { what: 'a receipt that names no message', element: aReceipt({ requestId: null, messageId: null, comment: null }) },
    { what: 'a message without sender', element: anInbound({ subscriber: {} }) },
    {
      what: 'a template that says nothing of its lock',
      element: { id: 51820, channelType: 'WHATSAPP', status: 'PAUSED' },
    },
    { what: 'null', element: null },
    { what: 'a number', element: 7 },
  ])('$what is kept', ({ element }) => {
    const [read] = readWebhook([element]);

    expect(read?.identity).toMatch(/^unreadable:[0-9a-f]{64}$/);
    expect(read?.fact).toEqual({
      kind: 'UNREADABLE',
      reason: 'neither receipt, message nor news of templates',
      raw: JSON.stringify(element),
    });
  });

  it('does not lose its neighbours', () => {
    const kinds = factsIn([aReceipt(), { poison: { deep: [null] } }, anInbound(), null, aReceipt({ status: 'READ' })]);

    expect(kinds.map(({ kind }) => kind)).toEqual(['RECEIPT', 'UNREADABLE', 'MESSAGE', 'UNREADABLE', 'RECEIPT']);
  });

  it('is cut to 10,000 characters, and two that differ behind the cut stay two', () => {
    const [one, other] = readWebhook([{ long: `${'a'.repeat(20_000)}1` }, { long: `${'a'.repeat(20_000)}2` }]);

    expect(one?.fact.kind === 'UNREADABLE' && one.fact.raw).toHaveLength(10_000);
    expect(one?.identity).not.toBe(other?.identity);
  });

  it('an empty batch is no fact', () => {
    expect(readWebhook([])).toEqual([]);
  });
});

describe('the webhook key (SEC06)', () => {
  const KEY = 'key of the account';

  it.each([
    { headers: { 'X-API-KEY': KEY }, isOurs: true },
    { headers: { Authorization: `Token ${KEY}` }, isOurs: true },
    { headers: { authorization: `token ${KEY}` }, isOurs: true },
    { headers: { 'X-API-KEY': `${KEY}x` }, isOurs: false },
    { headers: { 'X-API-KEY': '' }, isOurs: false },
    { headers: { Authorization: 'Token' }, isOurs: false },
    { headers: { Authorization: `Token x${KEY}` }, isOurs: false },
    { headers: { 'X-API-KEY': 'wrong', Authorization: `Token ${KEY}` }, isOurs: false },
    { headers: {}, isOurs: false },
  ])('$headers proves the sender: $isOurs', ({ headers, isOurs }) => {
    expect(isAuthentic(new Headers(headers as Record<string, string>), KEY)).toBe(isOurs);
  });
});
