import { expect, it } from 'vitest';
import { blindCopies, isMailAddress, phoneDigits, revealsContact } from '../../domain/contact.js';

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
  { id: 'MILA-K-client', contact: { email: 'mila-k@client.example' }, reveals: true },
  { id: '7c1e', contact: { phone: '38970123456', email: 'mila-k@client.example' }, reveals: false },
  { id: 'crm-55120', contact: {}, reveals: false },
  { id: 'crm-55120', contact: { email: '.....@client.example' }, reveals: false },
  { id: 'abcdef', contact: { email: 'a.b.c@client.example' }, reveals: false },
])('the id $id gives away $contact: $reveals (SEC05)', ({ id, contact, reveals }) => {
  expect(revealsContact(id, contact)).toBe(reveals);
});
