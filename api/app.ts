// The HTTP API as one function of its parts; tests call it in process.
import { randomUUID } from 'node:crypto';
import type { Connection, WorkflowClient } from '@temporalio/client';
import { bodyLimit } from 'hono/body-limit';
import { except } from 'hono/combine';
import type { Logger } from 'pino';
import { createAgentStore } from '../store/agent.js';
import { createAttachmentStore } from '../store/attachment.js';
import { createChannelStore } from '../store/channel.js';
import { createClientStore } from '../store/client.js';
import type { Database } from '../store/database.js';
import { createDeliveryFailureStore } from '../store/delivery-failure.js';
import { createDirectory } from '../store/directory.js';
import { createFoundClientStore } from '../store/found-client.js';
import { createHistoryStore } from '../store/history.js';
import { createIdempotencyStore } from '../store/idempotency.js';
import { createInboxStore } from '../store/inbox.js';
import { createMessageTemplateStore } from '../store/message-template.js';
import type { News } from '../store/news.js';
import { createSendStore } from '../store/outgoing-send.js';
import { createResponseTemplateStore } from '../store/response-template.js';
import { createSealing, type KeyRing } from '../store/sealing.js';
import { createSettingsStore } from '../store/settings.js';
import { createThreadStore } from '../store/thread.js';
import { createTokenStore } from '../store/token.js';
import { createTransferStore } from '../store/transfer.js';
import { agentRoutes } from './agent.js';
import { agentEventRoutes } from './agent-events.js';
import { attachmentRoutes, fileRoutes } from './attachment/index.js';
import { channelRoutes } from './channel.js';
import { clientRoutes } from './client.js';
import { clientChannelRoutes } from './client-channel.js';
import { describe } from './description.js';
import { directoryRoutes } from './directory.js';
import { problemOf } from './faults.js';
import { healthRoutes } from './health.js';
import { inboundRoutes } from './inbound.js';
import { bodyTooLarge, JSON_LIMIT } from './limits.js';
import { messageTemplateRoutes } from './message-template.js';
import { createOnce } from './once.js';
import { sendRoutes } from './outgoing-send.js';
import { notFound, problemBody, RefusedError, ReplayedError, refusalBody, respond } from './problem.js';
import { queueRoutes } from './queue.js';
import { responseTemplateRoutes } from './response-template.js';
import { newRoutes } from './route.js';
import { createSendDesk } from './send-desk.js';
import { settingsRoutes } from './settings.js';
import { threadRoutes } from './thread.js';
import { createThreadDesk } from './thread-desk.js';
import { webhookRoutes } from './webhooks/index.js';

export interface ApiParts {
  database: Database;
  payloadKeys: KeyRing;
  temporal: Connection;
  workflows: WorkflowClient;
  news: Pick<News, 'watch'>;
  environment: NodeJS.ProcessEnv;
  log: Logger;
}

/** What nobody reads to its end would stand in the way of the next request on the connection. */
function isUnread({ method, body, bodyUsed, headers }: Request, status: number): boolean {
  if (method === 'GET' || body === null) return false;
  const isUpload = headers.get('content-type')?.startsWith('multipart/') === true;
  return !bodyUsed || status === 413 || (isUpload && status >= 400);
}

export function createApp({ database, payloadKeys, temporal, workflows, news, environment, log }: ApiParts) {
  const channels = createChannelStore(database, createSealing(payloadKeys), environment);
  const tokens = createTokenStore(database);
  const app = newRoutes();

  app.use(async (context, next) => {
    context.set('requestId', randomUUID());
    context.set('tokens', tokens);
    await next();
    if (isUnread(context.req.raw, context.res.status)) context.header('connection', 'close');
    context.header('x-request-id', context.var.requestId);
    context.header('x-content-type-options', 'nosniff');
  });
  app.onError((error, context) => {
    if (error instanceof ReplayedError) return respond(context, error.answer);
    if (error instanceof RefusedError) return respond(context, refusalBody(context.var.requestId, error.refusals));
    const problem = problemOf(error);
    const { requestId } = context.var;
    if (problem.code === 'INTERNAL_ERROR') log.error({ requestId, name: error.name, stack: error.stack }, 'fault');
    return respond(context, problemBody(requestId, problem));
  });
  app.notFound((context) =>
    respond(context, problemBody(context.var.requestId, notFound('address', context.req.path))),
  );
  app.use('/v1/*', except('/v1/attachments', bodyLimit({ maxSize: JSON_LIMIT, onError: bodyTooLarge })));

  app.route('/', healthRoutes(database, temporal));
  const inbox = createInboxStore(database);
  app.route('/', webhookRoutes(channels, inbox));
  const agents = createAgentStore(database);
  const clients = createClientStore(database);
  const attachments = createAttachmentStore(database);
  const idempotency = createIdempotencyStore(database);
  const once = createOnce(idempotency);
  const found = createFoundClientStore(database);
  const history = createHistoryStore(database);
  const sends = createSendStore(database);
  app.route('/', fileRoutes(attachments, payloadKeys));
  app.route('/', agentRoutes(agents));
  app.route('/', directoryRoutes(createDirectory(database)));
  app.route('/', responseTemplateRoutes(createResponseTemplateStore(database)));
  app.route('/', channelRoutes(channels));
  app.route('/', messageTemplateRoutes(createMessageTemplateStore(database), channels, once));
  app.route('/', clientChannelRoutes({ database, clients, agents }));
  app.route('/', attachmentRoutes(attachments, once));
  app.route('/', inboundRoutes({ channels, clients, attachments, inbox, once }));
  app.route('/', settingsRoutes(createSettingsStore(database)));
  const threads = createThreadStore(database);
  const transfers = createTransferStore(database);
  const desk = createThreadDesk({ threads, agents, transfers, workflows });
  const sendDesk = createSendDesk({ database, sends, threads, clients, idempotency, workflows });
  app.route('/', clientRoutes({ clients, found, channels, history, once, threads: desk }));
  app.route('/', threadRoutes({ threads, agents, desk, sends: sendDesk, once }));
  app.route('/', sendRoutes(sendDesk));
  app.route('/', queueRoutes({ agents, threads, transfers }));
  const failures = createDeliveryFailureStore(database);
  app.route('/', agentEventRoutes({ agents, threads, failures, news, log }));
  describe(app);
  return app;
}
