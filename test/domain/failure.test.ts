import { expect, it } from 'vitest';
import { FailureCode } from '../../domain/contracts/failure.js';
import { FAILURE_SENTENCES } from '../../domain/failure.js';

it.each(FailureCode.options)('%s has a sentence for the agent (R35, R36)', (code) => {
  expect(FAILURE_SENTENCES[code]).toMatch(/^[A-Z][^_]{20,}\.$/);
});

it('each sentence stands for one code, and each code has its own', () => {
  expect(Object.keys(FAILURE_SENTENCES).toSorted()).toEqual([...FailureCode.options].toSorted());
  expect(new Set(Object.values(FAILURE_SENTENCES)).size).toBe(FailureCode.options.length);
});
