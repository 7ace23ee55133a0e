import { describe, expect, it } from 'vitest';
import { TransferTarget } from '../../domain/contracts/thread.js';
import { transferRefusals } from '../../domain/transfer.js';

const boris: TransferTarget = { kind: 'EMPLOYEE', id: 'boris' };

it.each(TransferTarget.shape.kind.options)('a %s that is unknown or disabled takes no thread (A26)', (kind) => {
  const target = { kind, id: 'any' };

  expect(transferRefusals({ target }, 'anna', true)).toEqual([]);
  expect(transferRefusals({ target }, 'anna', false)).toEqual([{ code: 'TRANSFER_TARGET' }]);
});

describe('oneself (A26)', () => {
  it.each([
    { by: 'boris', refusals: [{ code: 'TRANSFER_TARGET' }] },
    { by: 'anna', refusals: [] },
    { by: undefined, refusals: [] },
  ])('boris is handed a thread by $by: $refusals', ({ by, refusals }) => {
    expect(transferRefusals({ target: boris }, by, true)).toEqual(refusals);
  });

  it.each(TransferTarget.shape.kind.options.filter((kind) => kind !== 'EMPLOYEE'))(
    'a %s of the same id is somebody else',
    (kind) => {
      expect(transferRefusals({ target: { kind, id: 'boris' } }, 'boris', true)).toEqual([]);
    },
  );

  it('is refused once, though nobody knows them either', () => {
    expect(transferRefusals({ target: boris }, 'boris', false)).toEqual([{ code: 'TRANSFER_TARGET' }]);
  });
});

describe('the comment', () => {
  it.each([
    { comment: undefined, what: 'none', refusals: [] },
    { comment: '', what: 'an empty one', refusals: [] },
    { comment: 'a'.repeat(220), what: '220 letters', refusals: [] },
    { comment: 'a'.repeat(221), what: '221 letters', refusals: [{ code: 'COMMENT_TOO_LONG', max: 220 }] },
    { comment: '🙂'.repeat(220), what: '220 smileys', refusals: [] },
    { comment: '🙂'.repeat(221), what: '221 smileys', refusals: [{ code: 'COMMENT_TOO_LONG', max: 220 }] },
  ])('$what is taken unless $refusals: characters are code points (A26)', ({ comment, refusals }) => {
    expect(transferRefusals({ target: boris, comment }, 'anna', true)).toEqual(refusals);
  });

  it('and the target are judged apart (A26)', () => {
    expect(transferRefusals({ target: boris, comment: 'a'.repeat(221) }, 'anna', false)).toEqual([
      { code: 'TRANSFER_TARGET' },
      { code: 'COMMENT_TOO_LONG', max: 220 },
    ]);
  });
});
