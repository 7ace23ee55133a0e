import { MessageTemplate, MessageTemplateBody } from '../domain/contracts/message-template.js';
import type { ChannelStore } from '../store/channel.js';
import type { MessageTemplateStore } from '../store/message-template.js';
import { notFound } from './problem.js';
import { body, json, listQuery, newRoutes, page, params, problem, problems, route } from './route.js';

export function messageTemplateRoutes(templates: MessageTemplateStore, channels: ChannelStore) {
  const requireChannel = async (channelId: string) => {
    if ((await channels.find(channelId)) === undefined) throw notFound('channel', channelId);
  };
  const find = async (channelId: string, templateId: string) => {
    const template = await templates.find(channelId, templateId);
    if (template === undefined) throw notFound('template', templateId);
    return template;
  };
  return newRoutes()
    .openapi(
      route('put /v1/channels/{channelId}/templates/{templateId}', {
        summary: 'Create or replace a message template',
        request: { ...params('channelId', 'templateId'), ...body(MessageTemplateBody) },
        responses: {
          200: { description: 'The template', ...json(MessageTemplate) },
          404: problem('Unknown channel'),
          ...problems,
        },
      }),
      async (context) => {
        const { channelId, templateId } = context.req.valid('param');
        await requireChannel(channelId);
        await templates.put(channelId, templateId, context.req.valid('json'));
        return context.json(await find(channelId, templateId), 200);
      },
    )
    .openapi(
      route('get /v1/channels/{channelId}/templates/{templateId}', {
        summary: 'One message template',
        request: params('channelId', 'templateId'),
        responses: {
          200: { description: 'The template', ...json(MessageTemplate) },
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
        summary: 'The message templates of a channel',
        request: { ...params('channelId'), query: listQuery() },
        responses: {
          200: { description: 'A page of templates', ...json(page(MessageTemplate)) },
          404: problem('Unknown channel'),
          ...problems,
        },
      }),
      async (context) => {
        const { channelId } = context.req.valid('param');
        await requireChannel(channelId);
        return context.json(await templates.list(channelId, context.req.valid('query')), 200);
      },
    );
}
