// A template as Pulse lists it, read as one of ours. What cannot be chosen stays visible with what stands against it
// (R19, R23, A14); where Pulse says nothing, or what we do not know, it cannot be chosen.
import { z } from 'zod';
import { Id } from '../../domain/contracts/identifier.js';
import { MessageTemplateBody } from '../../domain/contracts/message-template.js';
import { withAllVariables } from '../../domain/message-template.js';
import { storable } from '../../domain/text.js';

const RegisteredTemplate = z.object({
  /** `pulse-<id>` */
  templateId: Id,
  body: MessageTemplateBody,
});
export type RegisteredTemplate = z.infer<typeof RegisteredTemplate>;

/** Empty where there is none. */
const words = z
  .string()
  .nullish()
  .transform((given) => storable(given ?? ''));

/** Of a shape that may differ; only whether anything stands in it counts. */
const anything = z.unknown().optional();

const Content = z.object({
  header: z.object({ headerType: words, text: words, attachment: anything }).nullish(),
  text: words,
  footer: z.object({ text: words }).nullish(),
  attachment: anything,
  keyboard: anything,
  action: anything,
  caption: anything,
});
type Content = z.infer<typeof Content>;

const Listed = z.object({
  id: z.union([z.string(), z.number()]),
  name: words,
  language: words,
  type: MessageTemplateBody.shape.kind,
  status: words,
  locked: z.boolean().nullish(),
  contentType: words,
  content: Content,
});

const UNDETERMINED = 'und'; // BCP 47

/** Undefined for what is no template, or does not fit into ours. */
export function readTemplate(element: unknown): RegisteredTemplate | undefined {
  const { data: listed } = Listed.safeParse(element);
  if (listed === undefined) return undefined;
  const { content } = listed;
  const templateId = `pulse-${listed.id}`;
  const header = headerOf(listed.contentType, content);
  const body = withAllVariables({
    name: listed.name || templateId,
    language: listed.language || UNDETERMINED,
    kind: listed.type,
    status: listed.status.toUpperCase() || 'UNKNOWN',
    locked: listed.locked !== false,
    ...(header !== undefined && { header }),
    body: numbered(content.text),
    ...(content.footer?.text && { footer: content.footer.text }),
    buttons: buttonsOf(content),
    variables: [],
  });
  return RegisteredTemplate.safeParse({ templateId, body }).data;
}

/**
 * The old placeholders (`%w` and `%w{1,10}` are words, `%d` is digits) become ours where they stand alone, numbered on
 * from the highest of the text. That changes nothing for Pulse: it never sees the placeholder, it matches the finished text.
 */
function numbered(text: string): string {
  let last = [...text.matchAll(/\{\{(\d{1,9})\}\}/g)].reduce(
    (highest, [, digits]) => Math.max(highest, Number(digits)),
    0,
  );
  return text.replace(/(?<![\p{L}\p{N}])%[wd](\{\d+(,\d*)?\})?(?![\p{L}\p{N}])/gu, () => `{{${++last}}}`);
}

type Header = NonNullable<MessageTemplateBody['header']>;

function headerOf(contentType: string, { header, attachment }: Content): Header | undefined {
  const text = numbered(header?.text ?? '');
  const hasFile = isFilled(attachment) || isFilled(header?.attachment);
  const media = mediaOf(header?.headerType ?? '') ?? mediaOf(contentType) ?? (hasFile ? 'DOCUMENT' : undefined);
  if (media !== undefined) return { type: media, ...(text !== '' && { text }) };
  return text === '' ? undefined : { type: 'TEXT', text };
}

/** A type of content that we do not know is no text either. */
function mediaOf(given: string): Header['type'] | undefined {
  const type = given.toUpperCase();
  if (type === '' || type === 'TEXT') return undefined;
  return type === 'IMAGE' || type === 'VIDEO' || type === 'LOCATION' ? type : 'DOCUMENT';
}

type Button = MessageTemplateBody['buttons'][number];

/** Those of the keyboard, and the one of Viber: its words are the `caption`, its link is the `action`. */
function buttonsOf({ keyboard, action, caption }: Content): Button[] {
  const hasOwn = isFilled(action) || isFilled(caption);
  return [...buttonsIn(keyboard), ...(hasOwn ? [buttonOf({ type: 'ACTION', text: caption })] : [])];
}

/** Pulse lists `{rows: [{buttons: []}]}` where there are none. Lists may lie in each other; whatever else is there is a button. */
function buttonsIn(keyboard: unknown): Button[] {
  if (Array.isArray(keyboard)) return keyboard.flatMap(buttonsIn);
  if (!isFilled(keyboard)) return [];
  const lists = LISTS.flatMap((list) => (isObject(keyboard) && list in keyboard ? [keyboard[list]] : []));
  return lists.length > 0 ? lists.flatMap(buttonsIn) : [buttonOf(keyboard)];
}

const LISTS = ['rows', 'row', 'buttons'] as const;

const ButtonWords = z.object({ buttonType: words, type: words, text: words }).partial().catch({});

function buttonOf(given: unknown): Button {
  const { buttonType, type, text } = ButtonWords.parse(given);
  const kind = buttonType || type || 'BUTTON';
  return { kind, text: text || kind };
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Whether anything stands in it, however deep. */
const isFilled = (value: unknown): boolean =>
  isObject(value) ? Object.values(value).some(isFilled) : value !== null && value !== undefined && value !== '';
