import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PartContent, ProviderAnswer } from '../../activities/ports.js';
import { createSmtp, type SmtpSettings } from '../../channels/smtp/index.js';
import type { Attachment } from '../../domain/contracts/attachment.js';
import { aFile, aPart } from '../builders.js';
import { filesOf } from './files.js';

const REFERENCE = '7c1e0a52-1f3b-4a55-9a43-6e0a1d2b9f10';
const ORIGIN = { sendId: 's-1', part: 0 };
const MILA = 'mila@client.example';

const aMailPart = (rest: Partial<PartContent['message']> = {}) =>
  aPart({ address: MILA, subject: 'Your order', ...rest });

interface Taken {
  from: string;
  recipients: string[];
  raw: string;
  mail: ParsedMail;
}

type Reply = { code: number; text: string } | 'hangUp' | 'silence';

/** What a relay says where it does not simply say yes. */
interface Script {
  greeting?: Reply;
  auth?: Reply;
  from?: Reply;
  /** By address; others are accepted. */
  recipients?: Record<string, Reply>;
  data?: Reply;
  /** How long each answer after the greeting takes, in ms. */
  pace?: number;
}

async function startRelay(script: Script = {}) {
  const taken: Taken[] = [];
  const smtp = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    closeTimeout: 1, // ms
    onConnect: (session, done) => act(script.greeting, session, done),
    onAuth: (_auth, session, done) => perform(script.auth, session, (error) => done(error, { user: 'desk' })),
    onMailFrom: (_address, session, done) => perform(script.from, session, done),
    onRcptTo: ({ address }, session, done) => perform(script.recipients?.[address], session, done),
    onData: (stream, session, done) => {
      const brokenOff = () => undefined; // a body without its end is nobody's mail
      void buffer(stream).then(async (bytes) => {
        const { mailFrom, rcptTo } = session.envelope;
        taken.push({
          from: mailFrom === false ? '' : mailFrom.address,
          recipients: rcptTo.map(({ address }) => address),
          raw: bytes.toString('utf8'),
          mail: await simpleParser(bytes),
        });
        perform(script.data, session, done);
      }, brokenOff);
    },
  });
  smtp.on('error', () => undefined); // a broken connection is part of the script

  const hangUp = ({ id }: SMTPServerSession) => {
    for (const connection of smtp.connections) if (connection.id === id) connection._socket.destroy();
  };
  function perform(reply: Reply | undefined, session: SMTPServerSession, done: (error?: Error | null) => void): void {
    if (script.pace === undefined) act(reply, session, done);
    else setTimeout(act, script.pace, reply, session, done);
  }
  function act(reply: Reply | undefined, session: SMTPServerSession, done: (error?: Error | null) => void): void {
    if (reply === undefined) done();
    else if (reply === 'hangUp') hangUp(session);
    else if (reply !== 'silence') done(Object.assign(new Error(reply.text), { responseCode: reply.code }));
  }

  const stop = () =>
    new Promise<void>((resolve) => {
      for (const connection of smtp.connections) connection._socket.destroy();
      smtp.close(() => resolve());
    });
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  onTestFinished(stop);
  return { taken, stop, port: (smtp.server.address() as AddressInfo).port };
}

const BYTES = { offer: Buffer.from(Array.from({ length: 1_000 }, (_, index) => index % 256)) };

const aMailbox = (port: number, rest: Partial<SmtpSettings> = {}) =>
  createSmtp(
    {
      host: '127.0.0.1',
      port,
      tls: 'NONE',
      from: { name: 'Northwind Desk', address: 'desk@northwind.example' },
      timeout: 2_000,
      ...rest,
    },
    filesOf(BYTES),
  );

async function answerOf(
  script: Script,
  part: PartContent = aMailPart(),
  settings: Partial<SmtpSettings> = {},
): Promise<{ answer: ProviderAnswer; taken: Taken[] }> {
  const { port, taken } = await startRelay(script);
  const answer = await aMailbox(port, settings).deliver(part, REFERENCE, ORIGIN, false);
  return { answer, taken };
}

describe('the mail', () => {
  it('arrives with subject, text and HTML as they were written (INV21)', async () => {
    const text = 'Готов до 18:00.\n.\n..two dots\nFrom me 🙂';
    const { answer, taken } = await answerOf({}, aMailPart({ subject: 'Заказ — 🙂', text, html: '<b>Готов</b>' }));

    expect(answer).toEqual({ outcome: 'accepted', providerMessageId: REFERENCE });
    expect(taken).toHaveLength(1);
    expect(taken[0]?.mail).toMatchObject({ subject: 'Заказ — 🙂', html: '<b>Готов</b>' });
    expect(taken[0]?.mail.text?.trimEnd()).toBe(text);
    expect(taken[0]?.mail.from?.text).toBe('"Northwind Desk" <desk@northwind.example>');
  });

  it('names its blind copies in the envelope and nowhere else (A12, INV21)', async () => {
    const { taken } = await answerOf({}, aMailPart({ bcc: ['boss@northwind.example', 'audit@northwind.example'] }));

    expect(taken[0]?.recipients).toEqual([MILA, 'boss@northwind.example', 'audit@northwind.example']);
    expect(taken[0]?.mail.headers.has('bcc')).toBe(false);
    expect(taken[0]?.raw).not.toMatch(/boss|audit/i);
  });

  it('is the same on every attempt, to the byte (A32)', async () => {
    const { port, taken } = await startRelay();
    const mailbox = aMailbox(port);
    const part = aMailPart({ html: '<b>Ready</b>', attachments: [aFile()] });

    await mailbox.deliver(part, REFERENCE, ORIGIN, false);
    await mailbox.deliver(part, REFERENCE, ORIGIN, true);

    expect(taken).toHaveLength(2);
    expect(taken[1]?.raw).toBe(taken[0]?.raw);
  });

  it('has a Message-ID that follows from our reference, the same on every attempt', async () => {
    const { port, taken } = await startRelay();
    const mailbox = aMailbox(port);

    await mailbox.deliver(aMailPart(), REFERENCE, ORIGIN, false);
    await mailbox.deliver(aMailPart(), REFERENCE, ORIGIN, true);
    await mailbox.deliver(aMailPart(), '00000000-0000-4000-8000-000000000000', ORIGIN, false);

    expect(taken.map(({ mail }) => mail.messageId)).toEqual([
      `<${REFERENCE}@northwind.example>`,
      `<${REFERENCE}@northwind.example>`,
      '<00000000-0000-4000-8000-000000000000@northwind.example>',
    ]);
  });

  it('comes from the bounce address in the envelope, where there is one', async () => {
    const withBounces = await answerOf({}, aMailPart(), { bounceAddress: 'bounce@northwind.example' });
    const without = await answerOf({});

    expect(withBounces.taken[0]?.from).toBe('bounce@northwind.example');
    expect(without.taken[0]?.from).toBe('desk@northwind.example');
  });

  it.each(['Hi\r\nBcc: spy@evil.example', 'Hi\nX-Evil: 1\n\nbody', 'Hi\rBcc: spy@evil.example', 'a\u0000b'])(
    'takes no header from the subject %j',
    async (subject) => {
      const { answer, taken } = await answerOf({}, aMailPart({ subject }));

      expect(answer.outcome).toBe('accepted');
      expect(taken[0]?.recipients).toEqual([MILA]);
      expect([...(taken[0]?.mail.headers.keys() ?? [])].toSorted()).toEqual([
        'content-transfer-encoding',
        'content-type',
        'date',
        'from',
        'message-id',
        'mime-version',
        'subject',
        'to',
      ]);
      expect(taken[0]?.mail.text?.trim()).toBe('Ready until 18:00.');
    },
  );

  it('takes no header from the name of the sender', async () => {
    const from = { name: 'Desk\r\nBcc: spy@evil.example', address: 'desk@northwind.example' };

    const { taken } = await answerOf({}, aMailPart(), { from });

    expect(taken[0]?.mail.headers.has('bcc')).toBe(false);
    expect(taken[0]?.recipients).toEqual([MILA]);
  });

  it('logs in where the channel has a user', async () => {
    const { answer } = await answerOf({}, aMailPart(), { user: 'desk', password: 'secret' });

    expect(answer.outcome).toBe('accepted');
  });
});

describe('files with the mail (A33)', () => {
  const filesIn = ({ mail }: Taken) =>
    mail.attachments.map(({ filename, contentType, contentDisposition, content }) => ({
      filename,
      contentType,
      contentDisposition,
      content,
    }));

  it('arrive with name, type and bytes, beside text and HTML, in one mail', async () => {
    const attachments = [aFile(), aFile({ name: 'Карта "A" 🙂.png', type: 'image/png' })];
    const part = aMailPart({ html: '<b>Ready</b>', attachments, bcc: ['boss@northwind.example'] });

    const { taken } = await answerOf({}, part);

    expect(taken).toHaveLength(1);
    expect(filesIn(taken[0]!)).toEqual([
      { filename: 'offer.pdf', contentType: 'application/pdf', contentDisposition: 'attachment', content: BYTES.offer },
      {
        filename: 'Карта "A" 🙂.png',
        contentType: 'image/png',
        contentDisposition: 'attachment',
        content: BYTES.offer,
      },
    ]);
    expect(taken[0]?.mail).toMatchObject({ html: '<b>Ready</b>' });
    expect(taken[0]?.mail.text?.trim()).toBe('Ready until 18:00.');
    expect(taken[0]?.raw).not.toMatch(/boss|^bcc:/im);
  });

  it.each([undefined, ''])('arrive beside an empty text where there is none (%j)', async (text) => {
    const message = { subject: 'Your order', attachments: [aFile()], ...(text !== undefined && { text }) };

    const { taken } = await answerOf({}, { ...aMailPart(), message });

    expect(taken[0]?.mail.headers.get('content-type')).toMatchObject({ value: 'multipart/mixed' });
    expect(taken[0]?.mail.text?.trim()).toBe('');
    expect(filesIn(taken[0]!)).toMatchObject([{ filename: 'offer.pdf', content: BYTES.offer }]);
  });

  it.each(['message/rfc822', 'multipart/mixed', 'text/plain', 'text/html'])(
    'of type %s keep their bytes',
    async (type) => {
      const { taken } = await answerOf({}, aMailPart({ attachments: [aFile({ type })] }));

      expect(filesIn(taken[0]!)).toMatchObject([{ filename: 'offer.pdf', content: BYTES.offer }]);
    },
  );

  it('take no header from their names', async () => {
    const attachments = [aFile({ name: 'a\r\nBcc: spy@evil.example\r\n\r\n.pdf' })];

    const { taken } = await answerOf({}, aMailPart({ attachments }));

    expect(taken[0]?.recipients).toEqual([MILA]);
    expect(taken[0]?.raw).not.toMatch(/^bcc:/im);
    expect(filesIn(taken[0]!)).toMatchObject([{ content: BYTES.offer }]);
  });

  it('that cannot be read are our fault: the relay is not spoken to (INV7)', async () => {
    const { port, taken } = await startRelay();
    const lost: Attachment[] = [aFile(), aFile({ attachmentId: 'lost' })];

    const delivery = aMailbox(port).deliver(aMailPart({ attachments: lost }), REFERENCE, ORIGIN, false);

    await expect(delivery).rejects.toThrow('no file lost');
    expect(taken).toEqual([]);
  });
});

describe('what the relay answers', () => {
  const at = (code: number, text = ''): Reply => ({ code, text });

  const answers: { what: string; script: Script; outcome: ProviderAnswer['outcome']; code: string }[] = [
    { what: '550 at RCPT', script: { recipients: { [MILA]: at(550) } }, outcome: 'final', code: 'ADDRESS_INVALID' },
    {
      what: '550 5.1.1 at RCPT',
      script: { recipients: { [MILA]: at(550, '5.1.1 no such user') } },
      outcome: 'final',
      code: 'ADDRESS_INVALID',
    },
    {
      what: '550 5.7.1 at RCPT',
      script: { recipients: { [MILA]: at(550, '5.7.1 blocked') } },
      outcome: 'final',
      code: 'RECIPIENT_BLOCKED_BUSINESS',
    },
    {
      what: '552 at RCPT',
      script: { recipients: { [MILA]: at(552) } },
      outcome: 'final',
      code: 'MAILBOX_UNAVAILABLE',
    },
    {
      what: '550 5.2.1 at RCPT',
      script: { recipients: { [MILA]: at(550, '5.2.1 disabled') } },
      outcome: 'final',
      code: 'MAILBOX_UNAVAILABLE',
    },
    {
      what: '452 4.2.2 at RCPT',
      script: { recipients: { [MILA]: at(452, '4.2.2 full') } },
      outcome: 'retry',
      code: 'MAILBOX_UNAVAILABLE',
    },
    { what: '452 at RCPT', script: { recipients: { [MILA]: at(452) } }, outcome: 'retry', code: 'RATE_LIMITED' },
    { what: '450 at RCPT', script: { recipients: { [MILA]: at(450) } }, outcome: 'retry', code: 'PROVIDER_ERROR' },
    {
      what: '451 4.7.1 at RCPT',
      script: { recipients: { [MILA]: at(451, '4.7.1 greylisted') } },
      outcome: 'retry',
      code: 'PROVIDER_ERROR',
    },
    {
      what: '550 5.1.8 at MAIL',
      script: { from: at(550, '5.1.8 bad sender') },
      outcome: 'final',
      code: 'SENDER_ACCOUNT_PROBLEM',
    },
    { what: '421 at MAIL', script: { from: at(421) }, outcome: 'retry', code: 'PROVIDER_ERROR' },
    { what: '554 after the dot', script: { data: at(554) }, outcome: 'final', code: 'CONTENT_REJECTED' },
    {
      what: '554 5.7.1 after the dot',
      script: { data: at(554, '5.7.1 spam') },
      outcome: 'final',
      code: 'CONTENT_REJECTED',
    },
    { what: '552 after the dot', script: { data: at(552) }, outcome: 'final', code: 'MEDIA_REJECTED' },
    {
      what: '550 5.7.26 after the dot',
      script: { data: at(550, '5.7.26 DMARC') },
      outcome: 'final',
      code: 'SENDER_ACCOUNT_PROBLEM',
    },
    { what: '451 after the dot', script: { data: at(451) }, outcome: 'retry', code: 'PROVIDER_ERROR' },
  ];

  it.each(answers)('$what is $outcome: $code (A31, A32)', async ({ script, outcome, code }) => {
    const { answer } = await answerOf(script);

    expect(answer).toMatchObject({ outcome, failure: { code } });
  });

  it("keeps the relay's enhanced code, else its code, and its words", async () => {
    const enhanced = await answerOf({ recipients: { [MILA]: at(550, '5.1.1 no such user') } });
    const plain = await answerOf({ recipients: { [MILA]: at(550, 'no such user') } });

    expect(enhanced.answer).toMatchObject({ failure: { providerCode: '5.1.1', detail: '550 5.1.1 no such user' } });
    expect(plain.answer).toMatchObject({ failure: { providerCode: '550', detail: '550 no such user' } });
  });

  it("the relay's words are cut to a form that can be stored, also within an emoji", async () => {
    const { answer } = await answerOf({ recipients: { [MILA]: at(550, `${'b'.repeat(995)}🙂`) } });

    expect(answer).toMatchObject({ failure: { detail: `550 ${'b'.repeat(995)}\ufffd` } });
  });

  it('grey-listing is not tried again before a minute is over', async () => {
    const { answer } = await answerOf({ recipients: { [MILA]: at(451, '4.7.1 greylisted') } });

    expect(answer).toMatchObject({ outcome: 'retry', afterMs: 60_000 });
  });

  it.each([535, 530, 534])('%d at AUTH is a problem of our account, and final', async (code) => {
    const { answer } = await answerOf({ auth: at(code) }, aMailPart(), { user: 'desk', password: 'wrong' });

    expect(answer).toMatchObject({ outcome: 'final', failure: { code: 'SENDER_ACCOUNT_PROBLEM' } });
  });

  it('an AUTH that fails for the time being is tried again', async () => {
    const { answer } = await answerOf({ auth: at(454, '4.7.0 later') }, aMailPart(), { user: 'desk', password: 'x' });

    expect(answer).toMatchObject({ outcome: 'retry' });
  });

  it('a relay that hides STARTTLS is tried again, never spoken to in plain text (F38)', async () => {
    const { answer, taken } = await answerOf({}, aMailPart(), { tls: 'STARTTLS' });

    expect(taken).toEqual([]);
    expect(answer).toMatchObject({ outcome: 'retry' });
  });
});

describe('several recipients: the To address decides', () => {
  const BOSS = 'boss@northwind.example';
  const part = aMailPart({ bcc: [BOSS] });

  it.each([550, 451])('a blind copy that is refused with %d does not stop the mail', async (code) => {
    const { answer, taken } = await answerOf({ recipients: { [BOSS]: { code, text: '' } } }, part);

    expect(answer).toMatchObject({ outcome: 'accepted' });
    expect(taken.map(({ recipients }) => recipients)).toEqual([[MILA]]);
  });

  it.each([
    { code: 550, outcome: 'final', meaning: 'ADDRESS_INVALID' },
    { code: 451, outcome: 'retry', meaning: 'PROVIDER_ERROR' },
  ])('a To address that is refused with $code sends the mail to nobody (INV7)', async ({ code, outcome, meaning }) => {
    const { answer, taken } = await answerOf({ recipients: { [MILA]: { code, text: 'no' } } }, part);

    expect(taken.map(({ recipients }) => recipients)).toEqual([]);
    expect(answer).toMatchObject({ outcome, failure: { code: meaning, providerCode: String(code) } });
  });

  it('a To address refused for good is final though a blind copy is refused for the time being', async () => {
    const recipients = { [MILA]: { code: 550, text: '' }, [BOSS]: { code: 451, text: '' } };

    const { answer } = await answerOf({ recipients }, part);

    expect(answer).toMatchObject({ outcome: 'final', failure: { code: 'ADDRESS_INVALID' } });
  });
});

describe('when the line breaks', () => {
  it.each([
    { when: 'at the greeting', script: { greeting: 'hangUp' } },
    { when: 'at MAIL', script: { from: 'hangUp' } },
    { when: 'at RCPT', script: { recipients: { [MILA]: 'hangUp' } } },
  ] as const)('$when it is tried again: the dot was not sent', async ({ script }) => {
    const { answer, taken } = await answerOf(script);

    expect(answer).toMatchObject({ outcome: 'retry', failure: { code: 'PROVIDER_ERROR' } });
    expect(taken).toEqual([]);
  });

  it('after the dot nobody knows, and it is not a "no" (INV7)', async () => {
    const { answer, taken } = await answerOf({ data: 'hangUp' });

    expect(answer).toMatchObject({ outcome: 'unknown' });
    expect(taken).toHaveLength(1);
  });

  it.each([
    { when: 'at RCPT', script: { recipients: { [MILA]: 'silence' } }, outcome: 'retry' },
    { when: 'after the dot', script: { data: 'silence' }, outcome: 'unknown' },
  ] as const)('silence $when is $outcome once the time is over', async ({ script, outcome }) => {
    const { answer } = await answerOf(script, aMailPart(), { timeout: 200 });

    expect(answer).toMatchObject({ outcome });
  });

  it('a relay that takes its time at every step is not waited for longer than the channel says', async () => {
    const { port } = await startRelay({ pace: 400 });
    const mailbox = aMailbox(port, { timeout: 500 });
    const begun = performance.now();

    await mailbox.deliver(aMailPart(), REFERENCE, ORIGIN, false);

    expect(performance.now() - begun).toBeLessThan(2 * mailbox.timeout);
  });

  it('a refused connection is tried again', async () => {
    const { port, stop } = await startRelay();
    await stop();

    expect(await aMailbox(port).deliver(aMailPart(), REFERENCE, ORIGIN, false)).toMatchObject({ outcome: 'retry' });
  });

  it('a long mail cut short before its dot is not taken for accepted or refused', async () => {
    const { port, taken } = await startRelay({ data: 'hangUp' });
    const long = aMailPart({ text: 'A line of text.\r\n'.repeat(50_000) });

    expect(await aMailbox(port).deliver(long, REFERENCE, ORIGIN, false)).toMatchObject({ outcome: 'unknown' });
    expect(taken).toHaveLength(1);
  });
});

it('e-mail has no key that absorbs a repeat, and no receipts (A32)', () => {
  expect(aMailbox(25)).toMatchObject({ isKeyed: false, expectsReceipts: false, timeout: 2_000 });
});
