// Where a client can be written to now: every configured channel, available or not, why, and until when (E4).
import { z } from 'zod';
import { AttachmentRules, ChannelType } from './channel.js';
import { Id, Instant } from './identifier.js';
import { Refusal } from './refusal.js';

export const ComposeMode = z.enum(['TEXT', 'TEMPLATE_OPTIONAL', 'TEMPLATE_REQUIRED', 'HINT']);
export type ComposeMode = z.infer<typeof ComposeMode>;

/** What the message may be (R5, R17, R24, R25). */
export const ComposeRules = z.object({
  mode: ComposeMode,
  /** R13: only where the text may be typed. */
  responseTemplatesAllowed: z.boolean(),
  /** As they hold in this mode: a message template takes no files. */
  attachments: AttachmentRules,
  /** In code points. */
  maxText: z.int(),
});
export type ComposeRules = z.infer<typeof ComposeRules>;

export const ClientChannel = z.object({
  channelId: Id,
  type: ChannelType,
  name: z.string(),
  /** Where the message would go; null when the client has no address on this channel. */
  address: z.string().nullable(),
  available: z.boolean(),
  /** Everything that stands against sending here, whatever the message. */
  refusals: z.array(Refusal),
  /** When time alone changes something above or below. */
  until: Instant.optional(),
  /** Under the policy OUTSIDE_WINDOW alone (A15). */
  window: z.object({ open: z.boolean(), closesAt: Instant.optional() }).optional(),
  compose: ComposeRules,
});
export type ClientChannel = z.infer<typeof ClientChannel>;
