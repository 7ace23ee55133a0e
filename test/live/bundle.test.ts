import { readFile } from 'node:fs/promises';
import { expect, inject, it } from 'vitest';

it('the bundle of the workflows has XState and nothing that parses: no zod, no Node, no adapter', async () => {
  const bundle = (await readFile(inject('bundle'), 'utf8')).split('//# sourceMappingURL')[0] ?? '';

  expect(bundle).toContain('createMachine');
  for (const stranger of ['ZodError', 'kysely', 'nodemailer', 'xstate.development'])
    expect(bundle).not.toContain(stranger);
});
