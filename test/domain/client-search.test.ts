import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { searchForm, searchTerms } from '../../domain/client-search.js';

const isFound = (entered: string, known: string) => searchForm(known).includes(searchForm(entered));

describe('what does not matter in a search', () => {
  it.each([
    { entered: 'mila', known: 'MILA' },
    { entered: 'МИЛА ПЕТРОВА', known: 'Мила Петрова' },
    { entered: 'ћосић', known: 'ЋОСИЋ' },
    { entered: 'ΝΙΚΟΣ', known: 'Νικος' },
    { entered: 'ΝΙΚΟΣ', known: 'νικοσλαβ' },
    { entered: 'νικος', known: 'ΝΙΚΟΣΛΑΒ' },
    { entered: 'ΝΙΚΟΣΠΑΠΠΑΣ', known: 'Νικος Παππας' },
    { entered: 'ΚΑΪ́ΡΗΣ', known: 'Καΐρης' },
    { entered: 'ÉMILE', known: 'Émile' },
    { entered: 'STRASSER', known: 'Straßer' },
    { entered: 'straßer', known: 'STRASSER' },
    { entered: 'STRAẞER', known: 'Straßer' },
    { entered: 'e\u0301mile', known: '\u00c9MILE' },
  ])('$entered finds $known: case and how a letter is stored (A34)', ({ entered, known }) => {
    expect(isFound(entered, known)).toBe(true);
  });

  it.each([
    { entered: '+389 (70) 123-456', known: '38970123456' },
    { entered: '70 123', known: '38970123456' },
    { entered: '３８９７０', known: '38970123456' },
    { entered: '@mila_k', known: 'mila_k' },
    { entered: ' @Mila_K', known: 'mila_k' },
    { entered: '@client', known: 'mila@client.example' },
    { entered: 'mila k', known: 'Mila-K' },
    { entered: 'crm55120', known: 'CRM-55120' },
    { entered: 'Anna\u00a0Maria', known: 'anna-maria' },
  ])('$entered finds $known: + ( ) - spaces and a leading @ (A34)', ({ entered, known }) => {
    expect(isFound(entered, known)).toBe(true);
  });

  it.each([
    { entered: 'mila@client', known: 'milaclient' },
    { entered: 'mila_k', known: 'milak' },
    { entered: 'mi.la', known: 'mila' },
    { entered: 'мила', known: 'mila' },
    { entered: '38970123457', known: '38970123456' },
  ])('$entered does not find $known: everything else matters (A34)', ({ entered, known }) => {
    expect(isFound(entered, known)).toBe(false);
  });

  it.each(['', ' ', '+', '()', '+-()', '\n', '@', ' @ '])('of %j nothing is left (A34)', (entered) => {
    expect(searchForm(entered)).toBe('');
  });

  const letters = (from: string, to: string) =>
    fc.integer({ min: from.codePointAt(0)!, max: to.codePointAt(0)! }).map((code) => String.fromCodePoint(code));
  const word = fc.string({
    unit: fc.oneof(
      letters('a', 'z'),
      letters('а', 'џ'),
      letters('α', 'ω'),
      letters('ά', 'ί'),
      fc.constantFrom('ß', ' '),
    ),
  });

  test.prop([word, word])(
    'a part of a name finds it in capitals and in small letters, also Cyrillic and Greek (A34)',
    (one, other) => {
      const [entered, known] = [one, `${one}${other}`];

      expect(isFound(entered.toUpperCase(), known)).toBe(true);
      expect(isFound(entered, known.toUpperCase())).toBe(true);
    },
  );

  test.prop([fc.array(word, { minLength: 1 }), fc.array(fc.constantFrom('+', '(', ')', '-', ' ', '\u00a0'))])(
    'whatever + ( ) - and spaces stand among the letters, the form is the same (A34)',
    (pieces, signs) => {
      const apart = pieces.map((piece, index) => piece + (signs[index] ?? '')).join('');

      expect(searchForm(apart)).toBe(searchForm(pieces.join('')));
    },
  );

  /** Letters that a normal form takes apart or together, and all that is taken away. */
  const entry = fc.string({
    unit: fc.oneof(
      fc.constantFrom('@', '@@', '+', '(', ')', '-', ' ', '\n', '\t', '\r\n', '\u2028', '\u00a0', '\u200f'),
      fc.constantFrom('İ', 'ß', 'ẞ', 'Σ', 'ς', 'ΐ', 'J', '\u030c', '\u0301', '\u0308', '①', '⑴', '´', 'ﬁ', '＠'),
      fc.constantFrom('a', 'B', 'Ж', '7'),
    ),
  });

  test.prop([fc.oneof(entry, fc.string({ unit: 'binary' }))])(
    'a form has no line break, no space and no capital of its own (A34)',
    (entered) => {
      expect(searchForm(entered)).not.toMatch(/[\n\r\u2028\u2029\s+()-]/);
    },
  );

  test.prop([fc.oneof(entry, fc.string({ unit: 'binary' }))], { numRuns: 2000 })(
    'the form of a form is itself, so that it does not matter on which side of a call it is made (A34)',
    (entered) => {
      const form = searchForm(entered);

      expect(searchForm(form)).toBe(form);
    },
  );
});

describe('by what a client is found', () => {
  const nobody = { identities: [] };

  it('a client is found by name, phone, e-mail, external id, username and address (R7)', () => {
    const terms = searchTerms({
      name: 'Мила Петрова',
      phone: '38970123456',
      email: 'Mila@Client.example',
      externalId: 'CRM-55120',
      identities: [{ address: '991', username: '@mila_k' }],
    });

    expect(terms.toSorted()).toEqual(
      ['милапетрова', '38970123456', 'mila@client.example', 'crm55120', '991', 'mila_k'].toSorted(),
    );
  });

  it('a client who has only logged in is found by the external id and by the address of the login (R8)', () => {
    expect(searchTerms({ externalId: 'crm-55120', identities: [{ address: 'app:77' }] })).toEqual([
      'crm55120',
      'app:77',
    ]);
  });

  it('each term stands once, whatever it is written like and wherever it comes from (R7)', () => {
    const terms = searchTerms({
      phone: '38970123456',
      externalId: '+389 70 123-456',
      identities: [{ address: '38970123456' }, { address: '38970123456', username: '@38970123456' }],
    });

    expect(terms).toEqual(['38970123456']);
  });

  it('nothing is found by what is absent, or of which nothing is left (R7)', () => {
    expect(searchTerms(nobody)).toEqual([]);
    expect(searchTerms({ name: '( - )', identities: [{ address: '+', username: '@' }] })).toEqual([]);
  });

  test.prop([fc.array(fc.string({ unit: 'binary' }))])(
    'no term has a line break in it, not even from a name (R7)',
    (names) => {
      const terms = searchTerms({
        name: names.join('\n'),
        identities: names.map((address) => ({ address, username: `@${address}\r\n` })),
      });

      expect(terms.filter((term) => /[\n\r]/.test(term) || term === '')).toEqual([]);
    },
  );
});
