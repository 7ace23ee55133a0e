import { describe, expect, it } from 'vitest';
import { AgentStatus } from '../../domain/contracts/agent.js';
import { ChannelType } from '../../domain/contracts/channel.js';
import type { Action, Content } from '../../domain/contracts/outgoing-send.js';
import {
  addressOf,
  claimsThread,
  composeMessage,
  findRefusals,
  type OutgoingMessage,
  type SendSituation,
} from '../../domain/eligibility.js';
import {
  aHint,
  aHintSituation,
  aMail,
  aMailSituation,
  aSituation,
  aTemplate,
  aTemplateContent,
  aText,
  aVariable,
  DAY,
  NOW,
} from '../builders.js';

const close: Action = { kind: 'CLOSE' };

/** Everything against the content, with the action that its channel wants. */
const against = (situation: SendSituation, content: Content = aText()) =>
  findRefusals(situation, { content, action: claimsThread(situation.channel.type) ? close : undefined });

const codesAgainst = (situation: SendSituation, content: Content = aText()) =>
  against(situation, content).map(({ code }) => code);

describe('who and to whom', () => {
  it.each(AgentStatus.options.map((status) => ({ status, maySend: ['ACTIVE', 'OUT', 'FINISHING'].includes(status) })))(
    'an agent who is $status may send: $maySend (R1, A6)',
    ({ status, maySend }) => {
      expect(against(aSituation({ agent: { status } }))).toEqual(maySend ? [] : [{ code: 'SENDER_STATUS', status }]);
    },
  );

  it.each(ChannelType.options)('a blocked client is not written to by %s, whatever it is (R2, A29)', (type) => {
    const situation = aSituation({ client: { blocked: true }, channel: { type, templatePolicy: 'NEVER' } });

    expect(codesAgainst(situation, type === 'EMAIL' ? aMail() : aText())).toEqual(['CLIENT_BLOCKED']);
  });

  it('a block of the address takes this channel and no other (A4, R37)', () => {
    const blocked = aSituation({ client: { phone: '38970123456' }, identity: { blocked: true } });
    const sameClientElsewhere = aSituation({ client: { phone: '38970123456' }, channel: { type: 'VIBER' } });

    expect(against(blocked)).toEqual([{ code: 'CHANNEL_BLOCKED', by: 'US' }]);
    expect(against(sameClientElsewhere)).toEqual([]);
  });

  it('a disabled channel reaches nobody (R4)', () => {
    expect(codesAgainst(aSituation({ channel: { enabled: false } }))).toEqual(['CHANNEL_DISABLED']);
  });
});

describe('the address (A3)', () => {
  const PHONE = '38970555555';
  const MAIL = 'mila@client.example';

  it.each([
    { type: 'WHATSAPP', address: PHONE },
    { type: 'VIBER', address: PHONE },
    { type: 'EMAIL', address: MAIL },
    { type: 'WEB_CHAT', address: undefined },
    { type: 'MOBILE_APP', address: undefined },
    { type: 'APPLE_MESSAGES', address: undefined },
    { type: 'TELEGRAM', address: undefined },
  ] as const)('a client unknown on $type is reached at $address', ({ type, address }) => {
    const situation = aSituation({ client: { phone: PHONE, email: MAIL }, channel: { type }, identity: null });

    expect(addressOf(situation)).toBe(address);
  });

  it.each(ChannelType.options)('a client known on %s is reached there and not at another address', (type) => {
    const situation = aSituation({
      client: { phone: PHONE, email: MAIL },
      channel: { type },
      identity: { address: 'ext-55120' },
    });

    expect(addressOf(situation)).toBe('ext-55120');
  });

  it.each([
    { type: 'WHATSAPP', client: { email: MAIL }, content: aText() },
    { type: 'EMAIL', client: { phone: PHONE }, content: aMail() },
    { type: 'TELEGRAM', client: { phone: PHONE, email: MAIL }, content: aText() },
  ] as const)('$type without its own kind of address is refused', ({ type, client, content }) => {
    const situation = aSituation({ client, channel: { type, templatePolicy: 'NEVER' }, identity: null });

    expect(codesAgainst(situation, content)).toEqual(['NO_ADDRESS']);
  });
});

describe('the action after sending', () => {
  const messengers = ChannelType.options.filter((type) => type !== 'EMAIL');

  it.each(messengers)('%s claims the thread and needs to know what becomes of it (R15)', (type) => {
    const situation = aSituation({ channel: { type, templatePolicy: 'NEVER' } });

    expect(claimsThread(type)).toBe(true);
    expect(findRefusals(situation, { content: aText() })).toEqual([{ code: 'ACTION_REQUIRED' }]);
    expect(findRefusals(situation, { content: aText(), action: { kind: 'ASSIGN_TO_ME' } })).toEqual([]);
  });

  it('e-mail ends with the message and opens no thread (R3, R14, R30)', () => {
    const draft = { content: aMail() };

    expect(claimsThread('EMAIL')).toBe(false);
    expect(findRefusals(aMailSituation(), draft)).toEqual([]);
    expect(findRefusals(aMailSituation(), { ...draft, action: close })).toEqual([{ code: 'ACTION_NOT_ALLOWED' }]);
  });
});

describe('text, template or hint (R17, R18, R24, R25, R35)', () => {
  const drafts = { TEXT: aText(), TEMPLATE: aTemplateContent(), HINT: aHint() };
  const acceptedIn = (situation: SendSituation) =>
    Object.entries(drafts).flatMap(([kind, content]) => (against(situation, content).length === 0 ? [kind] : []));

  it.each([
    { policy: 'ALWAYS', window: 'open', templates: 1, accepted: ['TEMPLATE'] },
    { policy: 'ALWAYS', window: 'closed', templates: 1, accepted: ['TEMPLATE'] },
    { policy: 'ALWAYS', window: 'open', templates: 0, accepted: ['TEXT', 'HINT'] },
    { policy: 'ALWAYS', window: 'closed', templates: 0, accepted: ['TEXT', 'HINT'] },
    { policy: 'OUTSIDE_WINDOW', window: 'open', templates: 1, accepted: ['TEXT', 'TEMPLATE'] },
    { policy: 'OUTSIDE_WINDOW', window: 'closed', templates: 1, accepted: ['TEMPLATE'] },
    { policy: 'OUTSIDE_WINDOW', window: 'open', templates: 0, accepted: ['TEXT'] },
    { policy: 'OUTSIDE_WINDOW', window: 'closed', templates: 0, accepted: ['TEXT', 'HINT'] },
    { policy: 'NEVER', window: 'open', templates: 1, accepted: ['TEXT', 'TEMPLATE'] },
    { policy: 'NEVER', window: 'closed', templates: 1, accepted: ['TEXT', 'TEMPLATE'] },
    { policy: 'NEVER', window: 'open', templates: 0, accepted: ['TEXT'] },
    { policy: 'NEVER', window: 'closed', templates: 0, accepted: ['TEXT'] },
  ] as const)('$policy, window $window, $templates to choose: $accepted', (row) => {
    const situations = (['WHATSAPP', 'VIBER'] as const).map((type) =>
      aSituation({
        channel: { type, templatePolicy: row.policy },
        identity: { lastInboundAt: row.window === 'open' ? NOW - DAY + 1 : NOW - DAY },
        templates: row.templates === 1 ? [aTemplate()] : [],
      }),
    );

    expect(situations.map(acceptedIn)).toEqual([row.accepted, row.accepted]);
  });

  it('templates that cannot be chosen lead to hint mode as if there were none (A16)', () => {
    const situation = aSituation({
      channel: { templatePolicy: 'ALWAYS' },
      templates: [aTemplate({ locked: true }), aTemplate({ header: { type: 'IMAGE' } })],
    });

    expect(acceptedIn(situation)).toEqual(['TEXT', 'HINT']);
  });

  it.each([
    { content: aText(), templatePolicy: 'ALWAYS', code: 'TEMPLATE_REQUIRED' },
    { content: aHint(), templatePolicy: 'ALWAYS', code: 'TEMPLATE_REQUIRED' },
    { content: aHint(), templatePolicy: 'NEVER', code: 'CONTENT_NOT_ALLOWED' },
  ] as const)('$content.kind under $templatePolicy with a template to choose is $code (R18)', (row) => {
    const { content, templatePolicy, code } = row;

    expect(codesAgainst(aSituation({ channel: { templatePolicy } }), content)).toEqual([code]);
  });

  it.each([
    { type: 'TELEGRAM', content: aTemplateContent(), code: 'TEMPLATE_NOT_ALLOWED' },
    { type: 'EMAIL', content: aTemplateContent(), code: 'TEMPLATE_NOT_ALLOWED' },
    { type: 'WEB_CHAT', content: aHint(), code: 'CONTENT_NOT_ALLOWED' },
    { type: 'WEB_CHAT', content: aMail(), code: 'CONTENT_NOT_ALLOWED' },
    { type: 'WHATSAPP', content: aMail(), code: 'CONTENT_NOT_ALLOWED' },
    { type: 'EMAIL', content: aText(), code: 'CONTENT_NOT_ALLOWED' },
    { type: 'EMAIL', content: aHint(), code: 'CONTENT_NOT_ALLOWED' },
  ] as const)('$content.kind on $type is $code (R5)', ({ type, content, code }) => {
    expect(codesAgainst(aSituation({ channel: { type, templatePolicy: 'NEVER' } }), content)).toEqual([code]);
  });

  it.each([
    { templateId: 'unknown', templates: [aTemplate()] },
    { templateId: 'order-ready', templates: [aTemplate({ kind: 'OPERATOR' })] },
    { templateId: 'order-ready', templates: [aTemplate({ status: 'PAUSED' })] },
  ])('the template $templateId of $templates.0.kind and $templates.0.status cannot be chosen (R19, R23)', (row) => {
    const content = aTemplateContent({ 1: '18:00' }, row.templateId);

    expect(codesAgainst(aSituation({ templates: row.templates }), content)).toEqual(['TEMPLATE_NOT_SELECTABLE']);
  });

  it('a window that ends while the agent composes is judged anew at sending (A17)', () => {
    const lastInboundAt = NOW - DAY;

    expect(codesAgainst(aSituation({ now: NOW - 1, identity: { lastInboundAt } }))).toEqual([]);
    expect(codesAgainst(aSituation({ now: NOW, identity: { lastInboundAt } }))).toEqual(['TEMPLATE_REQUIRED']);
  });
});

describe('the fields', () => {
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

  it.each([
    { field: 'no subject', mail: { subject: ' ' }, codes: ['SUBJECT_REQUIRED'] },
    { field: 'a subject of 255', mail: { subject: '🙂'.repeat(255) }, codes: [] },
    { field: 'a subject of 256', mail: { subject: 'a'.repeat(256) }, codes: ['SUBJECT_TOO_LONG'] },
    { field: 'a content of 100,000', mail: { text: '🙂'.repeat(100_000) }, codes: [] },
    { field: 'a content of 100,001', mail: { text: 'a'.repeat(100_001) }, codes: ['TEXT_TOO_LONG'] },
  ])('an e-mail with $field: $codes (A13)', ({ mail, codes }) => {
    expect(codesAgainst(aMailSituation(), aMail(mail))).toEqual(codes);
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

  it('everything that stands against a send is said at once, the sender first (http-api 10)', () => {
    const situation = aMailSituation({
      agent: { status: 'OFFLINE' },
      client: { blocked: true },
      channel: { enabled: false },
      identity: { address: 'mila@client.example', blocked: true },
    });
    const content = aMail({ subject: '', text: '', bcc: ['nobody'] });

    expect(findRefusals(situation, { content, action: close }).map(({ code }) => code)).toEqual([
      'SENDER_STATUS',
      'CLIENT_BLOCKED',
      'CHANNEL_BLOCKED',
      'CHANNEL_DISABLED',
      'TEXT_REQUIRED',
      'SUBJECT_REQUIRED',
      'BCC_INVALID',
      'ACTION_NOT_ALLOWED',
    ]);
  });
});

describe('the message as the client will read it', () => {
  const composed: { what: string; situation: SendSituation; content: Content; message: OutgoingMessage }[] = [
    { what: 'a text as it is', situation: aSituation(), content: aText(' Hi \n'), message: { text: ' Hi \n' } },
    {
      what: 'a template with its values, title and signature (R20)',
      situation: aSituation({
        templates: [aTemplate({ header: { type: 'TEXT', text: 'Order' }, footer: 'Northwind' })],
      }),
      content: aTemplateContent({ 1: ' 18:00 ' }),
      message: { title: 'Order', text: 'Ready until 18:00.', signature: 'Northwind' },
    },
    {
      what: 'a hint with title and signature trimmed (R25)',
      situation: aHintSituation(),
      content: aHint({ title: ' Order ', text: ' Hi ', signature: '\tNorthwind' }),
      message: { title: 'Order', text: ' Hi ', signature: 'Northwind' },
    },
    {
      what: 'a hint whose blank title and signature do not exist (R25)',
      situation: aHintSituation(),
      content: aHint({ title: '', text: 'Hi', signature: '  ' }),
      message: { text: 'Hi' },
    },
    {
      what: 'an e-mail with its blind copies once and without the To address (A12, R30)',
      situation: aMailSituation(),
      content: aMail({ subject: ' Order ', html: '<b>Hi</b>', bcc: ['b@x.io', 'MILA@client.example', ' B@x.io '] }),
      message: { subject: 'Order', text: 'Ready until 18:00.', html: '<b>Hi</b>', bcc: ['b@x.io'] },
    },
  ];

  it.each(composed)('$what', ({ situation, content, message }) => {
    expect(against(situation, content)).toEqual([]);
    expect(composeMessage(situation, content)).toEqual(message);
  });

  it.each([{ kind: 'NONE' } as const, aTemplateContent({}, 'unknown')])(
    '$kind that was refused is a bug',
    (content) => {
      expect(() => composeMessage(aSituation(), content)).toThrow('was refused and cannot be composed');
    },
  );
});
