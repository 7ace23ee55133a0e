import type { Callbacks } from '../callbacks.js';
import type { Subject } from './subjects.js';
import type { Template } from './template.js';

export interface TemplateNews {
  /** Tells an account what has changed of its templates, in one callback; resolves once it was tried. */
  tell(subject: Subject, before: readonly Template[]): Promise<void>;
}

export const createTemplateNews = (callbacks: Callbacks, keyOf: (subject: Subject) => string): TemplateNews => ({
  async tell(subject, before) {
    const news = changesBetween(before, subject.templates).map((template) => newsOf(subject, template));
    if (news.length === 0) return;
    await callbacks.deliver({ url: subject.callbackUrls.messageMatcherCallbackUrl, key: keyOf(subject) }, news);
  },
});

/** What is new or has another status, lock or type; what is gone counts as archived. */
function changesBetween(before: readonly Template[], after: readonly Template[]): Template[] {
  const known = new Map(before.map((template) => [template.id, template]));
  const kept = new Set(after.map(({ id }) => id));
  const gone = before.filter(({ id }) => !kept.has(id));
  return [
    ...after.filter((template) => !isSame(template, known.get(template.id))),
    ...gone.map((template) => ({ ...template, status: 'ARCHIVED' as const, locked: true })),
  ];
}

const isSame = ({ status, locked, type }: Template, known: Template | undefined): boolean =>
  known !== undefined && known.status === status && known.locked === locked && known.type === type;

const newsOf = (subject: Subject, { id, name, status, locked, type }: Template) => ({
  id,
  name,
  channelType: subject.type,
  status,
  locked,
  type,
});
