// Multipart bodies: what a form sends, and what it never would.
import { fc } from '@fast-check/vitest';
import { HOSTILE_TEXTS } from './hostile.js';

export interface Upload {
  contentType: string;
  body: Buffer;
}

const BOUNDARY = 'fuzz-boundary';
const FORM = `multipart/form-data; boundary=${BOUNDARY}`;

const file = (disposition: string, bytes: Buffer) =>
  Buffer.concat([
    Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: ${disposition}\r\nContent-Type: image/png\r\n\r\n`),
    bytes,
    Buffer.from('\r\n'),
  ]);
const END = Buffer.from(`--${BOUNDARY}--\r\n`);
const named = (name: string) => `form-data; name="file"; filename="${name}"`;

const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((array) => Buffer.from(array));
const names = fc.oneof(
  fc.constantFrom('offer.pdf', 'a.png'),
  fc.constantFrom(
    ...HOSTILE_TEXTS.filter((text) => text.length < 500),
    'x'.repeat(5000),
    '"; filename="b.exe',
    'C:\\fakepath\\a.bat',
  ),
);

const form = (...parts: Buffer[]): Upload => ({ contentType: FORM, body: Buffer.concat([...parts, END]) });

export const usualUploads: fc.Arbitrary<Upload> = bytes.map((content) => form(file(named('offer.pdf'), content)));

export const hostileUploads: fc.Arbitrary<Upload> = fc.oneof(
  fc.tuple(names, bytes).map(([name, content]) => form(file(named(name), content))),
  bytes.map((content) => form(file(named('a'), content), file(named('b'), content))),
  bytes.map((content) => form(file(named('a'), content), file('form-data; name="other"', Buffer.from('x')))),
  bytes.map((content) => ({ contentType: FORM, body: file(named('a'), content) })), // breaks off
  bytes.map((content) => ({ contentType: 'multipart/form-data', body: form(file(named('a'), content)).body })),
  fc
    .tuple(
      bytes,
      fc.constantFrom('boundary=other', 'boundary=', `boundary="${'b'.repeat(5000)}"`, 'boundary=a; boundary=b', ';;='),
    )
    .map(([content, parameter]) => ({
      contentType: `multipart/form-data; ${parameter}`,
      body: form(file(named('a'), content)).body,
    })),
  fc.constantFrom(
    form(),
    form(file(named('empty'), Buffer.alloc(0))),
    form(file('form-data; name="file"', Buffer.from('no file name'))),
    form(file('form-data; name="__proto__"; filename="a"', Buffer.from('x'))),
    form(file('attachment', Buffer.from('x'))),
    form(file('', Buffer.from('x'))),
    form(file(`${named('many')}${'\r\nX-More: 1'.repeat(500)}`, Buffer.from('x'))),
    form(...Array.from({ length: 50 }, () => file('form-data; name="field"', Buffer.from('x')))),
    { contentType: FORM, body: Buffer.alloc(0) },
    { contentType: FORM, body: Buffer.from('--') },
    { contentType: 'text/plain', body: Buffer.from('x') },
    { contentType: 'application/json', body: Buffer.from('{"file":"x"}') },
  ),
);
