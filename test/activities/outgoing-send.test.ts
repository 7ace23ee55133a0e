// The effects of a send with ports that record what they are asked: what happens when a process dies between two lines.
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it, vi } from 'vitest';
import { createOutgoingSendActivities, type OutgoingSendPorts } from '../../activities/outgoing-send.js';
import type { Channel, Intent, ProviderAnswer, SendReading } from '../../activities/ports.js';
import type { OutgoingMessage } from '../../domain/outgoing-message.js';
import { aFile, aMail, aMailSituation, aPart, aSituation, aText } from '../builders.js';

const JOB = { sendId: 's-1', channelId: 'wa-main', part: 0 };
const ACCEPTED: ProviderAnswer = { outcome: 'accepted' };
const away: ProviderAnswer = { outcome: 'retry', failure: { code: 'PROVIDER_ERROR' }, afterMs: 7_000 };
const silent: ProviderAnswer = { outcome: 'unknown', failure: { code: 'PROVIDER_ERROR' } };

interface Scene {
  isKeyed: boolean;
  /** What the attempts find, one after the other. */
  intents: Intent['state'][];
  answers: ProviderAnswer[];
}

/** Ports that remember: what was delivered, and which results were committed. */
function scene({ isKeyed, intents, answers }: Scene) {
  const found = { reference: 'r-1', content: aPart() };
  const begin = vi.fn<OutgoingSendPorts['dispatches']['begin']>();
  for (const state of intents) {
    begin.mockResolvedValueOnce(
      state === 'fresh' || state === 'open'
        ? { state, ...found }
        : state === 'answered'
          ? { state, answer: ACCEPTED }
          : { state },
    );
  }
  const deliver = vi.fn<Channel['deliver']>();
  for (const answer of answers) deliver.mockResolvedValueOnce(answer);
  const finish = vi.fn<OutgoingSendPorts['dispatches']['finish']>().mockResolvedValue();
  const channel: Channel = { isKeyed, expectsReceipts: true, timeout: 1_000, deliver };
  const ports = {
    dispatches: { begin, finish },
    channels: { find: async () => channel },
  } as unknown as OutgoingSendPorts;
  const { dispatchPart } = createOutgoingSendActivities(ports);
  const attempt = (part = 0) => new MockActivityEnvironment().run(dispatchPart, { ...JOB, part });
  return { attempt, begin, deliver, finish };
}

describe('a provider without a key of ours', () => {
  it('gets a message once though the process dies before the answer is recorded (INV3, W14)', async () => {
    const { attempt, deliver, finish } = scene({ isKeyed: false, intents: ['fresh', 'open'], answers: [ACCEPTED] });
    finish.mockRejectedValueOnce(new Error('killed'));

    await expect(attempt()).rejects.toThrow('killed');
    const second = await attempt();

    expect(second).toEqual({ outcome: 'unknown' });
    expect(deliver).toHaveBeenCalledOnce();
    expect(finish).toHaveBeenLastCalledWith('s-1', 0, expect.objectContaining({ outcome: 'unknown' }), true);
  });

  it('is not asked again after its silence (E7)', async () => {
    const { attempt, finish } = scene({ isKeyed: false, intents: ['fresh'], answers: [silent] });

    expect(await attempt()).toEqual({ outcome: 'unknown' });
    expect(finish).toHaveBeenCalledWith('s-1', 0, silent, true);
  });
});

describe('a provider that absorbs a repeat under our key', () => {
  it('gets the same reference on the repeat, and is told that it is one (INV3, W13)', async () => {
    const { attempt, deliver } = scene({ isKeyed: true, intents: ['fresh', 'open'], answers: [silent, ACCEPTED] });

    await expect(attempt()).rejects.toMatchObject({ type: 'OUTCOME_UNKNOWN' });
    expect(await attempt()).toEqual({ outcome: 'accepted' });

    expect(deliver.mock.calls.map(([, reference, , isRepeat]) => [reference, isRepeat])).toEqual([
      ['r-1', false],
      ['r-1', true],
    ]);
  });

  it('that cannot be reached for the repeat leaves the first attempt unknown, not unsent (INV7)', async () => {
    const { attempt, finish } = scene({ isKeyed: true, intents: ['open'], answers: [away] });

    await expect(attempt()).rejects.toMatchObject({ type: 'OUTCOME_UNKNOWN', nextRetryDelay: 7_000 });

    expect(finish).toHaveBeenCalledWith('s-1', 0, { outcome: 'unknown', failure: { code: 'PROVIDER_ERROR' } }, true);
  });
});

it('a refusal of the repeat is no proof about the first attempt (INV7)', async () => {
  const refused: ProviderAnswer = { outcome: 'final', failure: { code: 'SENDER_ACCOUNT_PROBLEM' } };
  const { attempt, finish } = scene({ isKeyed: true, intents: ['open'], answers: [refused] });

  await expect(attempt()).rejects.toMatchObject({ type: 'OUTCOME_UNKNOWN' });
  expect(finish).toHaveBeenCalledWith('s-1', 0, { outcome: 'unknown', failure: refused.failure }, true);
});

it('what was certainly not accepted is tried again when the provider says (A32)', async () => {
  const { attempt } = scene({ isKeyed: false, intents: ['fresh'], answers: [away] });

  await expect(attempt()).rejects.toMatchObject({ type: 'NOT_ACCEPTED', nextRetryDelay: 7_000, nonRetryable: false });
});

it('a recorded answer is given again and no byte leaves (INV3, W15)', async () => {
  const { attempt, deliver } = scene({ isKeyed: false, intents: ['answered'], answers: [] });

  expect(await attempt()).toEqual({ outcome: 'accepted' });
  expect(deliver).not.toHaveBeenCalled();
});

it('nothing leaves once it is withheld (INV5, INV14)', async () => {
  const { attempt, deliver } = scene({ isKeyed: true, intents: ['withheld'], answers: [] });

  expect(await attempt()).toEqual({ outcome: 'final', failureCode: 'UNKNOWN' });
  expect(deliver).not.toHaveBeenCalled();
});

it('a reply whose turn has not come leaves nothing, and is asked for again (INV21)', async () => {
  const { attempt, deliver, finish } = scene({ isKeyed: true, intents: ['early', 'fresh'], answers: [ACCEPTED] });

  expect(await attempt()).toEqual({ outcome: 'early' });
  expect([deliver.mock.calls, finish.mock.calls]).toEqual([[], []]);
  expect(await attempt()).toEqual({ outcome: 'accepted' });
});

describe('a message in several parts (A33)', () => {
  const files = [aFile(), aFile({ attachmentId: 'map', name: 'map.png', type: 'image/png' })];

  /** Claims for a send that nothing stands against; what was written down of it, and the answer. */
  async function claimed(send: Pick<SendReading, 'situation' | 'content'>) {
    const recordClaim = vi.fn<OutgoingSendPorts['sends']['recordClaim']>().mockResolvedValue();
    const action = send.situation.channel.type === 'EMAIL' ? {} : { action: { kind: 'CLOSE' } };
    const { claimThread } = createOutgoingSendActivities({
      sends: { read: async () => ({ ...send, ...action, agentId: 'anna', clientId: 'mila' }), recordClaim },
      announce: { opened: async () => {} },
      channels: { traitsOf: async () => ({ isKeyed: true, expectsReceipts: true, timeout: 1_000 }) },
      threads: { claim: async () => ({ outcome: 'won', claim: { threadId: 't-1', runId: 'r-1' } }) },
    } as unknown as OutgoingSendPorts);
    const answer = await claimThread({ sendId: 's-1', channelId: 'wa-main' });
    return { answer, ...recordClaim.mock.calls[0]![0] };
  }

  const text: OutgoingMessage = { text: 'Here it is.' };
  const [offer, map] = files.map((file): OutgoingMessage => ({ attachments: [file] }));

  it('leaves the text first, then each file, and the claim says how many', async () => {
    const { answer, message, parts } = await claimed({
      situation: aSituation({ attachments: files }),
      content: aText('Here it is.'),
    });

    expect(answer).toMatchObject({ outcome: 'won', parts: 3 });
    expect(parts).toEqual([text, offer, map]);
    expect(message).toEqual({ ...text, attachments: files });
  });

  it('is the files alone where there is no text (R5)', async () => {
    const { answer, parts } = await claimed({
      situation: aSituation({ attachments: files }),
      content: { kind: 'NONE' },
    });

    expect(answer).toMatchObject({ parts: 2 });
    expect(parts).toEqual([offer, map]);
  });

  it('leaves whole by e-mail, files and all', async () => {
    const { answer, message, parts } = await claimed({
      situation: aMailSituation({ attachments: files }),
      content: aMail(),
    });

    expect(answer).toMatchObject({ outcome: 'won', parts: 1 });
    expect(parts).toEqual([message]);
    expect(message.attachments).toEqual(files);
  });

  it('gets an intent, a call and a result for the part that is asked for (INV3)', async () => {
    const { attempt, begin, deliver, finish } = scene({ isKeyed: true, intents: ['fresh'], answers: [ACCEPTED] });

    await attempt(2);

    expect(begin).toHaveBeenCalledWith('s-1', 2, undefined, true);
    expect(deliver).toHaveBeenCalledWith(aPart(), 'r-1', { sendId: 's-1', part: 2 }, false);
    expect(finish).toHaveBeenCalledWith('s-1', 2, ACCEPTED, true);
  });
});
