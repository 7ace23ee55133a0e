import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { PartContent, ProviderAnswer } from '../../../activities/ports.js';
import { createEdnaPulse } from '../../../channels/edna-pulse/index.js';
import type { Attachment } from '../../../domain/contracts/attachment.js';
import type { ChannelType } from '../../../domain/contracts/channel.js';
import { aFile, aPart } from '../../builders.js';
import { filesOf } from '../files.js';
import { type Answer, says, saysJson, startPulse } from './rig.js';

const REFERENCE = 'b8b8e7b2-58d6-5f0e-9c0f-6a3f5d1e2c01';
const ORIGIN = { sendId: '7c1e0a52-1f3b-4a55-9a43-6e0a1d2b9f10', part: 0 };

const ok = saysJson(200, { requestId: REFERENCE });

const aChannel = (baseUrl: string, type: ChannelType = 'WHATSAPP', timeout = 5_000) =>
  createEdnaPulse(type, { baseUrl, apiKey: 'secret-key', cascadeId: 4107, timeout }, filesOf());

const aFilePart = (attachment: Attachment): PartContent => ({ ...aPart(), message: { attachments: [attachment] } });

async function answerTo(answer: Answer, { isRepeat = false, timeout = 5_000 } = {}): Promise<ProviderAnswer> {
  const { baseUrl } = await startPulse(answer);
  return aChannel(baseUrl, 'WHATSAPP', timeout).deliver(aPart(), REFERENCE, ORIGIN, isRepeat);
}

describe('what Pulse is asked (channels 2.1)', () => {
  const told = { contentType: 'TEXT', text: 'Ready until 18:00.' };
  const full = { title: 'Order A-1042', signature: 'Northwind' };
  const header = { headerType: 'TEXT', text: 'Order A-1042' };
  const footer = { text: 'Northwind' };

  const asked: { what: string; type: ChannelType; part: PartContent; content: object }[] = [
    { what: 'a text', type: 'WHATSAPP', part: aPart(), content: { whatsappContent: told } },
    {
      what: 'a template with title and signature',
      type: 'WHATSAPP',
      part: aPart(full),
      content: { whatsappContent: { ...told, header, footer } },
    },
    { what: 'a Viber text', type: 'VIBER', part: aPart(), content: { viberContent: told } },
    {
      what: 'a text as it was typed',
      type: 'WHATSAPP',
      part: aPart({ text: ' "Zoë"\n🙂\t\\ ' }),
      content: { whatsappContent: { contentType: 'TEXT', text: ' "Zoë"\n🙂\t\\ ' } },
    },
  ];

  it.each(asked)('$what, to the letter', async ({ type, part, content }) => {
    const { baseUrl, calls } = await startPulse(ok);

    await aChannel(baseUrl, type).deliver(part, REFERENCE, ORIGIN, false);

    expect(calls.map(({ path, body }) => ({ path, body }))).toEqual([
      {
        path: '/api/cascade/schedule',
        body: {
          requestId: REFERENCE,
          cascadeId: 4107,
          comment: `${ORIGIN.sendId}:0`,
          subscriberFilter: { address: '38970123456', type: 'PHONE' },
          content,
        },
      },
    ]);
  });

  const files: { type: ChannelType; mime: string; contentType: string }[] = [
    { type: 'WHATSAPP', mime: 'image/png', contentType: 'IMAGE' },
    { type: 'WHATSAPP', mime: 'video/mp4', contentType: 'VIDEO' },
    { type: 'WHATSAPP', mime: 'audio/ogg', contentType: 'AUDIO' },
    { type: 'WHATSAPP', mime: 'application/pdf', contentType: 'DOCUMENT' },
    { type: 'WHATSAPP', mime: 'text/plain', contentType: 'DOCUMENT' },
    { type: 'VIBER', mime: 'image/jpeg', contentType: 'IMAGE' },
    { type: 'VIBER', mime: 'video/mp4', contentType: 'DOCUMENT' },
    { type: 'VIBER', mime: 'audio/ogg', contentType: 'DOCUMENT' },
    { type: 'VIBER', mime: 'application/pdf', contentType: 'DOCUMENT' },
  ];

  it.each(files)(
    'a file of $mime by $type is $contentType, fetched from our address (A33)',
    async ({ type, mime, contentType }) => {
      const { baseUrl, calls } = await startPulse(ok);

      await aChannel(baseUrl, type).deliver(aFilePart(aFile({ type: mime })), REFERENCE, ORIGIN, false);

      const url = 'https://files.northwind.example/offer?from=2026-11-24T09:13:00.000Z';
      const content = { contentType, attachment: { url, name: 'offer.pdf', size: 100 } };
      expect(calls.map(({ body }) => body)).toEqual([
        {
          requestId: REFERENCE,
          cascadeId: 4107,
          comment: `${ORIGIN.sendId}:0`,
          subscriberFilter: { address: '38970123456', type: 'PHONE' },
          content: type === 'VIBER' ? { viberContent: content } : { whatsappContent: content },
        },
      ]);
    },
  );

  const long = 'x'.repeat(100);
  const sentences = `a.${'long sentence '.repeat(6)}`;

  it.each([
    { what: 'of 70 characters', name: long.slice(30), shown: long.slice(30) },
    { what: 'without extension', name: long, shown: long.slice(30) },
    { what: 'of 70 with its extension', name: `${long.slice(34)}.pdf`, shown: `${long.slice(34)}.pdf` },
    { what: 'with extension', name: `${long}.pdf`, shown: `${long.slice(34)}.pdf` },
    { what: 'with two extensions', name: `${long}.tar.gz`, shown: `${long.slice(33)}.gz` },
    { what: 'of emoji', name: `${'🙂'.repeat(40)}.pdf`, shown: `${'🙂'.repeat(33)}.pdf` },
    { what: 'cut within an emoji', name: `x${'🙂'.repeat(40)}.pdf`, shown: `x${'🙂'.repeat(32)}.pdf` },
    { what: 'with a dot and no extension', name: sentences, shown: sentences.slice(0, 70) },
  ])('a file name $what has at most 70 characters', async ({ name, shown }) => {
    const { baseUrl, calls } = await startPulse(ok);

    await aChannel(baseUrl).deliver(aFilePart(aFile({ name })), REFERENCE, ORIGIN, false);

    expect(calls[0]?.body).toMatchObject({ content: { whatsappContent: { attachment: { name: shown } } } });
  });

  it("is not asked at all while a file has no address: our fault, and never the provider's silence (INV7)", async () => {
    const { baseUrl, calls } = await startPulse(ok);
    const urlOf = () => {
      throw new Error('no public address');
    };
    const settings = { baseUrl, apiKey: 'secret-key', cascadeId: 4107, timeout: 5_000 };
    const channel = createEdnaPulse('WHATSAPP', settings, { ...filesOf(), urlOf });

    await expect(channel.deliver(aFilePart(aFile()), REFERENCE, ORIGIN, false)).rejects.toThrow('no public address');

    expect(calls).toEqual([]);
  });

  it('is any text as it is', async () => {
    const { baseUrl, calls } = await startPulse(ok);
    const channel = aChannel(baseUrl);
    const text = fc.string({ unit: 'binary', minLength: 1 });

    await fc.assert(
      fc.asyncProperty(text, text, async (words, title) => {
        await channel.deliver(aPart({ text: words, title }), REFERENCE, ORIGIN, false);

        expect(calls.at(-1)?.body).toMatchObject({
          content: { whatsappContent: { text: words, header: { headerType: 'TEXT', text: title } } },
        });
      }),
      { numRuns: 50 },
    );
  });

  it('comes as JSON with our key', async () => {
    const { baseUrl, calls } = await startPulse(ok);

    await aChannel(baseUrl).deliver(aPart(), REFERENCE, ORIGIN, false);

    expect(calls[0]?.headers).toMatchObject({ 'content-type': 'application/json', 'x-api-key': 'secret-key' });
  });

  it('is the same on every attempt, so that Pulse absorbs a repeat (INV3)', async () => {
    const { baseUrl, calls } = await startPulse(ok);
    const channel = aChannel(baseUrl);

    await channel.deliver(aPart(), REFERENCE, ORIGIN, false);
    await channel.deliver(aPart(), REFERENCE, ORIGIN, true);

    expect(channel.isKeyed).toBe(true);
    expect(calls).toHaveLength(2);
    expect(calls[1]?.body).toEqual(calls[0]?.body);
  });
});

describe('what Pulse answers', () => {
  it.each([
    { what: 'our id', answer: ok },
    { what: 'no id', answer: saysJson(200, {}) },
    { what: 'no usable id', answer: saysJson(200, { requestId: null }) },
    { what: 'HTML', answer: says(200, '<html>fine</html>') },
    { what: 'nothing', answer: says(200) },
    { what: 'broken JSON', answer: says(202, '{"requestId":"\u0000') },
    { what: 'a list', answer: says(200, '[]') },
    { what: '2 MiB', answer: says(200, JSON.stringify({ requestId: 'x'.repeat(2 ** 21) })) },
    {
      what: 'a body that breaks off',
      answer: ((response) => {
        response.writeHead(200, { 'content-length': 100 });
        response.write('{"requestId"', () => response.destroy());
      }) satisfies Answer,
    },
  ])('2xx with $what is accepted', async ({ answer }) => {
    expect(await answerTo(answer)).toEqual({ outcome: 'accepted' });
  });

  it("2xx with another id is somebody else's answer: unknown", async () => {
    expect(await answerTo(saysJson(200, { requestId: 'another' }))).toMatchObject({
      outcome: 'unknown',
      failure: { detail: 'answered for another request: another' },
    });
  });

  it.each([
    {
      status: 400,
      body: { title: 'text-not-specified', status: 400, detail: 'Text is empty' },
      code: 'CONTENT_REJECTED',
    },
    { status: 400, body: { title: 'error-address-format' }, code: 'ADDRESS_INVALID' },
    { status: 400, body: { title: 'cascade-not-found' }, code: 'SENDER_ACCOUNT_PROBLEM' },
    { status: 400, body: { code: 'matched-template-not-found' }, code: 'TEMPLATE_MISMATCH' },
    { status: 400, body: { title: 'never-seen' }, code: 'UNKNOWN' },
    { status: 400, body: { code: 4711 }, code: 'UNKNOWN' },
    { status: 401, body: {}, code: 'SENDER_ACCOUNT_PROBLEM' },
    { status: 403, body: {}, code: 'SENDER_ACCOUNT_PROBLEM' },
    { status: 404, body: {}, code: 'PROVIDER_ERROR' },
  ])('$status $body is final: $code (A31)', async ({ status, body, code }) => {
    expect(await answerTo(saysJson(status, body))).toMatchObject({ outcome: 'final', failure: { code } });
  });

  it("Pulse's words are kept in a form that can be stored", async () => {
    const detail = `a\u0000${'b'.repeat(997)}🙂`;

    const answer = await answerTo(saysJson(400, { title: 'x\u0000', detail }));

    expect(answer).toMatchObject({ failure: { providerCode: 'x\ufffd', detail: `a\ufffd${'b'.repeat(997)}\ufffd` } });
  });

  it.each([{ title: 'requestId-is-not-unique' }, { code: 'error-id-not-unique' }, { message: 'Duplicate messageId' }])(
    '%j is final on the first attempt, and accepted on a repeat: the first one got through (INV3)',
    async (body) => {
      expect(await answerTo(saysJson(400, body))).toMatchObject({
        outcome: 'final',
        failure: { code: 'DUPLICATE_SUPPRESSED' },
      });
      expect(await answerTo(saysJson(400, body), { isRepeat: true })).toEqual({ outcome: 'accepted' });
    },
  );

  it('any other refusal of a repeat stays a refusal', async () => {
    const answer = saysJson(400, { title: 'error-address-format' });

    expect(await answerTo(answer, { isRepeat: true })).toMatchObject({ outcome: 'final' });
  });

  it.each([
    { what: '408', answer: says(408) },
    { what: '500', answer: says(500) },
    { what: '503', answer: says(503, '<html>busy</html>') },
    { what: '400 error-system', answer: saysJson(400, { code: 'error-system' }) },
    { what: '500 with a code of a refusal', answer: saysJson(500, { title: 'error-system' }) },
  ])('$what is unknown: perhaps it was taken (INV7)', async ({ answer }) => {
    expect(await answerTo(answer)).toMatchObject({ outcome: 'unknown', failure: { code: 'PROVIDER_ERROR' } });
  });

  it('a redirect is not followed (SEC15)', async () => {
    const canary = await startPulse(ok);

    const answer = await answerTo(says(307, '', { location: `${canary.baseUrl}/api/cascade/schedule` }));

    expect(answer).toMatchObject({ outcome: 'unknown', failure: { code: 'PROVIDER_ERROR', providerCode: '307' } });
    expect(canary.calls).toEqual([]);
  });

  it.each([
    { header: '7', afterMs: 7_000 },
    { header: '60', afterMs: 60_000 },
    { header: '61', afterMs: 60_000 },
    { header: '0', afterMs: 1_000 },
    { header: '-5', afterMs: 1_000 },
    { header: '1e30', afterMs: 60_000 },
    { header: 'Infinity', afterMs: 60_000 },
    { header: 'soon', afterMs: 1_000 },
    { header: '', afterMs: 1_000 },
    { header: undefined, afterMs: 1_000 },
    { header: 'Tue, 24 Nov 2026 09:13:30 GMT', afterMs: 30_000 },
    { header: 'Tue, 24 Nov 2026 09:12:00 GMT', afterMs: 1_000 },
    { header: 'Wed, 24 Nov 2027 09:13:00 GMT', afterMs: 60_000 },
  ])('429 with Retry-After "$header" is tried again after $afterMs ms', async ({ header, afterMs }) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 24, 9, 13) });
    onTestFinished(() => void vi.useRealTimers());

    const answer = await answerTo(says(429, '', header === undefined ? {} : { 'retry-after': header }));

    expect(answer).toEqual({ outcome: 'retry', failure: { code: 'RATE_LIMITED', providerCode: '429' }, afterMs });
  });
});

describe('when Pulse does not answer', () => {
  it('a refused connection is tried again: nothing left us', async () => {
    const { baseUrl, stop } = await startPulse(ok);
    await stop();

    const answer = await aChannel(baseUrl).deliver(aPart(), REFERENCE, ORIGIN, false);

    expect(answer).toMatchObject({ outcome: 'retry', failure: { code: 'PROVIDER_ERROR' } });
  });

  it('a name that does not exist is tried again: nothing left us', async () => {
    const answer = await aChannel('http://pulse.invalid').deliver(aPart(), REFERENCE, ORIGIN, false);

    expect(answer).toMatchObject({ outcome: 'retry' });
  });

  it('a server that does not speak TLS is tried again: nothing left us', async () => {
    const { baseUrl } = await startPulse(ok);

    const answer = await aChannel(baseUrl.replace('http:', 'https:')).deliver(aPart(), REFERENCE, ORIGIN, false);

    expect(answer).toMatchObject({ outcome: 'retry' });
  });

  it('a connection that is closed instead is unknown', async () => {
    expect(await answerTo((_, request) => request.socket.destroy())).toMatchObject({ outcome: 'unknown' });
  });

  it('silence is unknown once the time is over', async () => {
    expect(await answerTo(() => {}, { timeout: 100 })).toMatchObject({ outcome: 'unknown' });
  });

  it('an answer of 200 whose body never ends is accepted once the time is over', async () => {
    const trickle: Answer = (response) => void response.writeHead(200).write('{');

    expect(await answerTo(trickle, { timeout: 100 })).toEqual({ outcome: 'accepted' });
  });
});
