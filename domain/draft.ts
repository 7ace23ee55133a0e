// What may be written: the rules of a draft's content, files and action, and the message that follows from it.
import type { AttachmentRules } from './contracts/channel.js';
import type { ComposeMode } from './contracts/client-channel.js';
import type { Content } from './contracts/outgoing-send.js';
import type { Refusal } from './contracts/refusal.js';
import { isActive } from './attachment.js';
import { BCC_LIMIT, blindCopies, isMailAddress } from './contact.js';
import { allowsResponseTemplates, hasTemplates, takesFiles } from './compose.js';
import { fill, isSelectable, variableProblems } from './message-template.js';
import type { OutgoingMessage } from './outgoing-message.js';
import { addressOf, claimsThread, type Draft, modeOf, type SendSituation } from './situation.js';
import { codePoints, isBlank } from './text.js';
import { transferRefusals } from './transfer.js';

type Kind<K extends Content['kind']> = Extract<Content, { kind: K }>;

const TITLE_LIMIT = 61; // code points, after trim; R26, A8
const SUBJECT_LIMIT = 255; // code points, after trim; A13
const MAIL_TEXT_LIMIT = 100_000; // code points; A13

export function contentRefusals(situation: SendSituation, content: Content): Refusal[] {
  switch (content.kind) {
    case 'TEXT':
      return textRefusals(situation, content);
    case 'TEMPLATE':
      return templateRefusals(situation, content);
    case 'HINT':
      return hintRefusals(situation, content);
    case 'EMAIL':
      return mailRefusals(situation, content);
    case 'NONE':
      return filesAloneRefusals(situation);
  }
}

/** R18, R35: manual text is refused only where a template can be chosen; in hint mode it is the body alone. */
function textRefusals(situation: SendSituation, content: Kind<'TEXT'>): Refusal[] {
  const { channel } = situation;
  if (channel.type === 'EMAIL') return [{ code: 'CONTENT_NOT_ALLOWED' }];
  const mode = modeOf(situation);
  return [
    ...(mode === 'TEMPLATE_REQUIRED' ? [{ code: 'TEMPLATE_REQUIRED' } as const] : []),
    ...responseTemplateRefusals(situation, content, mode),
    ...lengthRefusals(writtenText(situation, content), channel.maxText),
  ];
}

/** R12, R13: into an empty text, where text may be typed, and one that the agent may use. */
function responseTemplateRefusals(
  { responseTemplate }: SendSituation,
  content: Kind<'TEXT'> | Kind<'EMAIL'>,
  mode: ComposeMode,
): Refusal[] {
  if (content.responseTemplateId === undefined) return [];
  const isEmpty = isBlank(content.text) && (content.kind === 'TEXT' || isBlank(content.html));
  if (!allowsResponseTemplates(mode) || !isEmpty) return [{ code: 'CONTENT_NOT_ALLOWED' }];
  return responseTemplate === undefined ? [{ code: 'TEMPLATE_NOT_SELECTABLE' }] : [];
}

/** What stands in the text field: what was typed, else the response template, which is plain text once inserted. */
const writtenText = ({ responseTemplate }: SendSituation, { text }: { text: string }): string =>
  isBlank(text) && responseTemplate !== undefined ? responseTemplate : text;

function lengthRefusals(text: string, max: number): Refusal[] {
  if (isBlank(text)) return [{ code: 'TEXT_REQUIRED' }];
  return codePoints(text) > max ? [{ code: 'TEXT_TOO_LONG', max }] : [];
}

function templateRefusals(
  { channel, templates }: SendSituation,
  { templateId, variables }: Kind<'TEMPLATE'>,
): Refusal[] {
  if (!hasTemplates(channel.type)) return [{ code: 'TEMPLATE_NOT_ALLOWED' }];
  const template = templates.find((one) => one.templateId === templateId);
  if (template === undefined || !isSelectable(template)) return [{ code: 'TEMPLATE_NOT_SELECTABLE' }];
  const problems = variableProblems(template, variables, channel.providerKind);
  return problems.length > 0 ? problems : lengthRefusals(fill(template, variables).text, channel.maxText);
}

function hintRefusals(situation: SendSituation, { title, text, signature }: Kind<'HINT'>): Refusal[] {
  const mode = modeOf(situation);
  if (mode !== 'HINT') return [{ code: mode === 'TEMPLATE_REQUIRED' ? 'TEMPLATE_REQUIRED' : 'CONTENT_NOT_ALLOWED' }];
  const found = lengthRefusals(text, situation.channel.maxText);
  if (codePoints((title ?? '').trim()) > TITLE_LIMIT) found.push({ code: 'TITLE_TOO_LONG', max: TITLE_LIMIT });
  if (codePoints((signature ?? '').trim()) > TITLE_LIMIT) found.push({ code: 'SIGNATURE_TOO_LONG', max: TITLE_LIMIT });
  return found;
}

function mailRefusals(situation: SendSituation, content: Kind<'EMAIL'>): Refusal[] {
  const { channel } = situation;
  if (channel.type !== 'EMAIL') return [{ code: 'CONTENT_NOT_ALLOWED' }];
  const subject = content.subject.trim();
  const copies = blindCopies(content.bcc ?? [], addressOf(situation) ?? '');
  const found = responseTemplateRefusals(situation, content, 'TEXT');
  found.push(...lengthRefusals(writtenText(situation, content), Math.min(MAIL_TEXT_LIMIT, channel.maxText)));
  if (subject === '') found.push({ code: 'SUBJECT_REQUIRED' });
  if (codePoints(subject) > SUBJECT_LIMIT) found.push({ code: 'SUBJECT_TOO_LONG', max: SUBJECT_LIMIT });
  if (copies.length > BCC_LIMIT || !copies.every(isMailAddress)) found.push({ code: 'BCC_INVALID' });
  return found;
}

/** R5, A13: files alone, but not by e-mail, which needs its fields, nor where only a template message is taken. */
function filesAloneRefusals(situation: SendSituation): Refusal[] {
  if (situation.channel.type === 'EMAIL') return [{ code: 'CONTENT_NOT_ALLOWED' }];
  return [
    ...(modeOf(situation) === 'TEMPLATE_REQUIRED' ? [{ code: 'TEMPLATE_REQUIRED' } as const] : []),
    ...(situation.attachments.length === 0 ? [{ code: 'TEXT_REQUIRED' } as const] : []),
  ];
}

/** R6: one refusal a file, and one for their number. */
export function attachmentRefusals(situation: SendSituation, content: Content): Refusal[] {
  const { channel, attachments: files } = situation;
  const { allowed, maxCount } = channel.attachments;
  const isTaken = allowed && takesFiles(modeOf(situation)) && content.kind !== 'TEMPLATE' && content.kind !== 'HINT';
  if (!isTaken) return files.map(({ attachmentId }) => ({ code: 'ATTACHMENT_NOT_ALLOWED', attachmentId }));
  return [
    ...files.flatMap((_, index) => fileRefusals(situation, index)),
    ...(files.length > maxCount ? [{ code: 'TOO_MANY_ATTACHMENTS', max: maxCount } as const] : []),
  ];
}

function fileRefusals({ channel, attachments }: SendSituation, index: number): Refusal[] {
  const file = attachments[index]!;
  const { attachmentId } = file;
  const { maxBytes: max } = channel.attachments;
  if (!takesType(channel.attachments, file.type)) return [{ code: 'ATTACHMENT_TYPE', attachmentId }];
  const weighed = channel.type === 'EMAIL' ? attachments.slice(0, index + 1) : [file]; // a mail is one message
  const size = weighed.reduce((sum, one) => sum + one.size, 0);
  return size > max ? [{ code: 'ATTACHMENT_TOO_LARGE', max, attachmentId }] : [];
}

/** A family takes no file that a reader's program would run; such a type is named, or everything is taken. */
function takesType({ types }: AttachmentRules, type: string): boolean {
  const [family] = type.split('/');
  const taken = types.map((one) => one.toLowerCase());
  return taken.includes(type) || taken.includes('*/*') || (!isActive(type) && taken.includes(`${family}/*`));
}

/** R14, R15: e-mail ends with the message, every other channel needs to know what becomes of the thread. */
export function actionRefusals({ channel, agent, isTargetKnown = false }: SendSituation, draft: Draft): Refusal[] {
  const { action, isReply = false } = draft;
  if (isReply) return [];
  if (!claimsThread(channel.type)) return action === undefined ? [] : [{ code: 'ACTION_NOT_ALLOWED' }];
  if (action === undefined) return [{ code: 'ACTION_REQUIRED' }];
  return action.kind === 'TRANSFER' ? transferRefusals(action, agent?.agentId, isTargetKnown) : [];
}

/** The message as the client will read it. Only for a draft without refusals. */
export function composeMessage(situation: SendSituation, content: Content): OutgoingMessage {
  const { attachments } = situation;
  return { ...contentOf(situation, content), ...(attachments.length > 0 && { attachments: [...attachments] }) };
}

function contentOf(situation: SendSituation, content: Content): OutgoingMessage {
  switch (content.kind) {
    case 'TEXT':
      return { text: writtenText(situation, content) };
    case 'TEMPLATE': {
      const template = situation.templates.find(({ templateId }) => templateId === content.templateId);
      if (template === undefined) throw new Error(`template ${content.templateId} was refused and cannot be composed`);
      return fill(template, content.variables);
    }
    case 'HINT':
      return { text: content.text, ...trimmed('title', content.title), ...trimmed('signature', content.signature) };
    case 'EMAIL':
      return {
        text: writtenText(situation, content),
        subject: content.subject.trim(),
        ...(isBlank(content.html) ? {} : { html: content.html ?? '' }),
        bcc: blindCopies(content.bcc ?? [], addressOf(situation) ?? ''),
      };
    case 'NONE':
      return {};
  }
}

const trimmed = <K extends string>(name: K, value: string | undefined): { [P in K]?: string } =>
  isBlank(value) ? {} : ({ [name]: value?.trim() } as { [P in K]?: string });
