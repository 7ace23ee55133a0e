// What nobody sends by mistake, and what some send on purpose.

export const HOSTILE_TEXTS: readonly string[] = [
  '',
  ' ',
  '-1',
  'NaN',
  'Infinity',
  '1e309',
  '9'.repeat(400),
  'null',
  'true',
  'undefined',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  '\0',
  'a\0b',
  '\u0001\u001b[31m\u007f',
  '\u0085\u2028\u2029',
  '\u202egnp.exe\u202c',
  '\u200f\u061c',
  '\ufeff',
  'cut \ud83d',
  '\udc00 cut',
  '👩‍👩‍👧‍👦🏳️‍🌈',
  'İıßﬃΣς',
  'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢',
  '﷽'.repeat(100),
  '{{2}}',
  '{{1}}{{header.1}}{{}}',
  '%s%n%x%00',
  '${7*7}<%= 7*7 %>',
  '../../x',
  '..\\..\\x',
  '/etc/passwd\0.png',
  'file:///etc/passwd',
  'http://[::1',
  'javascript:alert(1)',
  '<script>alert(1)</script>',
  "'; DROP TABLE sends; --",
  '" OR ""="',
  '\\',
  '%_%',
  'mila@client.example\r\nBcc: eve@evil.example',
  '"a b"@client.example',
  'a@b.example, c@d.example',
  '2026-02-30T25:61:61Z',
  '2026-11-24T09:13:00+16:00',
  '2016-12-31T23:59:60Z',
  '+275760-09-13T00:00:00Z',
  '-000001-01-01T00:00:00Z',
  'x'.repeat(65),
  'x'.repeat(70_000),
  '🙂'.repeat(35_000),
];

/** Behind a text that is otherwise right. */
export const HOSTILE_ENDINGS: readonly string[] = [
  '\0',
  '\ud83d',
  '\udc00',
  '\n',
  '\r\nBcc: eve@evil.example',
  '\u202e',
  '\u200b',
  '🙂',
  ' ',
  "'",
  '{{2}}',
  '/../../x',
];

export const HOSTILE_NUMBERS = [
  -1,
  0,
  0.5,
  -0,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  -(2 ** 31) - 1,
  2 ** 53,
  2 ** 63,
  1e21,
  Number.MAX_VALUE,
  Number.MIN_VALUE,
];

const DEPTH = 1000;
const nested = (open: (inner: unknown) => unknown) =>
  Array.from({ length: DEPTH }).reduce<unknown>((inner) => open(inner), 1);

export const HOSTILE_STRUCTURES: readonly unknown[] = [
  null,
  true,
  false,
  [],
  {},
  [null],
  { toString: 1, valueOf: 2 },
  { length: 1e9 },
  { $gt: '' },
  JSON.parse('{"__proto__":{"polluted":"yes"}}'),
  { constructor: { prototype: { polluted: 'yes' } } },
  nested((inner) => [inner]),
  nested((inner) => ({ a: inner })),
  Array<string>(2000).fill('x'),
  Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`k${index}`, index])),
];

export const HOSTILE_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '',
  'colour',
  '\0',
  'x'.repeat(70_000),
];

/** No JSON, or JSON of the strangest kind. */
export const MALFORMED_JSON: readonly Buffer[] = [
  '',
  ' ',
  '{',
  '{"agentId":',
  '{"a":1,}',
  "{'a':1}",
  '{"a":NaN}',
  '[1e999]',
  'null',
  '"text"',
  '[]',
  '{}{}',
  '\ufeff{}',
  '{"name":"x","name":"y"}',
  '{"name":"\\ud800"}',
  '{"name":"\\u0000"}',
  '{"name":"\u0001"}',
  '['.repeat(100_000),
  '{"a":'.repeat(100_000),
]
  .map((text) => Buffer.from(text))
  .concat([Buffer.from('{"name":"\xff\xfe"}', 'latin1'), Buffer.from('{}', 'utf16le')]);

export const WRONG_CONTENT_TYPES: readonly (string | undefined)[] = [
  undefined,
  '',
  'text/plain',
  'application/xml',
  'application/jsonx',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'application/json, text/plain',
  ';',
  'x'.repeat(5000),
];

/** Segments of a path as they go over the wire. */
export const HOSTILE_SEGMENTS: readonly string[] = [
  '',
  '.',
  '..',
  '%2e%2e',
  '%2e%2e%2f%2e%2e%2fx',
  '..%5c..',
  '%',
  '%zz',
  '%00',
  'a%00b',
  '%0d%0aX-Evil:%201',
  '%ed%a0%80',
  '%c0%ae',
  '%ff',
  '%252e',
  '*',
  ';a=b',
  'a+b',
  '~',
  '{id}',
  ':id',
  'x'.repeat(5000),
  ...HOSTILE_TEXTS.flatMap(encoded),
];

/** Behind the query that was meant. */
export const HOSTILE_QUERIES: readonly string[] = [
  '&colour=red',
  '&limit=1&limit=2',
  '&limit[]=1',
  '&after[a][b]=1',
  '&__proto__=1',
  '&__proto__[polluted]=yes',
  '&constructor[prototype][polluted]=yes',
  '&%zz=%',
  '&%00=%00',
  '&&&=&',
  '?limit=1',
  ...HOSTILE_TEXTS.flatMap(encoded).map((text) => `&q=${text}`),
];

/** As a header's value; what the sending side itself refuses is left out. */
export const HOSTILE_HEADERS: readonly string[] = [
  '',
  ' ',
  '\t',
  'a\tb',
  'x'.repeat(256),
  'x'.repeat(5000),
  'Ã¼ÿ',
  '"',
  ',',
  "'; DROP TABLE sends; --",
  '__proto__',
  '%00',
];

/** What fits into a request line, encoded. */
export function encoded(text: string): string[] {
  return text.length > 500 || /\p{Surrogate}/u.test(text) ? [] : [encodeURIComponent(text)];
}
