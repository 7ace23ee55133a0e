import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { attachmentName, isActive, isExecutable } from '../../domain/attachment.js';
import { codePoints } from '../../domain/text.js';

describe('the name of a file (R6, SEC16)', () => {
  it.each([
    { given: 'offer.pdf', name: 'offer.pdf' },
    { given: '../../x', name: 'x' },
    { given: 'C:\\temp\\offer.pdf', name: 'offer.pdf' },
    { given: '/etc/passwd', name: 'passwd' },
    { given: 'a/', name: 'file' },
    { given: '', name: 'file' },
    { given: '..', name: 'file' },
    { given: '.htaccess', name: 'htaccess' },
    { given: 'line\r\nbreak.txt', name: 'linebreak.txt' },
    { given: 'invoice\u202egpj.exe', name: 'invoicegpj.exe' },
    { given: 'a<b>:"|?*.txt', name: 'a_b______.txt' },
    { given: 'Привет 🙂.txt', name: 'Привет 🙂.txt' },
  ])('$given is kept as $name', ({ given, name }) => {
    expect(attachmentName(given)).toBe(name);
  });

  it('keeps its extension when it is cut to 255 code points', () => {
    expect(attachmentName(`${'🙂'.repeat(300)}.jpeg`)).toBe(`${'🙂'.repeat(250)}.jpeg`);
    expect(attachmentName(`a.${'b'.repeat(300)}`)).toBe(`a.${'b'.repeat(253)}`);
  });

  test.prop([fc.string({ unit: 'binary', maxLength: 400 })])(
    'is one visible line without a path, whatever was given',
    (given) => {
      const name = attachmentName(given);

      expect(name).not.toMatch(/[/\\\u0000-\u001f\u007f]/);
      expect(name.startsWith('.')).toBe(false);
      expect(codePoints(name)).toBeGreaterThan(0);
      expect(codePoints(name)).toBeLessThanOrEqual(255);
      expect(attachmentName(name)).toBe(name);
    },
  );
});

it.each([
  { name: 'setup.exe', type: 'application/octet-stream', runs: true },
  { name: 'photo.png', type: 'application/x-msdownload', runs: true },
  { name: 'app.APK', type: 'application/zip', runs: true },
  { name: 'tool', type: 'application/x-sh', runs: true },
  { name: 'a.jar', type: 'application/java-archive', runs: true },
  { name: 'exe.txt', type: 'text/plain', runs: false },
  { name: 'offer.pdf', type: 'application/pdf', runs: false },
])('$name of type $type is an executable: $runs (R6)', ({ name, type, runs }) => {
  expect(isExecutable(name, type)).toBe(runs);
});

it('HTML and SVG are what a browser would run, pictures and texts are not (SEC16)', () => {
  expect(['text/html', 'image/svg+xml', 'application/xhtml+xml', 'image/png', 'text/plain'].map(isActive)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});
