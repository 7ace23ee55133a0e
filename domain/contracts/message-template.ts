// Message templates: registered with the provider; the text is fixed (R20), only variables are filled (R21).
import { z } from 'zod';
import { Id, Label, oneLine, text } from './identifier.js';

/** `1` in the body, `header.1` in the header. */
export const VariableName = z
  .string()
  .regex(/^(header\.)?[A-Za-z0-9_]{1,32}$/, 'must be a name of a variable, e.g. 1 or header.1');

export const TemplateVariable = z
  .strictObject({
    name: VariableName,
    kind: z.enum(['TEXT', 'DATE', 'CHOICE']),
    /** Of a choice, at least one. */
    options: z.array(Label).max(100).optional(),
    /** Of a date, e.g. `dd.MM.yyyy`; the default is `yyyy-MM-dd` (R21). */
    format: oneLine(64)
      .regex(/^(?:yyyy|yy|MM|dd|[^\p{L}])+$/u, 'must consist of yyyy, yy, MM, dd and what stands between them')
      .optional(),
  })
  .refine(({ kind, options = [] }) => kind !== 'CHOICE' || options.length > 0, {
    path: ['options'],
    message: 'a CHOICE needs at least one option',
  });
export type TemplateVariable = z.infer<typeof TemplateVariable>;

/** Placeholders of the texts that no variable names are typed text. The body of `PUT /v1/channels/{channelId}/templates/{templateId}`. */
export const MessageTemplateBody = z.strictObject({
  name: Label,
  language: oneLine(16).min(2),
  kind: z.enum(['OPERATOR', 'USER', 'CUSTOM']),
  status: z.string().regex(/^[A-Z_]{1,32}$/),
  locked: z.boolean(),
  header: z
    .strictObject({
      type: z.enum(['TEXT', 'IMAGE', 'VIDEO', 'DOCUMENT', 'LOCATION']),
      text: text(1024).optional(),
    })
    .optional(),
  body: text(4096).min(1),
  footer: text(1024).optional(),
  buttons: z.array(z.strictObject({ kind: Label, text: Label })).max(20),
  variables: z
    .array(TemplateVariable)
    .max(50)
    .refine(
      (variables) => new Set(variables.map(({ name }) => name)).size === variables.length,
      'must not name a variable twice',
    ),
});
export type MessageTemplateBody = z.infer<typeof MessageTemplateBody>;

export const MessageTemplate = MessageTemplateBody.extend({ templateId: Id, channelId: Id });
export type MessageTemplate = z.infer<typeof MessageTemplate>;

/** Why a template cannot be chosen: one closed list. */
export const TemplateObstacle = z.enum([
  'KIND_OPERATOR', // R23: registered with WhatsApp, and not sent by Pulse itself
  'NOT_APPROVED', // A14
  'LOCKED', // A14
  'HEADER_NOT_TEXT', // R19
  'HAS_BUTTONS', // R19
]);
export type TemplateObstacle = z.infer<typeof TemplateObstacle>;

/** A template as it is listed: what cannot be chosen says why (R19). */
export const ListedTemplate = MessageTemplate.extend({ selectable: z.boolean(), why: z.array(TemplateObstacle) });
export type ListedTemplate = z.infer<typeof ListedTemplate>;

/** The answer to `POST /v1/channels/{channelId}/templates/sync`. */
export const SynchronisedTemplates = z.object({
  /** How many templates the provider has that we can keep. */
  count: z.int(),
  /** How many more are of a shape that we cannot read. */
  unreadable: z.int(),
});
export type SynchronisedTemplates = z.infer<typeof SynchronisedTemplates>;
