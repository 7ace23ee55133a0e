import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { ChannelType } from '../../domain/contracts/channel.js';
import type { Content } from '../../domain/contracts/outgoing-send.js';
import { composeMessage } from '../../domain/draft.js';
import { findRefusals } from '../../domain/eligibility.js';
import { type OutgoingMessage, partsOf } from '../../domain/outgoing-message.js';
import type { SendSituation } from '../../domain/situation.js';
import {
  aFile,
  aHint,
  aHintSituation,
  aMail,
  aMailSituation,
  aSituation,
  aTemplate,
  aTemplateContent,
  aText,
} from '../builders.js';
import { against } from './against.js';
import { sending } from './arbitraries.js';

const offer = aFile();
const photo = aFile({ attachmentId: 'photo', name: 'photo.png', type: 'image/png' });

describe('the message as the client will read it', () => {
  const composed: { what: string; situation: SendSituation; content: Content; message: OutgoingMessage }[] = [
    { what: 'a text is sent as it is', situation: aSituation(), content: aText(' Hi \n'), message: { text: ' Hi \n' } },
    {
      what: 'files go beside a text in their order',
      situation: aSituation({ attachments: [photo, offer] }),
      content: aText('Hi'),
      message: { text: 'Hi', attachments: [photo, offer] },
    },
    {
      what: 'files alone have no text',
      situation: aSituation({ attachments: [photo, offer] }),
      content: { kind: 'NONE' },
      message: { attachments: [photo, offer] },
    },
    {
      what: 'a template has its values, title and signature',
      situation: aSituation({
        templates: [aTemplate({ header: { type: 'TEXT', text: 'Order' }, footer: 'Northwind' })],
      }),
      content: aTemplateContent({ 1: ' 18:00 ' }),
      message: { title: 'Order', text: 'Ready until 18:00.', signature: 'Northwind' },
    },
    {
      what: 'a template without header and footer is its body alone',
      situation: aSituation(),
      content: aTemplateContent({ 1: '18:00' }),
      message: { text: 'Ready until 18:00.' },
    },
    {
      what: 'a hint has its title and signature trimmed',
      situation: aHintSituation(),
      content: aHint({ title: ' Order ', text: ' Hi ', signature: '\tNorthwind' }),
      message: { title: 'Order', text: ' Hi ', signature: 'Northwind' },
    },
    {
      what: 'a blank title or signature of a hint does not exist',
      situation: aHintSituation(),
      content: aHint({ title: '', text: 'Hi', signature: '  ' }),
      message: { text: 'Hi' },
    },
    {
      what: 'a text typed in hint mode is the body alone',
      situation: aHintSituation(),
      content: aText('Hi'),
      message: { text: 'Hi' },
    },
    {
      what: 'an e-mail has its subject trimmed, its blind copies once and without the To address, and its files',
      situation: aMailSituation({ attachments: [offer] }),
      content: aMail({ subject: ' Order ', html: '<b>Hi</b>', bcc: ['b@x.io', 'MILA@client.example', ' B@x.io '] }),
      message: {
        subject: 'Order',
        text: 'Ready until 18:00.',
        html: '<b>Hi</b>',
        bcc: ['b@x.io'],
        attachments: [offer],
      },
    },
  ];

  it.each(composed)('$what (R5, R20, R25, R26, R35, A12, A13)', ({ situation, content, message }) => {
    expect(against(situation, content)).toEqual([]);
    expect(composeMessage(situation, content)).toEqual(message);
  });

  it('a template that was refused as unknown is a bug to compose', () => {
    expect(() => composeMessage(aSituation(), aTemplateContent({}, 'unknown'))).toThrow(
      'was refused and cannot be composed',
    );
  });

  it('whatever has no refusal can be composed, and the client gets a text that fits or a file (R11)', () => {
    const met = new Map<string, number>();

    fc.assert(
      fc.property(sending, ({ situation, draft }) => {
        if (findRefusals(situation, draft).length > 0) return;
        const { text, attachments = [] } = composeMessage(situation, draft.content);
        const kind = `${draft.content.kind}${attachments.length > 0 ? ' with files' : ''}`;
        met.set(kind, (met.get(kind) ?? 0) + 1);

        if (text === undefined) expect(attachments).not.toEqual([]);
        else expect(text.trim()).not.toBe('');
        expect(Array.from(text ?? '').length).toBeLessThanOrEqual(situation.channel.maxText);
      }),
      { numRuns: 5000 },
    );

    expect([...met.keys()].toSorted()).toEqual(
      ['TEXT', 'TEXT with files', 'TEMPLATE', 'HINT', 'EMAIL', 'EMAIL with files', 'NONE with files'].toSorted(),
    );
  });
});

describe('the parts in which a message leaves', () => {
  const text = { text: 'Hi', title: 'Order', signature: 'Northwind' };
  const files = { attachments: [photo, offer] };
  const alone = [{ attachments: [photo] }, { attachments: [offer] }];
  const messengers = ChannelType.options.filter((type) => type !== 'EMAIL');

  it.each(messengers)('on %s each file is a part of its own, after the text (A33)', (type) => {
    expect(partsOf({ ...text, ...files }, type)).toEqual([text, ...alone]);
  });

  it.each(messengers)('on %s files without a text are as many parts (A33)', (type) => {
    expect(partsOf(files, type)).toEqual(alone);
  });

  it.each(ChannelType.options)('on %s a text is one part (A33)', (type) => {
    expect(partsOf(text, type)).toEqual([text]);
    expect(partsOf({ ...text, attachments: [] }, type)).toHaveLength(1);
  });

  it('an e-mail leaves whole, with all its files (A33)', () => {
    const mail = { subject: 'Order', text: 'Hi', html: '<b>Hi</b>', bcc: ['b@x.io'], ...files };

    expect(partsOf(mail, 'EMAIL')).toEqual([mail]);
  });
});
