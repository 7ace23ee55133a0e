// How a message for a channel may be composed now: which of text, template and hint (R17, R18, R24, R25).
import type { ChannelType, TemplatePolicy } from './contracts/channel.js';
import type { ComposeMode } from './contracts/client-channel.js';
import type { MessageTemplate } from './contracts/message-template.js';
import { isSelectable } from './message-template.js';
import type { Window } from './window.js';

/** R5: message templates exist on WhatsApp and Viber alone. */
export const hasTemplates = (type: ChannelType): boolean => type === 'WHATSAPP' || type === 'VIBER';

/** A15: mandatory by the channel's policy. A16: with nothing to choose it is hint mode. */
export function composeMode(
  { type, templatePolicy }: { type: ChannelType; templatePolicy: TemplatePolicy },
  window: Window,
  templates: readonly MessageTemplate[],
): ComposeMode {
  if (!hasTemplates(type)) return 'TEXT';
  const isMandatory = templatePolicy === 'ALWAYS' || (templatePolicy === 'OUTSIDE_WINDOW' && !window.open);
  const canChoose = templates.some(isSelectable);
  if (isMandatory) return canChoose ? 'TEMPLATE_REQUIRED' : 'HINT';
  return canChoose ? 'TEMPLATE_OPTIONAL' : 'TEXT';
}

/** Where text may be typed; a message that must follow a template is typed by nobody and takes no files (R19). */
const isFree = (mode: ComposeMode): boolean => mode === 'TEXT' || mode === 'TEMPLATE_OPTIONAL';

/** R13: off where only a template message may be sent, in hint mode too. */
export const allowsResponseTemplates = isFree;

/** R6, R19: files go beside a free text or alone, never with a template message. */
export const takesFiles = isFree;
