// What agents belong to and threads can be handed to: groups, skills, departments, bots.
import { z } from 'zod';
import { BaseUrl, Id, Label } from './identifier.js';

/** The body of `PUT /v1/groups/{id}`, `/v1/skills/{id}` and `/v1/departments/{id}`. */
export const NamedBody = z.strictObject({ name: Label });
export type NamedBody = z.infer<typeof NamedBody>;

/** The body of `PUT /v1/bots/{id}`. */
export const BotBody = z.strictObject({ name: Label, url: BaseUrl, enabled: z.boolean() });
export type BotBody = z.infer<typeof BotBody>;

export const Group = NamedBody.extend({ groupId: Id });
export const Skill = NamedBody.extend({ skillId: Id });
export const Department = NamedBody.extend({ departmentId: Id });
export const Bot = BotBody.extend({ botId: Id });
