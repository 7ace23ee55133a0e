import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ApiEnvironment } from '../../api/config.js';
import { PROBLEMS } from '../../api/problem.js';
import { FailureCode } from '../../domain/contracts/failure.js';
import { ProblemCode } from '../../domain/contracts/problem.js';
import { Refusal } from '../../domain/contracts/refusal.js';
import { FAILURE_SENTENCES } from '../../domain/failure.js';
import { WorkerEnvironment } from '../../worker/config.js';
import { codesIn, requiredRules, ROOT, rowsOf, rulesProvedIn, testFiles, textOf } from './tables.js';

describe('docs/refusals.md', () => {
  const markdown = textOf('docs/refusals.md');
  const codesUnder = (heading: string) => rowsOf(markdown, heading).map(([code = '']) => codesIn(code)[0]);

  it('has a row for each refusal, with its fields, and for nothing else', () => {
    const inCode = Refusal.options.map(({ shape }) => Object.keys(shape));

    const inDocs = rowsOf(markdown, 'Refusals').map(([code = '', fields = '']) => [
      codesIn(code)[0],
      ...codesIn(fields),
    ]);

    expect(inDocs).toEqual(inCode.map(([, ...fields], index) => [Refusal.options[index]?.shape.code.value, ...fields]));
  });

  it('has a row for each problem, with its HTTP status', () => {
    const inDocs = rowsOf(markdown, 'Problems').map(([code = '', status]) => [codesIn(code)[0], Number(status)]);

    expect(inDocs).toEqual(ProblemCode.options.map((code) => [code, PROBLEMS[code].status]));
  });

  it('has a row for each delivery failure, with the sentence that an agent reads', () => {
    expect(codesUnder('Delivery failures')).toEqual(FailureCode.options);
    expect(rowsOf(markdown, 'Delivery failures').map(([, sentence]) => sentence)).toEqual(
      Object.values(FAILURE_SENTENCES),
    );
  });
});

describe('docs/operations.md', () => {
  it('has a row for each environment variable that a process reads, and for nothing else', () => {
    const inCode = [...Object.keys(ApiEnvironment.shape), ...Object.keys(WorkerEnvironment.shape)];

    const inDocs = rowsOf(textOf('docs/operations.md'), 'Environment').flatMap(([variable = '']) => codesIn(variable));

    expect(inDocs.toSorted()).toEqual([...new Set(inCode)].toSorted());
  });
});

describe('docs/rules.md', () => {
  const rows = rowsOf(textOf('docs/rules.md')).map(([id = '', , enforced = '', tested = '']) => ({
    id,
    isPending: enforced.startsWith('not yet: '),
    enforced: codesIn(enforced),
    tested: codesIn(tested),
  }));

  it('has one line for each rule of docs/requirements.md, and no other R, A or E', () => {
    const ids = rows.map(({ id }) => id).filter((id) => !id.startsWith('INV'));

    expect(ids.toSorted()).toEqual(requiredRules().toSorted());
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  });

  it.each(rows.filter(({ isPending }) => isPending))(
    '$id, which is not built yet, names no file',
    ({ enforced, tested }) => {
      expect([...enforced, ...tested]).toEqual([]);
    },
  );

  it.each(rows.filter(({ isPending }) => !isPending))(
    '$id is enforced in files that exist and proved by a title that names it',
    ({ id, enforced, tested }) => {
      expect(enforced.length).toBeGreaterThan(0);
      expect(enforced.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
      expect(tested.length).toBeGreaterThan(0);
      expect(tested.filter((file) => !rulesProvedIn(file).has(id))).toEqual([]);
    },
  );

  it('names every file whose titles name a rule', () => {
    const proved = testFiles().flatMap((file) => [...rulesProvedIn(file)].map((id) => `${id} ${file}`));

    const listed = rows.flatMap(({ id, tested }) => tested.map((file) => `${id} ${file}`));

    expect(listed.toSorted()).toEqual(proved.toSorted());
  });
});
