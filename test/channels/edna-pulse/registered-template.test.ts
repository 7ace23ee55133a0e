import { describe, expect, it } from 'vitest';
import { readTemplate } from '../../../channels/edna-pulse/registered-template.js';
import type { MessageTemplateBody, TemplateObstacle } from '../../../domain/contracts/message-template.js';
import { obstaclesOf } from '../../../domain/message-template.js';

const plain = {
  header: null,
  text: 'Ready.',
  footer: null,
  keyboard: null,
  attachment: null,
  action: null,
  caption: null,
};

/** As Pulse lists it; `content` is changed, not replaced. */
const aListed = ({ content, ...rest }: { content?: object; [field: string]: unknown } = {}) => ({
  id: 51820,
  name: 'order_ready',
  channelType: 'WHATSAPP',
  language: 'EN',
  contentType: 'TEXT',
  content: { ...plain, ...content },
  category: 'UTILITY',
  status: 'APPROVED',
  locked: false,
  type: 'USER',
  createdAt: '2026-05-04T08:00:00Z',
  updatedAt: '2026-05-05T10:30:00Z',
  ...rest,
});

function bodyOf(listed: object): MessageTemplateBody {
  const read = readTemplate(listed);
  if (read === undefined) throw new Error(`unreadable: ${JSON.stringify(listed)}`);
  return read.body;
}

it('a template of text fields is read with its texts and variables, and can be chosen (R19, R21)', () => {
  const content = {
    header: { headerType: 'TEXT', text: 'Order {{1}}' },
    text: 'Ready until {{1}}, room {{2}}.',
    footer: { text: 'Northwind' },
  };

  const read = readTemplate(aListed({ content }));

  expect(read).toEqual({
    templateId: 'pulse-51820',
    body: {
      name: 'order_ready',
      language: 'EN',
      kind: 'USER',
      status: 'APPROVED',
      locked: false,
      header: { type: 'TEXT', text: 'Order {{1}}' },
      body: 'Ready until {{1}}, room {{2}}.',
      footer: 'Northwind',
      buttons: [],
      variables: [
        { name: 'header.1', kind: 'TEXT' },
        { name: '1', kind: 'TEXT' },
        { name: '2', kind: 'TEXT' },
      ],
    },
  });
  expect(obstaclesOf(read!.body)).toEqual([]);
});

describe('nothing stands against a template (R19, A14)', () => {
  it.each([
    { what: 'of type CUSTOM', listed: aListed({ type: 'CUSTOM' }) },
    { what: 'without a header text', listed: aListed({ content: { header: { headerType: 'TEXT', text: null } } }) },
    { what: 'with an empty header', listed: aListed({ content: { header: {} } }) },
    { what: 'with an empty keyboard', listed: aListed({ content: { keyboard: { rows: [{ buttons: [] }] } } }) },
    {
      what: 'with an empty keyboard, spelt otherwise',
      listed: aListed({ content: { keyboard: { row: [{ buttons: [] }] } } }),
    },
    {
      what: 'with a keyboard of settings alone',
      listed: aListed({ content: { keyboard: { inline: true, rows: [] } } }),
    },
    { what: 'with empty words for button and link', listed: aListed({ content: { action: '', caption: '' } }) },
    { what: 'with an attachment of nothing', listed: aListed({ content: { attachment: { id: null, fileUrl: '' } } }) },
    {
      what: 'of type TEXT in small letters',
      listed: aListed({ contentType: 'text', content: { header: { headerType: 'text', text: 'Hi' } } }),
    },
    { what: 'without a content type', listed: aListed({ contentType: undefined }) },
    {
      what: 'with its fields alone',
      listed: { id: '7', content: { text: 'Hi' }, status: 'approved', locked: false, type: 'USER' },
    },
  ])('$what', ({ listed }) => {
    expect(obstaclesOf(bodyOf(listed))).toEqual([]);
  });
});

describe('what stands against a template stays visible (R19, R23, A14)', () => {
  const button = { text: 'Open', buttonType: 'URL', url: 'https://northwind.example' };
  const file = { id: 1, fileUrl: 'https://files.example/1', originalFileName: 'map.png', size: 7 };

  const listed: { what: string; listed: object; why: TemplateObstacle[]; seen: Partial<MessageTemplateBody> }[] = [
    { what: 'an operator template', listed: aListed({ type: 'OPERATOR' }), why: ['KIND_OPERATOR'], seen: {} },
    {
      what: 'a paused one',
      listed: aListed({ status: 'PAUSED' }),
      why: ['NOT_APPROVED'],
      seen: { status: 'PAUSED' },
    },
    {
      what: 'one of a status never seen',
      listed: aListed({ status: 'FROZEN' }),
      why: ['NOT_APPROVED'],
      seen: {},
    },
    { what: 'a locked one', listed: aListed({ locked: true }), why: ['LOCKED'], seen: { locked: true } },
    {
      what: 'one of which nobody says that it is not locked',
      listed: aListed({ locked: null }),
      why: ['LOCKED'],
      seen: {},
    },
    ...['IMAGE', 'VIDEO', 'DOCUMENT', 'LOCATION'].map((contentType) => ({
      what: `content of ${contentType}`,
      listed: aListed({ contentType }),
      why: ['HEADER_NOT_TEXT' as const],
      seen: { header: { type: contentType as 'IMAGE' } },
    })),
    {
      what: 'content of a type that we do not know',
      listed: aListed({ contentType: 'LIST_PICKER' }),
      why: ['HEADER_NOT_TEXT'],
      seen: { header: { type: 'DOCUMENT' } },
    },
    {
      what: 'an attachment beside the text',
      listed: aListed({ content: { attachment: file } }),
      why: ['HEADER_NOT_TEXT'],
      seen: { header: { type: 'DOCUMENT' } },
    },
    {
      what: 'a picture in the header',
      listed: aListed({ content: { header: { headerType: 'IMAGE', text: null, attachment: file } } }),
      why: ['HEADER_NOT_TEXT'],
      seen: { header: { type: 'IMAGE' } },
    },
    {
      what: 'an attachment in a header of text',
      listed: aListed({ content: { header: { headerType: 'TEXT', text: 'Map', attachment: file } } }),
      why: ['HEADER_NOT_TEXT'],
      seen: { header: { type: 'DOCUMENT', text: 'Map' } },
    },
    ...[
      { rows: [{ buttons: [button] }] },
      { rows: [[button]] },
      { row: [{ buttons: [button] }] },
      { buttons: [button] },
      [[button]],
      [{ buttons: [button] }],
      [button],
      button,
    ].map((keyboard) => ({
      what: `the keyboard ${JSON.stringify(keyboard)}`,
      listed: aListed({ content: { keyboard } }),
      why: ['HAS_BUTTONS' as const],
      seen: { buttons: [{ kind: 'URL', text: 'Open' }] },
    })),
    {
      what: 'a keyboard of a shape never seen',
      listed: aListed({ content: { keyboard: { inline_keyboard: [[{ title: 'Open' }]] } } }),
      why: ['HAS_BUTTONS'],
      seen: { buttons: [{ kind: 'BUTTON', text: 'BUTTON' }] },
    },
    {
      what: "Viber's button",
      listed: aListed({ content: { caption: 'Open', action: 'https://northwind.example' } }),
      why: ['HAS_BUTTONS'],
      seen: { buttons: [{ kind: 'ACTION', text: 'Open' }] },
    },
    {
      what: 'a link without the words of its button',
      listed: aListed({ content: { action: 'https://northwind.example' } }),
      why: ['HAS_BUTTONS'],
      seen: { buttons: [{ kind: 'ACTION', text: 'ACTION' }] },
    },
    {
      what: 'everything at once',
      listed: aListed({
        type: 'OPERATOR',
        status: 'DISABLED',
        locked: true,
        contentType: 'VIDEO',
        content: { keyboard: [button] },
      }),
      why: ['KIND_OPERATOR', 'NOT_APPROVED', 'LOCKED', 'HEADER_NOT_TEXT', 'HAS_BUTTONS'],
      seen: {},
    },
  ];

  it.each(listed)('$what', ({ listed: element, why, seen }) => {
    const body = bodyOf(element);

    expect(obstaclesOf(body)).toEqual(why);
    expect(body).toMatchObject(seen);
  });
});

it.each([
  { old: 'Ready until %w.', read: 'Ready until {{1}}.', names: ['1'] },
  { old: '%w{1,10} with %d %w', read: '{{1}} with {{2}} {{3}}', names: ['1', '2', '3'] },
  { old: 'Code %d for {{2}}, %w', read: 'Code {{3}} for {{2}}, {{4}}', names: ['3', '2', '4'] },
  { old: 'now 20%down, 5%w', read: 'now 20%down, 5%w', names: [] },
  { old: '{{name}} at %w', read: '{{name}} at {{1}}', names: ['name', '1'] },
  { old: '5 % discount', read: '5 % discount', names: [] },
])('the old placeholders of "$old" become variables (R21)', ({ old, read, names }) => {
  const { body, variables } = bodyOf(aListed({ content: { text: old } }));

  expect(body).toBe(read);
  expect(variables).toEqual(names.map((name) => ({ name, kind: 'TEXT' })));
});

it('the header numbers its old placeholders by itself (R21)', () => {
  const { header, body } = bodyOf(
    aListed({ content: { header: { headerType: 'TEXT', text: 'Order %d' }, text: '{{1}} %w' } }),
  );

  expect(header?.text).toBe('Order {{1}}');
  expect(body).toBe('{{1}} {{2}}');
});

it('a template without name and language is called by its id', () => {
  const { name, language } = bodyOf(aListed({ name: null, language: undefined }));

  expect({ name, language }).toEqual({ name: 'pulse-51820', language: 'und' });
});

it('texts can be stored whatever stands in them', () => {
  const text = 'a\u0000b\ud83d';

  const read = bodyOf(
    aListed({ name: 'n\ud83d', content: { header: { headerType: 'TEXT', text }, text, footer: { text } } }),
  );

  const safe = 'a\ufffdb\ufffd';
  expect(read).toMatchObject({ name: 'n\ufffd', header: { text: safe }, body: safe, footer: safe });
});

it.each([
  { what: 'null', listed: null },
  { what: 'a word', listed: 'order_ready' },
  { what: 'no id', listed: aListed({ id: undefined }) },
  { what: 'an id that is no id', listed: aListed({ id: 'a b' }) },
  { what: 'no content', listed: { ...aListed(), content: undefined } },
  { what: 'no text', listed: aListed({ content: { text: null } }) },
  { what: 'an empty text', listed: aListed({ content: { text: '' } }) },
  { what: 'a text of more than 4096', listed: aListed({ content: { text: 'x'.repeat(4097) } }) },
  { what: 'more than 50 variables', listed: aListed({ content: { text: '%w '.repeat(51) } }) },
  { what: 'a type that we do not know', listed: aListed({ type: 'SHARED' }) },
  { what: 'a name of two lines', listed: aListed({ name: 'order\nready' }) },
])('an element with $what is no template', ({ listed }) => {
  expect(readTemplate(listed)).toBeUndefined();
});
