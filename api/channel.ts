import { Channel, ChannelBody } from '../domain/contracts/channel.js';
import type { ChannelStore } from '../store/channel.js';
import { inUse, notFound } from './problem.js';
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
        responses: {
          200: { description: 'The channel, its secrets left out', ...json(Channel) },
          409: problem('Another type for a channel that is in use (IN_USE)'),
          ...problems,
        },
      }),
      async (context) => {
        const { channelId } = context.req.valid('param');
        const put = await channels.put(channelId, context.req.valid('json'));
        if (put !== 'put') throw inUse(put.usedBy, 'make a new channel of the other type');
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
        summary: 'All channels, newest first',
        request: { query: listQuery(Counter) },
        responses: { 200: { description: 'A page of channels', ...json(page(Channel)) }, ...problems },
      }),
      async (context) => context.json(await channels.list(context.req.valid('query')), 200),
    )
    .openapi(
      route('delete /v1/channels/{channelId}', {
        summary: 'Delete a channel that nothing names, with its templates',
        request: params('channelId'),
        responses: {
          ...noContent,
          404: problem('Unknown channel'),
          409: problem('Clients, sends or the history name it (IN_USE)'),
          ...problems,
        },
      }),
      async (context) => {
        const { channelId } = context.req.valid('param');
        const removal = await channels.remove(channelId);
        if (removal === 'missing') throw notFound('channel', channelId);
        if (removal !== 'removed') throw inUse(removal.usedBy, 'disable the channel instead');
        return context.body(null, 204);
      },
    );
}
