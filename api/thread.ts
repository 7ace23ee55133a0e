import { Thread } from '../domain/contracts/thread.js';
import type { ThreadStore } from '../store/thread.js';
import { notFound } from './problem.js';
import { json, newRoutes, params, problem, problems, route } from './route.js';

export const threadRoutes = (threads: ThreadStore) =>
  newRoutes().openapi(
    route('get /v1/threads/{threadId}', {
      summary: 'One thread',
      request: params('threadId'),
      responses: { 200: { description: 'The thread', ...json(Thread) }, 404: problem('Unknown thread'), ...problems },
    }),
    async (context) => {
      const { threadId } = context.req.valid('param');
      const thread = await threads.find(threadId);
      if (thread === undefined) throw notFound('thread', threadId);
      return context.json(thread, 200);
    },
  );
