import { Hono } from 'hono';
import { z } from 'zod';
import { complaints } from '../complaints.js';
import { type Http, jsonOf } from '../http.js';
import { refuse } from './refuse.js';
import type { Subject, Subjects } from './subjects.js';

const TemplateQuery = z.looseObject({
  subjectId: z.int(),
  matcherTypes: z.array(z.enum(['OPERATOR', 'USER', 'CUSTOM'])).default(['OPERATOR', 'USER', 'CUSTOM']),
});

/** The look-ups of an account: senders, cascades, templates. */
export function createAccount(subjects: Subjects): Hono<Http> {
  const routes = new Hono<Http>();

  routes.get('/api/channel-profile', (c) => {
    const types = c.req.query('types')?.split(',');
    const wanted = subjects.all().filter(({ type }) => types === undefined || types.includes(type));
    return c.json(wanted.map(channelProfile));
  });
  routes.post('/api/cascade/get-all', (c) => c.json(subjects.all().map(cascade)));

  routes.post('/api/message-matchers/get-by-request', async (c) => {
    const query = TemplateQuery.safeParse(await jsonOf(c));
    if (!query.success) return refuse(c, { title: 'error-syntax', detail: complaints(query.error).join('; ') });
    const { subjectId, matcherTypes } = query.data;
    const subject = subjects.find(subjectId);
    if (!subject) return refuse(c, { title: 'error-subject-unknown', detail: `Subject ${subjectId} is unknown` });
    return c.json(subject.templates.filter(({ type }) => matcherTypes.includes(type)));
  });
  return routes;
}

const channelProfile = ({ subjectId, subject, type }: Subject) => ({
  id: subjectId,
  name: subject,
  subjectId,
  subject,
  channelAttribute: '38970000001',
  active: true,
  registrationStatus: 'REGISTERED',
  type,
});

const cascade = ({ subjectId, type, cascadeId, cascadeStageUUID }: Subject) => ({
  id: cascadeId,
  status: 'ACTIVE',
  stagesCount: 1,
  stages: [
    {
      uuid: cascadeStageUUID,
      decision: { type: 'TTL', ttl: 86_400 },
      subject: { id: subjectId, type, locked: false },
    },
  ],
});
