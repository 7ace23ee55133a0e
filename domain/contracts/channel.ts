// Channels: one configured way to reach clients; the provider's settings hold the secrets.
import { z } from 'zod';
import { BaseUrl, Id, Label, oneLine, text } from './identifier.js';

export const ChannelType = z.enum([
  'WHATSAPP',
  'VIBER',
  'EMAIL',
  'WEB_CHAT',
  'MOBILE_APP',
  'APPLE_MESSAGES',
  'TELEGRAM',
]);
export type ChannelType = z.infer<typeof ChannelType>;

/** A secret is named in the environment of API and worker, or given; a given one is stored sealed. Never read back. */
export const Secret = z.union([
  z.strictObject({ env: z.string().regex(/^[A-Z][A-Z0-9_]{0,127}$/) }),
  z.strictObject({ value: text(4096).min(1) }),
]);
export type Secret = z.infer<typeof Secret>;

/** One that is sent in a header of HTTP. */
const HeaderSecret = z.union([
  Secret.options[0],
  z.strictObject({ value: z.string().regex(/^[\x21-\x7e]{1,4096}$/, 'must be visible ASCII without spaces') }),
]);

/** edna Pulse: `subjectId` is our sender, `cascadeId` an active cascade with that sender as its only stage. */
const PulseProvider = z.strictObject({
  kind: z.literal('PULSE'),
  baseUrl: BaseUrl,
  apiKey: HeaderSecret,
  subjectId: z.int().positive(),
  cascadeId: z.int().positive(),
  webhookKey: HeaderSecret,
});

const MailAddress = z
  .string()
  .max(254)
  .regex(/^[\w!#$%&'*+/=?^`{|}~.-]+@[\w!#$%&'*+/=?^`{|}~.-]+$/, 'must be a mail address');

const SmtpProvider = z.strictObject({
  kind: z.literal('SMTP'),
  host: z
    .string()
    .max(253)
    .regex(/^[A-Za-z0-9.:_-]+$/, 'must be a host name or an IP address'),
  port: z.int().min(1).max(65535),
  tls: z.enum(['NONE', 'STARTTLS', 'TLS']),
  user: oneLine(255).min(1).optional(),
  password: Secret.optional(),
  from: z.strictObject({ name: Label.optional(), address: MailAddress }),
  bounceAddress: MailAddress.optional(),
  /** With it the mail system posts bounces and replies to the channel's webhook. */
  inboundKey: Secret.optional(),
});

const Text = oneLine(255).min(1);

const WhatsAppCloudProvider = z.strictObject({
  kind: z.literal('WHATSAPP_CLOUD'),
  /** With the version. */
  baseUrl: BaseUrl.default('https://graph.facebook.com/v26.0'),
  phoneNumberId: Text,
  businessAccountId: Text,
  accessToken: HeaderSecret,
  appSecret: Secret,
  verifyToken: Secret,
});

/** Web chat and mobile app: the message is delivered by being in our own store. */
const InternalProvider = z.strictObject({ kind: z.literal('INTERNAL') });

const AppleProvider = z.strictObject({
  kind: z.literal('APPLE'),
  baseUrl: BaseUrl,
  businessId: Text,
  mspId: Text,
  secret: Secret,
});

const TelegramProvider = z.strictObject({
  kind: z.literal('TELEGRAM'),
  baseUrl: BaseUrl,
  botToken: Secret,
  webhookSecret: Secret,
});

export const Provider = z.discriminatedUnion('kind', [
  PulseProvider,
  WhatsAppCloudProvider,
  SmtpProvider,
  InternalProvider,
  AppleProvider,
  TelegramProvider,
]);
export type Provider = z.infer<typeof Provider>;
export type ProviderKind = Provider['kind'];

/** Which provider kinds carry a channel type. */
const CARRIERS: Record<ChannelType, readonly ProviderKind[]> = {
  WHATSAPP: ['PULSE', 'WHATSAPP_CLOUD'],
  VIBER: ['PULSE'],
  EMAIL: ['SMTP'],
  WEB_CHAT: ['INTERNAL'],
  MOBILE_APP: ['INTERNAL'],
  APPLE_MESSAGES: ['APPLE'],
  TELEGRAM: ['TELEGRAM'],
};

/** When a message template is mandatory (A15). */
export const TemplatePolicy = z.enum(['ALWAYS', 'OUTSIDE_WINDOW', 'NEVER']);
export type TemplatePolicy = z.infer<typeof TemplatePolicy>;

/** What a channel takes of files (R6). */
export const AttachmentRules = z.strictObject({
  allowed: z.boolean(),
  maxCount: z.int().min(0).max(100),
  /** Of one file; for e-mail also of all files together. */
  maxBytes: z.int().min(0),
  /** MIME types; `image/*` takes every image and `*\/*` everything. An empty list takes nothing. */
  types: z
    .array(
      z
        .string()
        .regex(/^[\w!#$&^.+*-]+\/[\w!#$&^.+*-]+$/, 'must be a MIME type, e.g. image/png or image/*')
        .max(127),
    )
    .max(200),
});
export type AttachmentRules = z.infer<typeof AttachmentRules>;

/** The body of `PUT /v1/channels/{channelId}`: all of the channel. */
export const ChannelBody = z
  .strictObject({
    type: ChannelType,
    name: Label,
    enabled: z.boolean(),
    provider: Provider,
    templatePolicy: TemplatePolicy,
    /** How long after the client's last message free text is taken, in s. Default 86400 (24 h). */
    windowSeconds: z.int().min(1).max(31_536_000).default(86_400),
    attachments: AttachmentRules,
    /** The longest text in code points. */
    maxText: z.int().min(1).max(100_000),
  })
  .refine(({ type, templatePolicy }) => templatePolicy === 'NEVER' || type === 'WHATSAPP' || type === 'VIBER', {
    path: ['templatePolicy'],
    message: 'a policy other than NEVER is for WHATSAPP and VIBER alone',
  })
  .superRefine(({ type, provider }, context) => {
    const carriers = CARRIERS[type];
    if (carriers.includes(provider.kind)) return;
    context.addIssue({
      code: 'custom',
      path: ['provider', 'kind'],
      message: `${type} is carried by ${carriers.join(' or ')}, not by ${provider.kind}`,
    });
  });
export type ChannelBody = z.infer<typeof ChannelBody>;

/** What is known of a secret once it is stored. */
export type StoredSecret = { env: string } | { sealed: string };

/** A channel as it is answered: a secret says where it comes from, never what it is. */
export const Channel = z.object({
  channelId: Id,
  type: ChannelType,
  name: z.string(),
  enabled: z.boolean(),
  provider: z.looseObject({ kind: z.enum(Provider.options.map(({ shape }) => shape.kind.value)) }),
  templatePolicy: TemplatePolicy,
  windowSeconds: z.int(),
  attachments: AttachmentRules,
  maxText: z.int(),
});
export type Channel = z.infer<typeof Channel>;
