import { describe, expect, it } from 'vitest';
import { AgentStatus } from '../../domain/contracts/agent.js';
import { ChannelType } from '../../domain/contracts/channel.js';
import type { Action } from '../../domain/contracts/outgoing-send.js';
import { TransferTarget } from '../../domain/contracts/thread.js';
import { findRefusals } from '../../domain/eligibility.js';
import { addressOf, claimsThread, type SendSituation } from '../../domain/situation.js';
import {
  aHint,
  aHolder,
  aMail,
  aMailSituation,
  aSituation,
  aTemplate,
  aTemplateContent,
  aText,
  DAY,
  NOW,
} from '../builders.js';
import { against, codesAgainst } from './against.js';

const close: Action = { kind: 'CLOSE' };

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

  it.each(['OUT', 'FINISHING'] as const)('who is %s may assign the thread to themselves (A7)', (status) => {
    const draft = { content: aText(), action: { kind: 'ASSIGN_TO_ME' } } as const;

    expect(findRefusals(aSituation({ agent: { status } }), draft)).toEqual([]);
  });

  it('e-mail ends with the message and opens no thread (R3, R14, R30)', () => {
    const draft = { content: aMail() };

    expect(claimsThread('EMAIL')).toBe(false);
    expect(findRefusals(aMailSituation(), draft)).toEqual([]);
    expect(findRefusals(aMailSituation(), { ...draft, action: close })).toEqual([{ code: 'ACTION_NOT_ALLOWED' }]);
  });

  const transferTo = (target: TransferTarget, comment?: string) => ({
    content: aText(),
    action: { kind: 'TRANSFER' as const, target, ...(comment !== undefined && { comment }) },
  });
  const support: TransferTarget = { kind: 'GROUP', id: 'support' };

  it.each(TransferTarget.shape.kind.options)(
    'a thread is handed to a %s that is there, and to no other (R15c)',
    (kind) => {
      const draft = transferTo({ kind, id: 'any' });

      expect(findRefusals(aSituation({ isTargetKnown: true }), draft)).toEqual([]);
      expect(findRefusals(aSituation({ isTargetKnown: false }), draft)).toEqual([{ code: 'TRANSFER_TARGET' }]);
      expect(findRefusals(aSituation(), draft)).toEqual([{ code: 'TRANSFER_TARGET' }]);
    },
  );

  it('nobody hands a thread to themselves (A26)', () => {
    const situation = aSituation({ agent: { agentId: 'anna' }, isTargetKnown: true });

    expect(findRefusals(situation, transferTo({ kind: 'EMPLOYEE', id: 'anna' }))).toEqual([
      { code: 'TRANSFER_TARGET' },
    ]);
    expect(findRefusals(situation, transferTo({ kind: 'EMPLOYEE', id: 'boris' }))).toEqual([]);
  });

  it('the comment of a transfer has at most 220 characters (A26)', () => {
    const situation = aSituation({ isTargetKnown: true });

    expect(findRefusals(situation, transferTo(support, '🙂'.repeat(220)))).toEqual([]);
    expect(findRefusals(situation, transferTo(support, '🙂'.repeat(221)))).toEqual([
      { code: 'COMMENT_TOO_LONG', max: 220 },
    ]);
  });

  it('an e-mail is handed to nobody, whoever it would be (R14)', () => {
    const draft = { ...transferTo(support), content: aMail() };

    expect(findRefusals(aMailSituation({ isTargetKnown: true }), draft)).toEqual([{ code: 'ACTION_NOT_ALLOWED' }]);
  });

  it.each(messengers)(
    'a reply on %s changes nothing in who has the thread: there is no action to choose (R15)',
    (type) => {
      const situation = aSituation({ agent: null, channel: { type, templatePolicy: 'NEVER', maxText: 10 } });

      expect(findRefusals(situation, { content: aText('a'.repeat(10)), isReply: true })).toEqual([]);
      expect(findRefusals(situation, { content: aText('a'.repeat(11)), isReply: true })).toEqual([
        { code: 'TEXT_TOO_LONG', max: 10 },
      ]);
    },
  );
});

describe('another active thread', () => {
  const holder = aHolder();

  it.each(ChannelType.options)('stands against a message by %s unless it is an e-mail (R2, R3, A1)', (type) => {
    const situation = aSituation({ channel: { type, templatePolicy: 'NEVER' } });
    const draft = type === 'EMAIL' ? { content: aMail() } : { content: aText(), action: close };

    expect(findRefusals(situation, draft, holder)).toEqual(type === 'EMAIL' ? [] : [{ code: 'THREAD_ACTIVE', holder }]);
  });

  it('is said last, after everything that the agent can mend (E3)', () => {
    const situation = aSituation({ agent: { status: 'OFFLINE' }, client: { blocked: true } });

    expect(findRefusals(situation, { content: aText(' ') }, holder)).toEqual([
      { code: 'SENDER_STATUS', status: 'OFFLINE' },
      { code: 'CLIENT_BLOCKED' },
      { code: 'TEXT_REQUIRED' },
      { code: 'ACTION_REQUIRED' },
      { code: 'THREAD_ACTIVE', holder },
    ]);
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
