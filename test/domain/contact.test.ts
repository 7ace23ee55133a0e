import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import {
  blindCopies,
  contactKey,
  contactsOf,
  contactTypeOf,
  identityAddress,
  isMailAddress,
  phoneDigits,
  readContact,
  revealsContact,
} from '../../domain/contact.js';
import { ChannelType } from '../../domain/contracts/channel.js';

it.each([
  { entered: '+389 (70) 123-456', digits: '38970123456' },
  { entered: '389.70.123.456', digits: '38970123456' },
  { entered: '1234567', digits: '1234567' },
  { entered: '123456', digits: undefined },
  { entered: '123456789012345', digits: '123456789012345' },
  { entered: '1234567890123456', digits: undefined },
  { entered: '', digits: undefined },
  { entered: '+()-. ', digits: undefined },
  { entered: '12345x67', digits: undefined },
  { entered: '1234567;ext=1', digits: undefined },
  { entered: '٠١٢٣٤٥٦٧', digits: undefined },
])('the phone $entered is kept as $digits (A10, R27)', ({ entered, digits }) => {
  expect(phoneDigits(entered)).toBe(digits);
});

const longest = `${'a'.repeat(64)}@${'b'.repeat(186)}.io`;

it.each([
  'mila@client.example',
  'mila@mail.client.example',
  'Mi.la_9-x@client-9.example',
  '_@9.io',
  'a@b.c.io',
  longest,
])('%s is a mail address (R29, A11)', (address) => {
  expect(isMailAddress(address)).toBe(true);
});

it.each([
  { address: 'a+b@x.io', why: 'plus in the login' },
  { address: 'a@b.c.d.io', why: 'four labels' },
  { address: 'a@io', why: 'one label' },
  { address: 'a@x.i0', why: 'digit in the last label' },
  { address: 'a@x.', why: 'empty last label' },
  { address: 'a@.io', why: 'empty first label' },
  { address: 'a@x..io', why: 'empty middle label' },
  { address: '@x.io', why: 'no login' },
  { address: 'a.x.io', why: 'no @' },
  { address: 'a@b@x.io', why: 'two @' },
  { address: 'a@x_y.io', why: 'underscore in the domain' },
  { address: 'мила@x.io', why: 'letters that are not Latin' },
  { address: 'a@почта.io', why: 'domain that is not Latin' },
  { address: 'a b@x.io', why: 'space' },
  { address: 'a@x.io\n', why: 'line break at the end' },
  { address: 'a@x.io\r\nBcc: b@x.io', why: 'header injection' },
  { address: 'Mila <a@x.io>', why: 'display name' },
  { address: `${'a'.repeat(65)}@x.io`, why: '65 characters before the @' },
  { address: `b${longest}`, why: '65 characters before the @ and 255 in all' },
  { address: `a@${'b'.repeat(250)}.io`, why: '255 characters in all' },
  { address: '', why: 'nothing' },
])('$address is no mail address: $why (R29, A11)', ({ address }) => {
  expect(isMailAddress(address)).toBe(false);
});

it('blind copies are trimmed, each once, and never the To address, without case (A12)', () => {
  const copies = blindCopies([' b@x.io', 'B@X.io', 'c@x.io', 'mila@x.io', 'b@x.io'], 'Mila@x.io');

  expect(copies).toEqual(['b@x.io', 'c@x.io']);
});

it.each([
  { id: 'client-38970123456', contact: { phone: '+389 70 123 456' }, reveals: true },
  { id: 'c_389-70-123-456_x', contact: { phone: '38970123456' }, reveals: true },
  { id: 'MILA-K-client-example', contact: { email: 'mila-k@client.example' }, reveals: true },
  { id: 'mila-k', contact: { email: 'mila-k@client.example' }, reveals: false },
  { id: '7c1e', contact: { phone: '38970123456', email: 'mila-k@client.example' }, reveals: false },
  { id: 'crm-55120', contact: {}, reveals: false },
  { id: 'crm-55120', contact: { email: '.....@client.example' }, reveals: false },
  { id: 'abcdef', contact: { email: 'a.b.c@client.example' }, reveals: false },
])('the id $id gives away $contact: $reveals (SEC05)', ({ id, contact, reveals }) => {
  expect(revealsContact(id, contact)).toBe(reveals);
});

const ruleAgainst = (type: 'PHONE' | 'EMAIL', value: string) => {
  const read = readContact({ type, value });
  return read.isValid ? undefined : read.rule;
};

describe('a phone as it is entered', () => {
  it.each([
    { entered: '+389 (70) 123-456', value: '38970123456' },
    { entered: ' 389.70.123.456\u00a0', value: '38970123456' },
    { entered: '1234567', value: '1234567' },
    { entered: '123456789012345', value: '123456789012345' },
  ])('$entered is kept as $value (A10, R27)', ({ entered, value }) => {
    expect(readContact({ type: 'PHONE', value: entered })).toEqual({
      isValid: true,
      contact: { type: 'PHONE', value },
    });
  });

  it.each([
    { entered: '', rule: 'R27' },
    { entered: '+', rule: 'R27' },
    { entered: '+389 70', rule: 'R27' },
    { entered: '123456', rule: 'R27' },
    { entered: '1234567890123456', rule: 'A10' },
    { entered: '12345x', rule: 'A10' },
    { entered: '12345x67', rule: 'A10' },
    { entered: '1234567;ext=1', rule: 'A10' },
    { entered: '123/4567', rule: 'A10' },
    { entered: '٠١٢٣٤٥٦٧', rule: 'A10' },
    { entered: 'mila@client.example', rule: 'A10' },
  ] as const)('$entered breaks $rule, which the answer names (A10, R27)', ({ entered, rule }) => {
    expect(ruleAgainst('PHONE', entered)).toBe(rule);
  });

  const digits = (minLength: number, maxLength: number) =>
    fc.array(fc.integer({ min: 0, max: 9 }).map(String), { minLength, maxLength });
  /** The digits with anything of the kind before, between and after them. */
  const spread = (among: fc.Arbitrary<string[]>, between: fc.Arbitrary<string>) =>
    among.chain((figures) =>
      fc.array(between, { minLength: figures.length + 1, maxLength: figures.length + 1 }).map((gaps) => ({
        digits: figures.join(''),
        entered: gaps.map((gap, index) => gap + (figures[index] ?? '')).join(''),
      })),
    );
  const punctuation = fc.string({ unit: fc.constantFrom('+', '(', ')', '-', '.', ' ', '\u00a0'), maxLength: 3 });

  test.prop([spread(digits(7, 15), punctuation)])(
    'the same 7 to 15 digits are the same contact, whatever + ( ) - . and spaces stand among them (A10, A27)',
    ({ digits: value, entered }) => {
      expect(readContact({ type: 'PHONE', value: entered })).toEqual({
        isValid: true,
        contact: { type: 'PHONE', value },
      });
    },
  );

  test.prop([spread(digits(0, 6), punctuation)])('fewer than 7 digits break R27', ({ entered }) => {
    expect(ruleAgainst('PHONE', entered)).toBe('R27');
  });

  test.prop([spread(digits(16, 40), punctuation)])('more than 15 digits break A10', ({ entered }) => {
    expect(ruleAgainst('PHONE', entered)).toBe('A10');
  });

  const foreign = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 1 })
    .filter((sign) => !/^[+().\s\d-]*$/.test(sign));

  test.prop([digits(0, 15), foreign, digits(0, 15)])(
    'any other sign among the digits breaks A10',
    (before, sign, after) => {
      expect(ruleAgainst('PHONE', [...before, sign, ...after].join(''))).toBe('A10');
    },
  );
});

describe('a mail address as it is entered', () => {
  it.each([
    { entered: 'mila@client.example', value: 'mila@client.example' },
    { entered: '  Mila_9@Mail.Client.example ', value: 'Mila_9@Mail.Client.example' },
    { entered: longest, value: longest },
  ])('$entered is kept as $value (R29, A11)', ({ entered, value }) => {
    expect(readContact({ type: 'EMAIL', value: entered })).toEqual({
      isValid: true,
      contact: { type: 'EMAIL', value },
    });
  });

  it.each([
    { entered: '', rule: 'R29' },
    { entered: '38970123456', rule: 'R29' },
    { entered: 'a+b@x.io', rule: 'R29' },
    { entered: 'a@b.c.d.io', rule: 'R29' },
    { entered: 'a@io', rule: 'R29' },
    { entered: 'a@x.i0', rule: 'R29' },
    { entered: 'a@x.io, b@x.io', rule: 'R29' },
    { entered: 'a@x.io\r\nBcc: b@x.io', rule: 'R29' },
    { entered: `${'a'.repeat(65)}@x.io`, rule: 'A11' },
    { entered: `a@${'b'.repeat(250)}.io`, rule: 'A11' },
  ] as const)('$entered breaks $rule, which the answer names (R29, A11)', ({ entered, rule }) => {
    expect(ruleAgainst('EMAIL', entered)).toBe(rule);
  });

  const LATIN = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  const word = (signs: string, maxLength: number) =>
    fc.string({ unit: fc.constantFrom(...Array.from(signs)), minLength: 1, maxLength });
  const login = word(`${LATIN}0123456789._-`, 64);
  const labels = (minLength: number, maxLength: number) =>
    fc.array(word(`${LATIN}0123456789-`, 63), { minLength, maxLength });
  const ending = word(LATIN, 20);
  const address = fc
    .tuple(login, labels(1, 2), ending)
    .map(([name, domain, last]) => `${name}@${[...domain, last].join('.')}`);
  /** With the piece anywhere inside, where it is not trimmed. */
  const withInside = (piece: fc.Arbitrary<string>) =>
    fc.tuple(address, piece, fc.nat()).map(([whole, inserted, place]) => {
      const at = 1 + (place % (whole.length - 1));
      return whole.slice(0, at) + inserted + whole.slice(at);
    });

  test.prop([address])('login, one or two labels and a last one of letters are accepted as they are (R29)', (value) => {
    expect(readContact({ type: 'EMAIL', value })).toEqual({ isValid: true, contact: { type: 'EMAIL', value } });
  });

  test.prop([login, labels(3, 6), ending])('a fourth label is refused (A11)', (name, domain, last) => {
    expect(isMailAddress(`${name}@${[...domain, last].join('.')}`)).toBe(false);
  });

  test.prop([withInside(fc.constantFrom('+', '@', ' ', ',', ';', '<', '"', '%', "'", '/'))])(
    'a plus sign or another one that is not in the grammar is refused (R29)',
    (value) => {
      expect(ruleAgainst('EMAIL', value)).toBeDefined();
    },
  );

  test.prop([
    withInside(fc.constantFrom('я', 'é', 'ß', 'ı', 'ſ', '\u212a', 'ａ', '٣', '中', '\u0301', '\u200f', '🙂')),
  ])('a letter or digit that is not Latin, or a mark that nobody sees, is refused (R29)', (value) => {
    expect(ruleAgainst('EMAIL', value)).toBeDefined();
  });

  test.prop([withInside(fc.constantFrom('\n', '\r', '\r\n', '\u0085', '\u2028', '\u2029', '\t', '\0'))])(
    'a line break is refused wherever it stands (R29)',
    (value) => {
      expect(ruleAgainst('EMAIL', value)).toBeDefined();
    },
  );

  test.prop([fc.integer({ min: 65, max: 300 }), labels(1, 2), ending])(
    'more than 64 characters before the @ break A11',
    (length, domain, last) => {
      expect(ruleAgainst('EMAIL', `${'a'.repeat(length)}@${[...domain, last].join('.')}`)).toBe('A11');
    },
  );

  test.prop([login, fc.integer({ min: 255, max: 600 })])(
    'more than 254 characters in all break A11',
    (name, length) => {
      const ofLength = (all: number) => `${name}@${'b'.repeat(all - name.length - 4)}.io`;

      expect(ofLength(length)).toHaveLength(length);
      expect(ruleAgainst('EMAIL', ofLength(length))).toBe('A11');
      expect(ruleAgainst('EMAIL', ofLength(254))).toBeUndefined();
    },
  );

  test.prop([address])('an address is the same contact in capitals and in small letters (A27)', (value) => {
    const keys = [value, value.toUpperCase(), value.toLowerCase()].map((written) =>
      contactKey({ type: 'EMAIL', value: written }),
    );

    expect(new Set(keys).size).toBe(1);
  });
});

describe('the contacts by which a client is known (A27)', () => {
  const channelTypes = new Map<string, ChannelType>([
    ['wa', 'WHATSAPP'],
    ['viber', 'VIBER'],
    ['mail', 'EMAIL'],
    ['chat', 'WEB_CHAT'],
  ]);

  it('phone, e-mail and the addresses on WhatsApp, Viber and e-mail are all of them', () => {
    const identities = [
      { channelId: 'wa', address: '38970123456' },
      { channelId: 'viber', address: '38971222333' },
      { channelId: 'mail', address: 'mila@work.example' },
    ];

    expect(contactsOf({ phone: '38970555555', email: 'mila@client.example', identities }, channelTypes)).toEqual([
      { type: 'PHONE', value: '38970555555' },
      { type: 'EMAIL', value: 'mila@client.example' },
      { type: 'PHONE', value: '38970123456' },
      { type: 'PHONE', value: '38971222333' },
      { type: 'EMAIL', value: 'mila@work.example' },
    ]);
  });

  it('each stands once, in the form in which contacts are compared', () => {
    const identities = [
      { channelId: 'wa', address: '+38970123456' },
      { channelId: 'viber', address: '38970123456' },
      { channelId: 'mail', address: 'mila@Client.example' },
    ];

    expect(contactsOf({ phone: '+389 70 123 456', email: 'Mila@client.example', identities }, channelTypes)).toEqual([
      { type: 'PHONE', value: '38970123456' },
      { type: 'EMAIL', value: 'mila@client.example' },
    ]);
  });

  it('an address on another channel, on an unknown one, or that breaks the grammar is none', () => {
    const identities = [
      { channelId: 'chat', address: '38970123456' },
      { channelId: 'gone', address: '38970123456' },
      { channelId: 'wa', address: 'ext-55120' },
      { channelId: 'mail', address: 'a+b@x.io' },
    ];

    expect(contactsOf({ identities }, channelTypes)).toEqual([]);
  });
});

it('two addresses, or two phones, are two contacts (A27)', () => {
  expect(contactKey({ type: 'EMAIL', value: 'mila@x.io' })).not.toBe(
    contactKey({ type: 'EMAIL', value: 'mi.la@x.io' }),
  );
  expect(contactKey({ type: 'PHONE', value: '38970123456' })).not.toBe(
    contactKey({ type: 'PHONE', value: '0038970123456' }),
  );
});

it.each([
  { type: 'WHATSAPP', contact: 'PHONE' },
  { type: 'VIBER', contact: 'PHONE' },
  { type: 'EMAIL', contact: 'EMAIL' },
  { type: 'WEB_CHAT', contact: undefined },
  { type: 'MOBILE_APP', contact: undefined },
  { type: 'APPLE_MESSAGES', contact: undefined },
  { type: 'TELEGRAM', contact: undefined },
] as const)('who has never written is reached on $type by a contact of type $contact (R4, A3)', ({ type, contact }) => {
  expect(contactTypeOf(type)).toBe(contact);
});

it('every channel type says by which contact it reaches a new client (R4)', () => {
  const reachedBy = (contact: 'PHONE' | 'EMAIL') =>
    ChannelType.options.filter((type) => contactTypeOf(type) === contact);

  expect([reachedBy('PHONE'), reachedBy('EMAIL')]).toEqual([['WHATSAPP', 'VIBER'], ['EMAIL']]);
});

it.each([
  { type: 'WHATSAPP', address: '+389 (70) 123-456', kept: '38970123456' },
  { type: 'VIBER', address: '389.70.123.456', kept: '38970123456' },
  { type: 'WHATSAPP', address: 'MK.8412077213', kept: 'MK.8412077213' },
  { type: 'EMAIL', address: ' Mila@Client.example', kept: 'mila@client.example' },
  { type: 'TELEGRAM', address: '+5551234567', kept: '+5551234567' },
  { type: 'WEB_CHAT', address: 'Shop-4711', kept: 'Shop-4711' },
] as const)('the address $address on $type is the identity $kept, so that a block of it holds (R37)', (row) => {
  expect(identityAddress(row.type, row.address)).toBe(row.kept);
});
