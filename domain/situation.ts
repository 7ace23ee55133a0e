// One reading of the world, of which every rule about a send is asked.
import { contactTypeOf } from './contact.js';
import { composeMode } from './compose.js';
import type { AgentStatus } from './contracts/agent.js';
import type { Attachment } from './contracts/attachment.js';
import type { AttachmentRules, ChannelType, ProviderKind, TemplatePolicy } from './contracts/channel.js';
import type { ComposeMode } from './contracts/client-channel.js';
import type { MessageTemplate } from './contracts/message-template.js';
import type { Action, Content } from './contracts/outgoing-send.js';
import { type Window, windowAt } from './window.js';

/** Read from the database in one statement, all of it from the same instant; times in ms since the epoch. */
export interface SendSituation {
  now: number;
  /** Absent while nobody in particular asks, and of a reply, which R1 does not bind; then the sender is not judged. */
  agent?: { agentId?: string; status: AgentStatus };
  client: { blocked: boolean; phone?: string; email?: string };
  channel: {
    type: ChannelType;
    providerKind: ProviderKind;
    enabled: boolean;
    templatePolicy: TemplatePolicy;
    windowSeconds: number;
    attachments: AttachmentRules;
    maxText: number;
  };
  identity?: { address: string; blocked: boolean; lastInboundAt?: number };
  templates: readonly MessageTemplate[];
  /** The text of the response template that the draft names, if the agent may use it (R12). */
  responseTemplate?: string;
  /** The files of the draft, in its order. */
  attachments: readonly Attachment[];
  /** Whether the target of the draft's transfer is there (A26). */
  isTargetKnown?: boolean;
}

export interface Draft {
  content: Content;
  action?: Action | undefined;
  /** An answer in a thread changes nothing in who has it: there is no action to choose. */
  isReply?: boolean;
}

/** Only e-mail may be sent beside an active thread, and opens none (R3, R30). */
export const claimsThread = (type: ChannelType): boolean => type !== 'EMAIL';

/** A3: the identity on the channel, else the phone for WhatsApp and Viber, the e-mail address for e-mail. */
export function addressOf({ identity, channel, client }: SendSituation): string | undefined {
  if (identity !== undefined) return identity.address;
  switch (contactTypeOf(channel.type)) {
    case 'PHONE':
      return client.phone;
    case 'EMAIL':
      return client.email;
    case undefined:
      return undefined;
  }
}

export const windowOf = ({ now, identity, channel }: SendSituation): Window =>
  windowAt(now, identity?.lastInboundAt, channel.windowSeconds);

export const modeOf = (situation: SendSituation): ComposeMode =>
  composeMode(situation.channel, windowOf(situation), situation.templates);
