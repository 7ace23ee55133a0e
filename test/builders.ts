// Valid defaults of everything a rule or an adapter is asked about, so that a test shows only what matters to it.
import type { PartContent } from '../activities/ports.js';
import type { Attachment } from '../domain/contracts/attachment.js';
import type { MessageTemplate, TemplateVariable } from '../domain/contracts/message-template.js';
import type { Content } from '../domain/contracts/outgoing-send.js';
import type { ThreadHolder } from '../domain/contracts/thread.js';
import type { OutgoingMessage } from '../domain/outgoing-message.js';
import type { SendSituation } from '../domain/situation.js';
import type { DeliveryFact } from '../domain/receipt.js';
import type { Actor } from '../domain/thread-command.js';

export const NOW = Date.UTC(2026, 10, 24, 9, 13);
export const HOUR = 3_600_000; // ms
export const DAY = 24 * HOUR;

type Kind<K extends Content['kind']> = Extract<Content, { kind: K }>;
type Identity = NonNullable<SendSituation['identity']>;

/** A WhatsApp channel inside its window, with one template that can be chosen: nothing stands against a text. */
export function aSituation({
  now = NOW,
  agent,
  client,
  channel,
  identity,
  templates = [aTemplate()],
  responseTemplate,
  attachments = [],
  isTargetKnown,
}: {
  now?: number;
  /** `null` while nobody in particular asks. */
  agent?: Partial<NonNullable<SendSituation['agent']>> | null;
  client?: Partial<SendSituation['client']>;
  channel?: Partial<SendSituation['channel']>;
  /** `null` for a client who is not known on the channel; its `lastInboundAt` for one who has never written there. */
  identity?: (Partial<Omit<Identity, 'lastInboundAt'>> & { lastInboundAt?: number | null }) | null;
  templates?: MessageTemplate[];
  responseTemplate?: string;
  attachments?: Attachment[];
  isTargetKnown?: boolean;
} = {}): SendSituation {
  const { lastInboundAt = now - HOUR, ...rest } = identity ?? {};
  const known = { address: '38970123456', blocked: false, ...rest, ...(lastInboundAt !== null && { lastInboundAt }) };
  return {
    now,
    ...(agent === null ? {} : { agent: { status: 'ACTIVE', ...agent } }),
    client: { blocked: false, ...client },
    channel: {
      type: 'WHATSAPP',
      providerKind: 'PULSE',
      enabled: true,
      templatePolicy: 'OUTSIDE_WINDOW',
      windowSeconds: 86_400,
      attachments: { allowed: true, maxCount: 10, maxBytes: 1000, types: ['*/*'] },
      maxText: 4096,
      ...channel,
    },
    ...(identity === null ? {} : { identity: known }),
    templates,
    ...(responseTemplate !== undefined && { responseTemplate }),
    attachments,
    ...(isTargetKnown !== undefined && { isTargetKnown }),
  };
}

/** An e-mail channel and a client with an address. */
export const aMailSituation = (rest: Parameters<typeof aSituation>[0] = {}): SendSituation =>
  aSituation({
    identity: null,
    templates: [],
    ...rest,
    client: { email: 'mila@client.example', ...rest.client },
    channel: { type: 'EMAIL', templatePolicy: 'NEVER', maxText: 100_000, ...rest.channel },
  });

/** A channel on which only a template may be sent, and none can be chosen (R25). */
export const aHintSituation = (rest: Parameters<typeof aSituation>[0] = {}): SendSituation =>
  aSituation({ templates: [], ...rest, channel: { templatePolicy: 'ALWAYS', ...rest.channel } });

export const aText = (text = 'Ready until 18:00.'): Kind<'TEXT'> => ({ kind: 'TEXT', text });

export const aHint = (rest: Partial<Kind<'HINT'>> = {}): Kind<'HINT'> => ({
  kind: 'HINT',
  text: 'Ready until 18:00.',
  ...rest,
});

export const aMail = (rest: Partial<Kind<'EMAIL'>> = {}): Kind<'EMAIL'> => ({
  kind: 'EMAIL',
  subject: 'Your order',
  text: 'Ready until 18:00.',
  ...rest,
});

export const aTemplateContent = (
  variables: Record<string, string> = { 1: '18:00' },
  templateId = 'order-ready',
): Kind<'TEMPLATE'> => ({ kind: 'TEMPLATE', templateId, variables });

export const aVariable = (rest: Partial<TemplateVariable> = {}): TemplateVariable => ({
  name: '1',
  kind: 'TEXT',
  ...rest,
});

export const aTemplate = (rest: Partial<MessageTemplate> = {}): MessageTemplate => ({
  templateId: 'order-ready',
  channelId: 'wa-main',
  name: 'order_ready',
  language: 'EN',
  kind: 'USER',
  status: 'APPROVED',
  locked: false,
  body: 'Ready until {{1}}.',
  buttons: [],
  variables: [aVariable()],
  ...rest,
});

export const aFile = (rest: Partial<Attachment> = {}): Attachment => ({
  attachmentId: 'offer',
  name: 'offer.pdf',
  type: 'application/pdf',
  size: 100,
  sha256: 'a'.repeat(64),
  ...rest,
});

/** The client's active thread, in the queue of another agent. */
export const aHolder = (rest: Partial<ThreadHolder> = {}): ThreadHolder => ({
  threadId: 'thread-1',
  channelId: 'wa-main',
  agentId: 'petrov',
  state: 'WAITING',
  since: '2026-11-24T09:12:00.000Z',
  opener: 'AGENT',
  ...rest,
});

export type NamedActor = Exclude<Actor, { kind: 'SYSTEM' }>;

/** An agent at work, who belongs to no group, skill or department. */
export const anActor = (rest: Partial<NamedActor> = {}): NamedActor => ({
  kind: 'AGENT',
  agentId: 'anna',
  status: 'ACTIVE',
  groupIds: [],
  skillIds: [],
  ...rest,
});

/** One fact about part 0; its identity follows from its kind unless given. */
export const aFact = ({ kind, ...rest }: Pick<DeliveryFact, 'kind'> & Partial<DeliveryFact>): DeliveryFact => ({
  part: 0,
  identity: `receipt:${kind}`,
  kind,
  ...rest,
});

export const aPart = ({
  address = '38970123456',
  ...message
}: Partial<OutgoingMessage> & { address?: string } = {}): PartContent => ({
  address,
  askedAt: '2026-11-24T09:13:00.000Z',
  message: { text: 'Ready until 18:00.', ...message },
});
