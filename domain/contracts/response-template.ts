// Response templates: canned answers, of one agent (MINE) or of the organisation (DIRECTORY); plain text once inserted.
import { z } from 'zod';
import { Id, Label, text } from './identifier.js';

/** The body of `PUT /v1/response-templates/{id}`. `agentId` belongs to MINE, and to MINE alone. */
export const ResponseTemplateBody = z
  .strictObject({
    title: Label,
    text: text(100_000).refine((value) => value.trim() !== '', 'must not be blank'),
    scope: z.enum(['MINE', 'DIRECTORY']),
    agentId: Id.optional(),
  })
  .refine(({ scope, agentId }) => (scope === 'MINE') === (agentId !== undefined), {
    path: ['agentId'],
    message: 'is required for MINE and has no place in DIRECTORY',
  });
export type ResponseTemplateBody = z.infer<typeof ResponseTemplateBody>;

export const ResponseTemplate = z.object({
  responseTemplateId: Id,
  ...ResponseTemplateBody.shape,
});
export type ResponseTemplate = z.infer<typeof ResponseTemplate>;
