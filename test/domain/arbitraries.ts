// Sends of every kind, good and bad about evenly, as the contracts let them in.
import { fc } from '@fast-check/vitest';
import { AgentStatus } from '../../domain/contracts/agent.js';
import { ChannelType, TemplatePolicy } from '../../domain/contracts/channel.js';
import type { Content } from '../../domain/contracts/outgoing-send.js';
import type { Draft, SendSituation } from '../../domain/situation.js';
import { aFile, aSituation, aTemplate, aVariable, DAY, HOUR, NOW } from '../builders.js';

export interface Sending {
  situation: SendSituation;
  draft: Draft;
}

const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

/** Blank, short, about as long as the channel takes, and longer. */
const written = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom('', ' ', '\n\t') },
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 }) },
  { weight: 2, arbitrary: fc.integer({ min: 19, max: 31 }).map((length) => '🙂'.repeat(length)) },
);

const templates = fc.subarray([
  aTemplate(),
  aTemplate({ templateId: 'pick-up-day', body: '{{1}}', variables: [aVariable({ kind: 'DATE' })] }),
  aTemplate({ templateId: 'locked', locked: true }),
  aTemplate({ templateId: 'with-button', buttons: [{ kind: 'URL', text: 'Open' }] }),
]);

const situation: fc.Arbitrary<SendSituation> = fc
  .record({
    type: fc.oneof(fc.constantFrom('WHATSAPP' as const, 'VIBER' as const), fc.constantFrom(...ChannelType.options)),
    templatePolicy: fc.constantFrom(...TemplatePolicy.options),
    windowSeconds: mostly(86_400, 60, 604_800),
    lastInboundAt: fc.constantFrom(null, NOW, NOW - 1, NOW - HOUR, NOW - DAY + 1, NOW - DAY, NOW - 10 * DAY),
    agent: mostly({ status: 'ACTIVE' as const }, null, ...AgentStatus.options.map((status) => ({ status }))),
    isBlocked: mostly(false, true),
    isBlockedHere: mostly(false, true),
    isKnownHere: mostly(true, false),
    enabled: mostly(true, false),
    templates,
    responseTemplate: fc.option(written, { nil: undefined }),
    attachments: fc.array(
      fc.record({ type: mostly('image/png', 'text/html'), size: mostly(100, 1000, 1001) }).map(aFile),
      { maxLength: 3 },
    ),
    takesFiles: mostly(true, false),
  })
  .map(({ type, templatePolicy, windowSeconds, lastInboundAt, responseTemplate, ...given }) =>
    aSituation({
      agent: given.agent,
      client: { blocked: given.isBlocked, phone: '38970123456', email: 'mila@client.example' },
      channel: {
        type,
        templatePolicy: type === 'WHATSAPP' || type === 'VIBER' ? templatePolicy : 'NEVER',
        windowSeconds,
        enabled: given.enabled,
        attachments: { allowed: given.takesFiles, maxCount: 2, maxBytes: 1000, types: ['image/*'] },
        maxText: 30,
      },
      identity: given.isKnownHere ? { blocked: given.isBlockedHere, lastInboundAt } : null,
      templates: given.templates,
      ...(responseTemplate !== undefined && { responseTemplate }),
      attachments: given.attachments,
    }),
  );

const responseTemplateId = mostly(undefined, 'greeting', 'greeting-of-another');

const mail: fc.Arbitrary<Content> = fc
  .record({ subject: written, text: written, bcc: mostly(['b@x.io'], ['nobody']), responseTemplateId })
  .map(({ responseTemplateId: id, ...fields }) => ({
    kind: 'EMAIL' as const,
    ...fields,
    ...(id !== undefined && { responseTemplateId: id }),
  }));

const otherThanMail: fc.Arbitrary<Content> = fc.oneof(
  fc.record({ text: written, responseTemplateId }).map(({ text, responseTemplateId: id }) => ({
    kind: 'TEXT' as const,
    text,
    ...(id !== undefined && { responseTemplateId: id }),
  })),
  fc.record({
    kind: fc.constant('TEMPLATE' as const),
    templateId: mostly('order-ready', 'pick-up-day', 'locked', 'unknown'),
    variables: fc.constantFrom<Record<string, string>>({}, { 1: '18:00' }, { 1: '2026-11-24' }, { 1: 'a'.repeat(30) }),
  }),
  fc.record({ kind: fc.constant('HINT' as const), title: written, text: written, signature: written }),
  fc.constant({ kind: 'NONE' as const }),
);

// Not chained: what is generated apart shrinks apart, and soon.
export const sending: fc.Arbitrary<Sending> = fc
  .record({
    situation,
    mail,
    otherThanMail,
    isOfItsKind: mostly(true, false),
    isActionAsWanted: mostly(true, false),
  })
  .map(({ situation: known, isOfItsKind, isActionAsWanted, ...content }) => {
    const isMail = known.channel.type === 'EMAIL';
    return {
      situation: known,
      draft: {
        content: isMail === isOfItsKind ? content.mail : content.otherThanMail,
        ...(isMail !== isActionAsWanted && { action: { kind: 'CLOSE' as const } }),
      },
    };
  });

/** A share of the time that is left before `until`, or of ten years where time changes nothing. */
export const shareOfTime = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true }));

export const laterThan = (now: number, until: number | undefined, share: number): number =>
  Math.floor(now + share * (until === undefined ? 3650 * DAY : until - 1 - now));
