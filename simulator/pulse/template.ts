import { z } from 'zod';
import type { WhatsAppText } from './content.js';

const Header = z.looseObject({ headerType: z.string(), text: z.string().nullish() });
const Footer = z.looseObject({ text: z.string() });

/** A registered template as Pulse lists it; fields that matching does not need are kept as they came. */
export const Template = z.looseObject({
  id: z.int(),
  name: z.string().min(1),
  contentType: z.string().nullish(),
  content: z.looseObject({ header: Header.nullish(), text: z.string(), footer: Footer.nullish() }),
  status: z.enum(['APPROVED', 'REJECTED', 'PENDING', 'NOT_SENT', 'ARCHIVED', 'PAUSED', 'DISABLED']),
  locked: z.boolean(),
  type: z.enum(['OPERATOR', 'USER', 'CUSTOM']),
});
export type Template = z.infer<typeof Template>;

const TITLE_LIMIT = 60; // code points, of a signature too

export const matchesTemplate = (sent: WhatsAppText, templates: readonly Template[]): boolean =>
  fitsLimit(sent.title) && fitsLimit(sent.signature) && templates.some((template) => isMatch(sent, template));

const fitsLimit = (text = ''): boolean => Array.from(text).length <= TITLE_LIMIT;

function isMatch(sent: WhatsAppText, { contentType, content, status, locked, type }: Template): boolean {
  if (status !== 'APPROVED' || locked || type === 'OPERATOR') return false;
  if (contentType && contentType !== 'TEXT') return false;
  const { header, footer } = content;
  if (header && header.headerType !== 'TEXT') return false;
  return (
    fits(content.text, sent.text) &&
    fitsOptional(header?.text ?? undefined, sent.title) &&
    fitsOptional(footer?.text, sent.signature)
  );
}

function fitsOptional(pattern: string | undefined, text: string | undefined): boolean {
  if (pattern === undefined || text === undefined) return pattern === text;
  return fits(pattern, text);
}

// Takes the leftmost place of each literal: right for runs of anything, and linear where a pattern of `.+` is not.
function fits(pattern: string, text: string): boolean {
  const [head = '', ...literals] = pattern.split(/\{\{\d+\}\}/);
  const tail = literals.pop();
  if (tail === undefined) return text === head;
  if (!text.startsWith(head)) return false;

  let from = head.length;
  for (const literal of literals) {
    const at = text.indexOf(literal, from + 1);
    if (at < 0) return false;
    from = at + literal.length;
  }
  return text.endsWith(tail) && text.length - tail.length > from;
}
