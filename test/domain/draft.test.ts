import { describe, expect, it } from 'vitest';
import { ChannelType } from '../../domain/contracts/channel.js';
import type { Content } from '../../domain/contracts/outgoing-send.js';
import { composeMessage } from '../../domain/draft.js';
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
  aVariable,
} from '../builders.js';
import { against, codesAgainst } from './against.js';

const NONE: Content = { kind: 'NONE' };
const messengers = ChannelType.options.filter((type) => type !== 'EMAIL');

describe('the text', () => {
  it.each([
    { situation: aSituation(), content: aText(' \n ') },
    { situation: aHintSituation(), content: aHint({ text: '', title: 'Order' }) },
    { situation: aMailSituation(), content: aMail({ text: ' ' }) },
    { situation: aSituation(), content: { kind: 'NONE' } as const },
  ])('$content.kind without text is refused (R11)', ({ situation, content }) => {
    expect(codesAgainst(situation, content)).toEqual(['TEXT_REQUIRED']);
  });

  it('a text is as long as the channel takes, in code points (R11)', () => {
    const situation = aSituation({ channel: { maxText: 10 } });

    expect(against(situation, aText('🙂'.repeat(10)))).toEqual([]);
    expect(against(situation, aText('🙂'.repeat(11)))).toEqual([{ code: 'TEXT_TOO_LONG', max: 10 }]);
  });
});

describe('the variables of a template', () => {
  const twoVariables = aTemplate({
    body: '{{1}} and {{2}}',
    variables: [aVariable(), aVariable({ name: '2', kind: 'DATE' })],
  });

  it.each([
    { values: {}, refusal: { code: 'VARIABLES_MISSING', names: ['1', '2'] } },
    { values: { 1: '  ', 2: '2026-11-24' }, refusal: { code: 'VARIABLES_MISSING', names: ['1'] } },
    { values: { 1: 'noon', 2: '24.11.2026' }, refusal: { code: 'VARIABLE_INVALID', name: '2' } },
    { values: { 1: 'noon', 2: '2026-11-24', 3: 'x' }, refusal: { code: 'VARIABLE_INVALID', name: '3' } },
  ])('the values $values are $refusal.code (R21, R22)', ({ values, refusal }) => {
    expect(against(aSituation({ templates: [twoVariables] }), aTemplateContent(values))).toEqual([refusal]);
  });

  it('the finished text of a template counts, not the template (http-api 10)', () => {
    const situation = aSituation({ channel: { maxText: 20 } });

    expect(against(situation, aTemplateContent({ 1: '12345678' }))).toEqual([{ code: 'TEXT_TOO_LONG', max: 20 }]);
    expect(against(situation, aTemplateContent({ 1: '1234567' }))).toEqual([]);
  });

  it.each([
    { kind: 'typed text', variable: aVariable(), good: 'at noon', bad: 'at\nnoon' },
    { kind: 'a date', variable: aVariable({ kind: 'DATE' }), good: '2028-02-29', bad: '2026-02-29' },
    { kind: 'a value of a list', variable: aVariable({ kind: 'CHOICE', options: ['A', 'B'] }), good: 'B', bad: 'C' },
  ])('a variable takes $kind, and nothing else in its place (R21)', ({ variable, good, bad }) => {
    const situation = aSituation({ templates: [aTemplate({ variables: [variable] })] });

    expect(against(situation, aTemplateContent({ 1: good }))).toEqual([]);
    expect(against(situation, aTemplateContent({ 1: bad }))).toEqual([{ code: 'VARIABLE_INVALID', name: '1' }]);
  });

  it.each([
    { what: 'an ampersand', value: 'A & B' },
    { what: 'five spaces in a row', value: 'A     B' },
  ])('$what stands in no value, from a list neither: the provider would refuse it (R21, http-api 10)', ({ value }) => {
    const variables = [aVariable({ kind: 'CHOICE', options: [value] })];

    expect(against(aSituation({ templates: [aTemplate({ variables })] }), aTemplateContent({ 1: value }))).toEqual([
      { code: 'VARIABLE_INVALID', name: '1' },
    ]);
  });

  const forty = Array.from({ length: 40 }, (_, index) => String(index + 1));
  const ofForty = aSituation({
    templates: [
      aTemplate({
        body: forty.map((name) => `{{${name}}}`).join(' '),
        variables: forty.map((name) => aVariable({ name })),
      }),
    ],
  });

  it('of 40 variables every one is needed (R22)', () => {
    const filled = Object.fromEntries(forty.map((name) => [name, `value ${name}`]));

    expect(against(ofForty, aTemplateContent(filled))).toEqual([]);
    forty.forEach((name) => {
      expect(against(ofForty, aTemplateContent({ ...filled, [name]: ' ' }))).toEqual([
        { code: 'VARIABLES_MISSING', names: [name] },
      ]);
    });
  });

  it('of 40 variables all that are missing, wrong or unknown are named at once (R21, R22)', () => {
    const values = { 1: 'one', 40: 'two\nlines', 41: 'x' };

    expect(against(ofForty, aTemplateContent(values))).toEqual([
      { code: 'VARIABLES_MISSING', names: forty.slice(1, 39) },
      { code: 'VARIABLE_INVALID', name: '41' },
      { code: 'VARIABLE_INVALID', name: '40' },
    ]);
  });
});

describe('title and signature of a hint', () => {
  it.each([
    { name: 'letters', title: 'a'.repeat(61) },
    { name: 'emoji of two UTF-16 units', title: '🙂'.repeat(61) },
    { name: 'a family of seven code points, eight times, and five letters', title: `${'👨‍👩‍👧‍👦'.repeat(8)}abcde` },
    { name: 'blanks around', title: `  ${'a'.repeat(61)}\t ` },
  ])('a title and a signature of 61 code points pass, 62 do not: $name (R26, A8)', ({ title }) => {
    const oneMore = title.replace(/\S/u, '$&b');

    expect(against(aHintSituation(), aHint({ title, signature: title }))).toEqual([]);
    expect(against(aHintSituation(), aHint({ title: oneMore, signature: oneMore }))).toEqual([
      { code: 'TITLE_TOO_LONG', max: 61 },
      { code: 'SIGNATURE_TOO_LONG', max: 61 },
    ]);
  });
});

describe('the fields of an e-mail', () => {
  it.each([
    { field: 'no subject', mail: { subject: ' ' }, codes: ['SUBJECT_REQUIRED'] },
    { field: 'a subject of 255', mail: { subject: '🙂'.repeat(255) }, codes: [] },
    { field: 'a subject of 255 between blanks', mail: { subject: `  ${'🙂'.repeat(255)} ` }, codes: [] },
    { field: 'a subject of 256', mail: { subject: 'a'.repeat(256) }, codes: ['SUBJECT_TOO_LONG'] },
    { field: 'a content of 100,000', mail: { text: '🙂'.repeat(100_000) }, codes: [] },
    { field: 'a content of 100,001', mail: { text: 'a'.repeat(100_001) }, codes: ['TEXT_TOO_LONG'] },
  ])('an e-mail with $field: $codes (A13)', ({ mail, codes }) => {
    expect(codesAgainst(aMailSituation({ channel: { maxText: 200_000 } }), aMail(mail))).toEqual(codes);
  });

  const addresses = (count: number) => Array.from({ length: count }, (_, index) => `copy-${index}@northwind.example`);

  it.each([
    { copies: 'none', bcc: [], codes: [] },
    { copies: 'twenty', bcc: addresses(20), codes: [] },
    { copies: 'twenty-one', bcc: addresses(21), codes: ['BCC_INVALID'] },
    {
      copies: 'twenty, doubled in capitals, and the To address',
      bcc: [...addresses(20), ...addresses(20).map((address) => address.toUpperCase()), 'Mila@Client.example'],
      codes: [],
    },
    { copies: 'one that breaks the grammar', bcc: ['a+b@x.io'], codes: ['BCC_INVALID'] },
  ])('blind copies: $copies (A12)', ({ bcc, codes }) => {
    expect(codesAgainst(aMailSituation(), aMail({ bcc }))).toEqual(codes);
  });

  it('an e-mail is no longer than its channel takes, where that is less than 100,000 (A13)', () => {
    const situation = aMailSituation({ channel: { maxText: 10 } });

    expect(against(situation, aMail({ text: 'a'.repeat(11) }))).toEqual([{ code: 'TEXT_TOO_LONG', max: 10 }]);
  });
});

describe('a response template', () => {
  const inserted = { ...aText(''), responseTemplateId: 'greeting' };
  const responseTemplate = 'Hello! Your order {{1}} is ready.';

  it.each([
    { mode: 'TEXT', situation: aSituation({ templates: [], responseTemplate }), codes: [] },
    { mode: 'TEMPLATE_OPTIONAL', situation: aSituation({ responseTemplate }), codes: [] },
    {
      mode: 'TEMPLATE_REQUIRED',
      situation: aSituation({ channel: { templatePolicy: 'ALWAYS' }, responseTemplate }),
      codes: ['TEMPLATE_REQUIRED', 'CONTENT_NOT_ALLOWED'],
    },
    { mode: 'HINT', situation: aHintSituation({ responseTemplate }), codes: ['CONTENT_NOT_ALLOWED'] },
  ])('inserted in mode $mode: $codes (R13)', ({ situation, codes }) => {
    expect(codesAgainst(situation, inserted)).toEqual(codes);
  });

  it.each(messengers)('is inserted on %s (R5, R12)', (type) => {
    const situation = aSituation({ channel: { type, templatePolicy: 'NEVER' }, responseTemplate });

    expect(codesAgainst(situation, inserted)).toEqual([]);
    expect(composeMessage(situation, inserted)).toEqual({ text: responseTemplate });
  });

  it('is inserted into an e-mail, and is what is sent (R5, R12)', () => {
    const situation = aMailSituation({ responseTemplate });
    const content = aMail({ text: '', responseTemplateId: 'greeting' });

    expect(codesAgainst(situation, content)).toEqual([]);
    expect(composeMessage(situation, content)).toEqual({ subject: 'Your order', text: responseTemplate, bcc: [] });
  });

  it.each([
    { text: '', codes: [] },
    { text: ' \n', codes: [] },
    { text: 'x', codes: ['CONTENT_NOT_ALLOWED'] },
    { text: ' x', codes: ['CONTENT_NOT_ALLOWED'] },
  ])('into the text $text: $codes; it must be empty (R12)', ({ text, codes }) => {
    const content = { ...inserted, text };
    const mail = aMail({ text, responseTemplateId: 'greeting' });

    expect(codesAgainst(aSituation({ responseTemplate }), content)).toEqual(codes);
    expect(codesAgainst(aMailSituation({ responseTemplate }), mail)).toEqual(codes);
  });

  it('is not inserted beside a content in HTML, which the client would read in its place (R12)', () => {
    const content = aMail({ text: '', html: '<p>Hi</p>', responseTemplateId: 'greeting' });

    expect(codesAgainst(aMailSituation({ responseTemplate }), content)).toContain('CONTENT_NOT_ALLOWED');
  });

  it.each([
    { on: 'WhatsApp', situation: aSituation(), content: inserted },
    { on: 'e-mail', situation: aMailSituation(), content: aMail({ text: '', responseTemplateId: 'greeting' }) },
  ])('that is unknown or of another agent cannot be chosen on $on (R12)', ({ situation, content }) => {
    expect(codesAgainst(situation, content)[0]).toBe('TEMPLATE_NOT_SELECTABLE');
  });

  it('counts with its own length (R11, R12)', () => {
    const long = aSituation({ channel: { maxText: 10 }, responseTemplate: '🙂'.repeat(11) });
    const longMail = aMailSituation({ responseTemplate: 'a'.repeat(100_001) });

    expect(against(long, inserted)).toEqual([{ code: 'TEXT_TOO_LONG', max: 10 }]);
    expect(against({ ...long, responseTemplate: '🙂'.repeat(10) }, inserted)).toEqual([]);
    expect(against(longMail, aMail({ text: '', responseTemplateId: 'greeting' }))).toEqual([
      { code: 'TEXT_TOO_LONG', max: 100_000 },
    ]);
  });

  it('beside a typed text that is too long both are said (R12, http-api 10)', () => {
    const situation = aSituation({ channel: { maxText: 10 }, responseTemplate });

    expect(codesAgainst(situation, { ...inserted, text: 'a'.repeat(11) })).toEqual([
      'CONTENT_NOT_ALLOWED',
      'TEXT_TOO_LONG',
    ]);
  });
});

describe('files', () => {
  const taken = { allowed: true, maxCount: 3, maxBytes: 1000, types: ['*/*'] };
  const page = aFile({ attachmentId: 'page', type: 'text/html' });
  const filesOf = (...sizes: number[]) => sizes.map((size, index) => aFile({ attachmentId: `file-${index}`, size }));

  it.each(messengers)('go alone or beside a text on %s (R5)', (type) => {
    const situation = aSituation({ channel: { type, templatePolicy: 'NEVER' }, attachments: [aFile(), page] });

    expect(against(situation, NONE)).toEqual([]);
    expect(against(situation, aText())).toEqual([]);
  });

  it('go beside the text of an e-mail, never without its fields (R5, A13)', () => {
    const situation = aMailSituation({ attachments: [aFile()] });

    expect(against(situation, aMail())).toEqual([]);
    expect(against(situation, NONE)).toEqual([{ code: 'CONTENT_NOT_ALLOWED' }]);
  });

  it.each([
    { mode: 'TEXT', content: aTemplateContent(), situation: aSituation() },
    {
      mode: 'TEMPLATE_REQUIRED',
      content: aTemplateContent(),
      situation: aSituation({ channel: { templatePolicy: 'ALWAYS' } }),
    },
    { mode: 'HINT', content: aHint(), situation: aHintSituation() },
    { mode: 'HINT', content: aText(), situation: aHintSituation() },
    { mode: 'HINT', content: NONE, situation: aHintSituation() },
  ])('go with no template message, here $content.kind in mode $mode: one refusal a file (R6, R19)', (row) => {
    expect(against({ ...row.situation, attachments: [aFile(), page] }, row.content)).toEqual([
      { code: 'ATTACHMENT_NOT_ALLOWED', attachmentId: 'offer' },
      { code: 'ATTACHMENT_NOT_ALLOWED', attachmentId: 'page' },
    ]);
  });

  it('do not go alone where a template must be chosen (R18)', () => {
    const situation = aSituation({ channel: { templatePolicy: 'ALWAYS' }, attachments: [aFile()] });

    expect(codesAgainst(situation, NONE)).toEqual(['TEMPLATE_REQUIRED', 'ATTACHMENT_NOT_ALLOWED']);
  });

  it.each(ChannelType.options)('are refused one by one where %s takes none (R6)', (type) => {
    const situation = aSituation({
      channel: { type, templatePolicy: 'NEVER', attachments: { ...taken, allowed: false } },
      attachments: [aFile(), page],
    });

    expect(against(situation, type === 'EMAIL' ? aMail() : aText())).toEqual([
      { code: 'ATTACHMENT_NOT_ALLOWED', attachmentId: 'offer' },
      { code: 'ATTACHMENT_NOT_ALLOWED', attachmentId: 'page' },
    ]);
  });

  it.each([
    { types: ['*/*'], type: 'text/html', isTaken: true },
    { types: ['image/*'], type: 'image/png', isTaken: true },
    { types: ['image/*'], type: 'text/html', isTaken: false },
    { types: ['image/*'], type: 'imagery/png', isTaken: false },
    { types: ['image/*'], type: 'image/svg+xml', isTaken: false },
    { types: ['image/svg+xml'], type: 'image/svg+xml', isTaken: true },
    { types: ['text/*'], type: 'text/html', isTaken: false },
    { types: ['IMAGE/*'], type: 'image/png', isTaken: true },
    { types: ['image/png'], type: 'image/png', isTaken: true },
    { types: ['Image/PNG'], type: 'image/png', isTaken: true },
    { types: ['image/png'], type: 'image/jpeg', isTaken: false },
    { types: ['image/png'], type: 'image/png+xml', isTaken: false },
    { types: ['image/png', 'application/pdf'], type: 'application/pdf', isTaken: true },
    { types: [], type: 'image/png', isTaken: false },
  ])('a channel that takes $types takes $type: $isTaken (R6)', ({ types, type, isTaken }) => {
    const situation = aSituation({ channel: { attachments: { ...taken, types } }, attachments: [aFile({ type })] });

    expect(against(situation)).toEqual(isTaken ? [] : [{ code: 'ATTACHMENT_TYPE', attachmentId: 'offer' }]);
  });

  it.each([
    { sizes: [1000], tooLarge: [] },
    { sizes: [1001], tooLarge: ['file-0'] },
    { sizes: [1000, 1000, 1000], tooLarge: [] },
    { sizes: [1001, 1000, 5000], tooLarge: ['file-0', 'file-2'] },
  ])('of $sizes bytes on a channel for 1000 a file: too large $tooLarge (R6)', ({ sizes, tooLarge }) => {
    const situation = aSituation({ channel: { attachments: taken }, attachments: filesOf(...sizes) });

    expect(against(situation)).toEqual(
      tooLarge.map((attachmentId) => ({ code: 'ATTACHMENT_TOO_LARGE', max: 1000, attachmentId })),
    );
  });

  it.each([
    { sizes: [1000], tooLarge: [] },
    { sizes: [400, 600], tooLarge: [] },
    { sizes: [400, 601], tooLarge: ['file-1'] },
    { sizes: [400, 400, 201], tooLarge: ['file-2'] },
    { sizes: [1001], tooLarge: ['file-0'] },
  ])('of $sizes bytes on an e-mail for 1000 in all: too large $tooLarge (R6)', ({ sizes, tooLarge }) => {
    const situation = aMailSituation({ channel: { attachments: taken }, attachments: filesOf(...sizes) });

    expect(against(situation, aMail())).toEqual(
      tooLarge.map((attachmentId) => ({ code: 'ATTACHMENT_TOO_LARGE', max: 1000, attachmentId })),
    );
  });

  it('are as many as the channel takes, and one more is said once (R6)', () => {
    const situation = aSituation({ channel: { attachments: taken } });

    expect(against({ ...situation, attachments: filesOf(1, 1, 1) }, NONE)).toEqual([]);
    expect(against({ ...situation, attachments: filesOf(1, 1, 1, 1, 1) }, NONE)).toEqual([
      { code: 'TOO_MANY_ATTACHMENTS', max: 3 },
    ]);
  });

  it('have one refusal each, and one for their number (R6)', () => {
    const situation = aSituation({
      channel: { attachments: { ...taken, maxCount: 2, types: ['application/pdf'] } },
      attachments: [{ ...page, size: 5000 }, aFile(), aFile({ attachmentId: 'film', size: 5000 })],
    });

    expect(against(situation)).toEqual([
      { code: 'ATTACHMENT_TYPE', attachmentId: 'page' },
      { code: 'ATTACHMENT_TOO_LARGE', max: 1000, attachmentId: 'film' },
      { code: 'TOO_MANY_ATTACHMENTS', max: 2 },
    ]);
  });
});
