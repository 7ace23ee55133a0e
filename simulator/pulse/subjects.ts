import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Template } from './template.js';

export const ChannelType = z.enum(['WHATSAPP', 'VIBER']);
export type ChannelType = z.infer<typeof ChannelType>;

export const CallbackUrl = z.enum(['statusCallbackUrl', 'inMessageCallbackUrl', 'messageMatcherCallbackUrl']);
export type CallbackUrl = z.infer<typeof CallbackUrl>;

/** A sender account as it is registered. */
export const Sender = z.strictObject({
  subject: z.string().min(1),
  type: ChannelType,
  cascadeId: z.int().positive(),
  /** Sent with the callbacks of this account instead of the simulator's own key. */
  webhookKey: z
    .string()
    .regex(/^[\x21-\x7e]+$/, { error: 'expected visible ASCII characters without spaces' })
    .optional(),
});
export type Sender = z.infer<typeof Sender>;

export interface Subject extends Sender {
  subjectId: number;
  cascadeStageUUID: string;
  callbackUrls: Partial<Record<CallbackUrl, string>>;
  templates: Template[];
}

export interface Subjects {
  /** Keeps the templates and callbacks of an account that is registered again. */
  register(subjectId: number, sender: Sender): Subject;
  find(subjectId: number): Subject | undefined;
  ofCascade(cascadeId: number): Subject | undefined;
  all(): Subject[];
}

const BUILT_IN: readonly [number, Sender][] = [
  [3391, { subject: 'northwind_wa', type: 'WHATSAPP', cascadeId: 4107 }],
  [3392, { subject: 'northwind_viber', type: 'VIBER', cascadeId: 4108 }],
];

export function createSubjects(): Subjects {
  const subjects = new Map<number, Subject>();
  const byCascade = new Map<number, Subject>();

  function register(subjectId: number, sender: Sender): Subject {
    const known = subjects.get(subjectId);
    if (known && byCascade.get(known.cascadeId) === known) byCascade.delete(known.cascadeId);
    const { cascadeStageUUID = randomUUID(), callbackUrls = {}, templates = [] } = known ?? {};
    const subject = { ...sender, subjectId, cascadeStageUUID, callbackUrls, templates };
    subjects.set(subjectId, subject);
    byCascade.set(subject.cascadeId, subject);
    return subject;
  }

  for (const [subjectId, sender] of BUILT_IN) register(subjectId, sender);
  return {
    register,
    find: (subjectId) => subjects.get(subjectId),
    ofCascade: (cascadeId) => byCascade.get(cascadeId),
    all: () => [...subjects.values()],
  };
}
