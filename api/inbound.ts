// What backend systems tell of clients: in the inbox before it is answered, like what providers tell (INV11).
import { identityAddress } from '../domain/contact.js';
import { Client } from '../domain/contracts/client.js';
import { InboundBody, LoginBody, TakenMessage } from '../domain/contracts/inbound.js';
import type { IdentifiedFact } from '../domain/provider-fact.js';
import type { AttachmentStore } from '../store/attachment.js';
import type { ChannelStore } from '../store/channel.js';
import type { ClientStore } from '../store/client.js';
import type { InboxStore } from '../store/inbox.js';
import { optionalKey, type Once } from './once.js';
import { notFound } from './problem.js';
import { body, json, newRoutes, params, problem, problems, route } from './route.js';

export interface InboundParts {
  channels: ChannelStore;
  clients: ClientStore;
  attachments: AttachmentStore;
  inbox: InboxStore;
  once: Once;
}

export function inboundRoutes({ channels, clients, attachments, inbox, once }: InboundParts) {
  const find = async (channelId: string) => {
    const channel = await channels.find(channelId);
    if (channel === undefined) throw notFound('channel', channelId);
    return channel;
  };
  const requireFiles = async (ids: readonly string[]) => {
    const files = await Promise.all(ids.map((id) => attachments.find(id)));
    const missing = ids.find((_, index) => files[index] === undefined);
    if (missing !== undefined) throw notFound('attachment', missing);
  };
  return newRoutes()
    .openapi(
      route('post /v1/channels/{channelId}/inbound', {
        summary: 'A client wrote, or closed the chat; one message, however often it is told',
        request: { ...optionalKey, ...params('channelId'), ...body(InboundBody) },
        responses: {
          202: { description: 'It will not be lost any more', ...json(TakenMessage) },
          404: problem('Unknown channel or attachment'),
          ...problems,
        },
      }),
      async (context) => {
        const { channelId } = context.req.valid('param');
        const told = context.req.valid('json');
        const { answer } = await once(context, `POST inbound of ${channelId}`, told, async () => {
          const { type } = await find(channelId);
          await requireFiles(told.attachmentIds);
          const { messageId, address } = told;
          await inbox.put(channelId, [factOf({ ...told, address: identityAddress(type, address) })]);
          return { status: 202, answer: { messageId } };
        });
        return context.json(answer, 202);
      },
    )
    .openapi(
      route('post /v1/channels/{channelId}/logins', {
        summary: 'A client logged in, in a mobile app or a personal account, and may be written to (R8)',
        request: { ...optionalKey, ...params('channelId'), ...body(LoginBody) },
        responses: {
          200: { description: 'The client, a new one if nobody was known', ...json(Client) },
          404: problem('Unknown channel'),
          ...problems,
        },
      }),
      async (context) => {
        const { channelId } = context.req.valid('param');
        const login = context.req.valid('json');
        const { answer } = await once(context, `POST logins of ${channelId}`, login, async () => {
          await find(channelId);
          const client = await clients.find(await clients.logIn(channelId, login));
          if (client === undefined) throw new Error('who has just logged in is gone');
          return { status: 200, answer: client };
        });
        return context.json(answer, 200);
      },
    );
}

/** In the order of each client's other facts, and known again as Pulse's messages are. */
function factOf({ messageId, address, externalId, name, text, attachmentIds, at, event }: InboundBody): IdentifiedFact {
  const person = { address, ...(externalId && { externalId }), ...(at && { providerAt: at }) };
  return {
    identity: `message:${messageId}`,
    orderKey: `client:${address}`,
    fact:
      event === 'CLOSED'
        ? { kind: 'CLIENT_CLOSED', ...person }
        : { kind: 'MESSAGE', ...person, attachmentIds, ...(name && { name }), ...(text && { text }) },
  };
}
