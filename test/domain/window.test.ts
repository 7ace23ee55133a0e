import { expect, it } from 'vitest';
import { windowAt } from '../../domain/window.js';
import { DAY, NOW } from '../builders.js';

it.each([
  { since: 0, open: true },
  { since: DAY - 1, open: true },
  { since: DAY, open: false },
  { since: DAY + 1, open: false },
])('$since ms after the client wrote the window of 24 h is open: $open (A17)', ({ since, open }) => {
  expect(windowAt(NOW, NOW - since, 86_400).open).toBe(open);
});

it('an open window says when it closes, to the millisecond (A17)', () => {
  const { closesAt } = windowAt(NOW, NOW - 5, 86_400);

  expect(closesAt).toBe(NOW - 5 + DAY);
  expect(windowAt(NOW - 5 + DAY, NOW - 5, 86_400)).toEqual({ open: false });
});

it('a client who never wrote has no window (A15)', () => {
  expect(windowAt(NOW, undefined, 86_400)).toEqual({ open: false });
});

it('the channel says how long its window is (A15)', () => {
  expect(windowAt(NOW, NOW - 59_999, 60).open).toBe(true);
  expect(windowAt(NOW, NOW - 60_000, 60).open).toBe(false);
});
