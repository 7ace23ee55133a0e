// Message templates: registered with the provider; the text is fixed (R20), only variables are filled (R21).
import { z } from 'zod';
import { Id, Label, oneLine, text } from './identifier.js';

export const TemplateVariable = z.strictObject({
  /** `1` in the body, `header.1` in the header. */
  name: z.string().regex(/^(header\.)?[A-Za-z0-9_]{1,32}$/),
  kind: z.enum(['TEXT', 'DATE', 'CHOICE']),
  options: z.array(Label).max(100).optional(),
  format: oneLine(64).optional(),
});
export type TemplateVariable = z.infer<typeof TemplateVariable>;

/** The body of `PUT /v1/channels/{channelId}/templates/{templateId}`. */
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
  variables: z.array(TemplateVariable).max(50),
});
export type MessageTemplateBody = z.infer<typeof MessageTemplateBody>;

export const MessageTemplate = MessageTemplateBody.extend({ templateId: Id, channelId: Id });
export type MessageTemplate = z.infer<typeof MessageTemplate>;
