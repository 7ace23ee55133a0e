import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { z } from 'zod';
import type { Http } from '../http.js';
import { Sender, type Subjects } from './subjects.js';
import { Template } from './template.js';
import type { TemplateNews } from './template-news.js';

const SubjectId = z.coerce.number().int().positive();

/** Registers sender accounts and their templates, of which the account is told. */
export function createPulseControl(subjects: Subjects, news: TemplateNews): Hono<Http> {
  const routes = new Hono<Http>();

  routes.put('/_subjects/:subjectId', async (c) => {
    const subjectId = SubjectId.parse(c.req.param('subjectId'));
    const sender = Sender.parse(await c.req.json());
    const owner = subjects.ofCascade(sender.cascadeId);
    if (owner && owner.subjectId !== subjectId) {
      const message = `cascadeId: ${sender.cascadeId} belongs to subject ${owner.subjectId}`;
      throw new HTTPException(400, { message });
    }
    const { subject, type, cascadeId } = subjects.register(subjectId, sender);
    return c.json({ subjectId, subject, type, cascadeId });
  });

  routes.put('/_subjects/:subjectId/templates', async (c) => {
    const subject = subjects.find(SubjectId.parse(c.req.param('subjectId')));
    if (!subject) throw new HTTPException(404, { message: 'No such subject is registered.' });
    const before = subject.templates;
    subject.templates = z.array(Template).parse(await c.req.json());
    await news.tell(subject, before);
    return c.json({ count: subject.templates.length });
  });
  return routes;
}
