import { expect, it } from 'vitest';
import { codePoints, isBlank } from '../../domain/text.js';

it.each([
  { text: '', length: 0 },
  { text: 'né', length: 2 },
  { text: '🙂', length: 1 },
  { text: '👨‍👩‍👧‍👦', length: 7 },
  { text: '\u{10FFFF}', length: 1 },
])('$text is $length code points long (A8)', ({ text, length }) => {
  expect(codePoints(text)).toBe(length);
});

it.each([undefined, '', ' ', '\n\t\u00a0'])('%j is blank', (text) => {
  expect(isBlank(text)).toBe(true);
});

it('one letter is not blank', () => {
  expect(isBlank(' a ')).toBe(false);
});
