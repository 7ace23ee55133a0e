// Every rule of who may be written to, where and with what, asked of one reading of the world.
// The same answer serves a direct send, the wizard and the channel list; only the claim decides R2 (A21).
import { BCC_LIMIT, blindCopies, isMailAddress } from './contact.js';
import { composeMode, hasTemplates } from './compose.js';
import type { AgentStatus } from './contracts/agent.js';
import type { ChannelType, TemplatePolicy } from './contracts/channel.js';
import type { MessageTemplate } from './contracts/message-template.js';
import type { Action, Content } from './contracts/outgoing-send.js';
import type { Refusal } from './contracts/refusal.js';
import { fill, isSelectable, type MessageText, variableProblems } from './message-template.js';
import { codePoints, isBlank } from './text.js';
import { windowAt } from './window.js';

/** One reading of the database, all of it from the same instant; times in ms since the epoch. */
export interface SendSituation {
  now: number;
  agent: { status: AgentStatus };
  client: { blocked: boolean; phone?: string; email?: string };
  channel: {
    type: ChannelType;
    enabled: boolean;
    templatePolicy: TemplatePolicy;
    windowSeconds: number;
    maxText: number;
  };
  identity?: { address: string; blocked: boolean; lastInboundAt?: number };
  templates: readonly MessageTemplate[];
}

export interface Draft {
  content: Content;
  action?: Action | undefined;
}

/** What leaves us, once nothing stands against it. */
export interface OutgoingMessage extends MessageText {
  subject?: string;
  html?: string;
  bcc?: string[];
}

const MAY_SEND: readonly AgentStatus[] = ['ACTIVE', 'OUT', 'FINISHING']; // R1
const TITLE_LIMIT = 61; // code points, after trim; R26, A8
const SUBJECT_LIMIT = 255; // code points; A13
const MAIL_TEXT_LIMIT = 100_000; // code points; A13

/** Only e-mail may be sent beside an active thread, and opens none (R3, R30). */
export const claimsThread = (type: ChannelType): boolean => type !== 'EMAIL';

/** A3: the identity on the channel, else the phone for WhatsApp and Viber, the e-mail address for e-mail. */
export function addressOf({ identity, channel, client }: SendSituation): string | undefined {
  if (identity !== undefined) return identity.address;
  if (channel.type === 'EMAIL') return client.email;
  return hasTemplates(channel.type) ? client.phone : undefined;
}

/** Everything that stands against the send but another active thread; the first is the answer's code. */
export function findRefusals(situation: SendSituation, draft: Draft): Refusal[] {
  return [
    ...channelRefusals(situation),
    ...contentRefusals(situation, draft.content),
    ...actionRefusals(situation, draft),
  ];
}

function channelRefusals(situation: SendSituation): Refusal[] {
  const { agent, client, channel, identity } = situation;
  const found: Refusal[] = [];
  if (!MAY_SEND.includes(agent.status)) found.push({ code: 'SENDER_STATUS', status: agent.status });
  if (client.blocked) found.push({ code: 'CLIENT_BLOCKED' });
  if (identity?.blocked === true) found.push({ code: 'CHANNEL_BLOCKED', by: 'US' });
  if (!channel.enabled) found.push({ code: 'CHANNEL_DISABLED' });
  if (addressOf(situation) === undefined) found.push({ code: 'NO_ADDRESS' });
  return found;
}

function contentRefusals(situation: SendSituation, content: Content): Refusal[] {
  switch (content.kind) {
    case 'TEXT':
      return textRefusals(situation, content.text);
    case 'TEMPLATE':
      return templateRefusals(situation, content);
    case 'HINT':
      return hintRefusals(situation, content);
    case 'EMAIL':
      return mailRefusals(situation, content);
    case 'NONE':
      return [{ code: 'TEXT_REQUIRED' }];
  }
}

const modeOf = ({ channel, identity, now, templates }: SendSituation) =>
  composeMode(channel, windowAt(now, identity?.lastInboundAt, channel.windowSeconds), templates);

/** R18, R35: manual text is refused only where a template can be chosen; in hint mode it is the body alone. */
function textRefusals(situation: SendSituation, text: string): Refusal[] {
  if (situation.channel.type === 'EMAIL') return [{ code: 'CONTENT_NOT_ALLOWED' }];
  if (modeOf(situation) === 'TEMPLATE_REQUIRED') return [{ code: 'TEMPLATE_REQUIRED' }];
  return lengthRefusals(text, situation.channel.maxText);
}

function lengthRefusals(text: string, max: number): Refusal[] {
  if (isBlank(text)) return [{ code: 'TEXT_REQUIRED' }];
  return codePoints(text) > max ? [{ code: 'TEXT_TOO_LONG', max }] : [];
}

function templateRefusals(
  { channel, templates }: SendSituation,
  { templateId, variables }: Extract<Content, { kind: 'TEMPLATE' }>,
): Refusal[] {
  if (!hasTemplates(channel.type)) return [{ code: 'TEMPLATE_NOT_ALLOWED' }];
  const template = templates.find((one) => one.templateId === templateId);
  if (template === undefined || !isSelectable(template)) return [{ code: 'TEMPLATE_NOT_SELECTABLE' }];
  const problems = variableProblems(template, variables);
  return problems.length > 0 ? problems : lengthRefusals(fill(template, variables).text, channel.maxText);
}

function hintRefusals(
  situation: SendSituation,
  { title, text, signature }: Extract<Content, { kind: 'HINT' }>,
): Refusal[] {
  const mode = modeOf(situation);
  if (mode !== 'HINT') return [{ code: mode === 'TEMPLATE_REQUIRED' ? 'TEMPLATE_REQUIRED' : 'CONTENT_NOT_ALLOWED' }];
  const found = lengthRefusals(text, situation.channel.maxText);
  if (codePoints((title ?? '').trim()) > TITLE_LIMIT) found.push({ code: 'TITLE_TOO_LONG', max: TITLE_LIMIT });
  if (codePoints((signature ?? '').trim()) > TITLE_LIMIT) found.push({ code: 'SIGNATURE_TOO_LONG', max: TITLE_LIMIT });
  return found;
}

function mailRefusals(
  situation: SendSituation,
  { subject, text, bcc }: Extract<Content, { kind: 'EMAIL' }>,
): Refusal[] {
  if (situation.channel.type !== 'EMAIL') return [{ code: 'CONTENT_NOT_ALLOWED' }];
  const found = lengthRefusals(text, Math.min(MAIL_TEXT_LIMIT, situation.channel.maxText));
  if (isBlank(subject)) found.push({ code: 'SUBJECT_REQUIRED' });
  if (codePoints(subject) > SUBJECT_LIMIT) found.push({ code: 'SUBJECT_TOO_LONG', max: SUBJECT_LIMIT });
  const copies = blindCopies(bcc ?? [], addressOf(situation) ?? '');
  if (copies.length > BCC_LIMIT || !copies.every(isMailAddress)) found.push({ code: 'BCC_INVALID' });
  return found;
}

/** R14, R15: e-mail ends with the message, every other channel needs to know what becomes of the thread. */
function actionRefusals({ channel }: SendSituation, { action }: Draft): Refusal[] {
  if (!claimsThread(channel.type)) return action === undefined ? [] : [{ code: 'ACTION_NOT_ALLOWED' }];
  return action === undefined ? [{ code: 'ACTION_REQUIRED' }] : [];
}

/** The message as the client will read it. Only for a draft without refusals. */
export function composeMessage(situation: SendSituation, content: Content): OutgoingMessage {
  switch (content.kind) {
    case 'TEXT':
      return { text: content.text };
    case 'TEMPLATE': {
      const template = situation.templates.find(({ templateId }) => templateId === content.templateId);
      if (template === undefined) throw new Error(`template ${content.templateId} was refused and cannot be composed`);
      return fill(template, content.variables);
    }
    case 'HINT':
      return { text: content.text, ...trimmed('title', content.title), ...trimmed('signature', content.signature) };
    case 'EMAIL':
      return {
        text: content.text,
        subject: content.subject.trim(),
        ...(content.html === undefined ? {} : { html: content.html }),
        bcc: blindCopies(content.bcc ?? [], addressOf(situation) ?? ''),
      };
    case 'NONE':
      throw new Error('a message without text and attachments was refused and cannot be composed');
  }
}

const trimmed = <K extends string>(name: K, value: string | undefined): { [P in K]?: string } =>
  isBlank(value) ? {} : ({ [name]: value?.trim() } as { [P in K]?: string });
