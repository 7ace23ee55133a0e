import { listTemplates } from '../channels/edna-pulse/index.js';
import {
  ListedTemplate,
  type MessageTemplate,
  MessageTemplateBody,
  SynchronisedTemplates,
} from '../domain/contracts/message-template.js';
import { obstaclesOf, withAllVariables } from '../domain/message-template.js';
import type { ChannelStore } from '../store/channel.js';
import type { MessageTemplateStore } from '../store/message-template.js';
import { optionalKey, type Once } from './once.js';
import { invalid, notFound, ProblemError } from './problem.js';
import {
  body,
  Counter,
  json,
  listQuery,
  newRoutes,
  noContent,
  page,
  params,
  problem,
  problems,
  route,
} from './route.js';

const TIMEOUT = 20_000; // ms; how long the provider may take

export function messageTemplateRoutes(templates: MessageTemplateStore, channels: ChannelStore, once: Once) {
  const synchronise = async (channelId: string): Promise<SynchronisedTemplates> => {
    const channel = await channels.open(channelId);
    if (channel === undefined) throw notFound('channel', channelId);
    const { provider } = channel;
    if (provider.kind !== 'PULSE')
      throw invalid([{ path: 'channelId', message: `${provider.kind} keeps no templates that could be listed` }]);
    const { templates: kept, unreadable } = await templates.synchronise(channelId, async () => {
      const list = await listTemplates({ ...provider, timeout: TIMEOUT });
      if (list.outcome === 'listed') return list;
      throw list.outcome === 'away'
        ? new ProblemError('UNAVAILABLE', 'the provider is away; ask again', { part: 'provider' })
        : new ProblemError('PROVIDER_REFUSED', 'the provider refuses to list its templates', { failure: list.failure });
    });
    return { count: kept.length, unreadable };
  };
  const requireChannel = async (channelId: string) => {
    if ((await channels.find(channelId)) === undefined) throw notFound('channel', channelId);
  };
  const find = async (channelId: string, templateId: string) => {
    const template = await templates.find(channelId, templateId);
    if (template === undefined) throw notFound('template', templateId);
    return listed(template);
  };
  return newRoutes()
    .openapi(
      route('put /v1/channels/{channelId}/templates/{templateId}', {
        summary: 'Create or replace a message template',
        request: { ...params('channelId', 'templateId'), ...body(MessageTemplateBody) },
        responses: {
          200: { description: 'The template', ...json(ListedTemplate) },
          404: problem('Unknown channel'),
          ...problems,
        },
      }),
      async (context) => {
        const { channelId, templateId } = context.req.valid('param');
        await requireChannel(channelId);
        await templates.put(channelId, templateId, withAllVariables(context.req.valid('json')));
        return context.json(await find(channelId, templateId), 200);
      },
    )
    .openapi(
      route('get /v1/channels/{channelId}/templates/{templateId}', {
        summary: 'One message template',
        request: params('channelId', 'templateId'),
        responses: {
          200: { description: 'The template', ...json(ListedTemplate) },
          404: problem('Unknown template'),
          ...problems,
        },
      }),
      async (context) => {
        const { channelId, templateId } = context.req.valid('param');
        return context.json(await find(channelId, templateId), 200);
      },
    )
    .openapi(
      route('get /v1/channels/{channelId}/templates', {
        summary: 'The message templates of a channel, newest first; what cannot be chosen says why (R19)',
        request: { ...params('channelId'), query: listQuery(Counter) },
        responses: {
          200: { description: 'A page of templates', ...json(page(ListedTemplate)) },
          404: problem('Unknown channel'),
          ...problems,
        },
      }),
      async (context) => {
        const { channelId } = context.req.valid('param');
        await requireChannel(channelId);
        const { items, next } = await templates.list(channelId, context.req.valid('query'));
        return context.json({ items: items.map(listed), next }, 200);
      },
    )
    .openapi(
      route('delete /v1/channels/{channelId}/templates/{templateId}', {
        summary: 'Delete a message template; a synchronised one comes back with the next synchronisation',
        request: params('channelId', 'templateId'),
        responses: { ...noContent, 404: problem('Unknown template'), ...problems },
      }),
      async (context) => {
        const { channelId, templateId } = context.req.valid('param');
        if (!(await templates.remove(channelId, templateId))) throw notFound('template', templateId);
        return context.body(null, 204);
      },
    )
    .openapi(
      route('post /v1/channels/{channelId}/templates/sync', {
        summary: "Make the channel's synchronised templates equal to the provider's list (R16)",
        request: { ...params('channelId'), ...optionalKey },
        responses: {
          200: { description: 'How many templates the provider has', ...json(SynchronisedTemplates) },
          404: problem('Unknown channel'),
          409: problem('The provider refuses our settings (PROVIDER_REFUSED)'),
          503: problem('The provider is away'),
          ...problems,
        },
      }),
      async (context) => {
        const { channelId } = context.req.valid('param');
        const { answer } = await once(context, `POST templates/sync of ${channelId}`, null, async () => ({
          status: 200,
          answer: await synchronise(channelId),
        }));
        return context.json(answer, 200);
      },
    );
}

const listed = (template: MessageTemplate): ListedTemplate => {
  const why = obstaclesOf(template);
  return { ...template, selectable: why.length === 0, why };
};
