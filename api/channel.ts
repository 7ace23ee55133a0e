import { Channel, ChannelBody } from '../domain/contracts/channel.js';
import type { ChannelStore } from '../store/channel.js';
import { notFound } from './problem.js';
import { body, json, listQuery, newRoutes, page, params, problem, problems, route } from './route.js';

export function channelRoutes(channels: ChannelStore) {
  const find = async (channelId: string) => {
    const channel = await channels.find(channelId);
    if (channel === undefined) throw notFound('channel', channelId);
    return channel;
  };
  return newRoutes()
    .openapi(
      route('put /v1/channels/{channelId}', {
        summary: 'Create or replace a channel; the provider is not asked',
        request: { ...params('channelId'), ...body(ChannelBody) },
        responses: { 200: { description: 'The channel, its secrets left out', ...json(Channel) }, ...problems },
      }),
      async (context) => {
        const { channelId } = context.req.valid('param');
        await channels.put(channelId, context.req.valid('json'));
        return context.json(await find(channelId), 200);
      },
    )
    .openapi(
      route('get /v1/channels/{channelId}', {
        summary: 'One channel',
        request: params('channelId'),
        responses: {
          200: { description: 'The channel', ...json(Channel) },
          404: problem('Unknown channel'),
          ...problems,
        },
      }),
      async (context) => context.json(await find(context.req.valid('param').channelId), 200),
    )
    .openapi(
      route('get /v1/channels', {
        summary: 'All channels',
        request: { query: listQuery() },
        responses: { 200: { description: 'A page of channels', ...json(page(Channel)) }, ...problems },
      }),
      async (context) => context.json(await channels.list(context.req.valid('query')), 200),
    );
}
