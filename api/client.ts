import { isMailAddress, phoneDigits, revealsContact } from '../domain/contact.js';
import { Client, ClientBody } from '../domain/contracts/client.js';
import { HistoryEntry } from '../domain/contracts/history.js';
import type { Issue } from '../domain/contracts/problem.js';
import type { ChannelStore } from '../store/channel.js';
import type { ClientStore } from '../store/client.js';
import type { HistoryStore } from '../store/history.js';
import { invalid, notFound, ProblemError } from './problem.js';
import { body, Counter, json, listQuery, newRoutes, page, params, problem, problems, route } from './route.js';

export function clientRoutes(clients: ClientStore, channels: ChannelStore, history: HistoryStore) {
  const find = async (clientId: string) => {
    const client = await clients.find(clientId);
    if (client === undefined) throw notFound('client', clientId);
    return client;
  };
  return newRoutes()
    .openapi(
      route('put /v1/clients/{clientId}', {
        summary: 'Create or replace a client',
        request: { ...params('clientId'), ...body(ClientBody) },
        responses: {
          200: { description: 'The client, the phone as digits', ...json(Client) },
          404: problem('Unknown channel of an identity'),
          409: problem('Another client has this contact (CONTACT_TAKEN)'),
          ...problems,
        },
      }),
      async (context) => {
        const { clientId } = context.req.valid('param');
        const client = normalised(clientId, context.req.valid('json'));
        for (const { channelId } of client.identities) {
          if ((await channels.find(channelId)) === undefined) throw notFound('channel', channelId);
        }
        const put = await clients.put(clientId, client);
        if (put.outcome === 'taken') {
          throw new ProblemError('CONTACT_TAKEN', `client ${put.clientId} has this contact`, {
            clientId: put.clientId,
          });
        }
        return context.json(await find(clientId), 200);
      },
    )
    .openapi(
      route('get /v1/clients/{clientId}', {
        summary: 'One client',
        request: params('clientId'),
        responses: { 200: { description: 'The client', ...json(Client) }, 404: problem('Unknown client'), ...problems },
      }),
      async (context) => context.json(await find(context.req.valid('param').clientId), 200),
    )
    .openapi(
      route('get /v1/clients', {
        summary: 'All clients',
        request: { query: listQuery() },
        responses: { 200: { description: 'A page of clients', ...json(page(Client)) }, ...problems },
      }),
      async (context) => context.json(await clients.list(context.req.valid('query')), 200),
    )
    .openapi(
      route('get /v1/clients/{clientId}/history', {
        summary: "A client's chat history, newest first",
        request: { ...params('clientId'), query: listQuery(Counter) },
        responses: {
          200: { description: 'A page of entries', ...json(page(HistoryEntry)) },
          404: problem('Unknown client'),
          ...problems,
        },
      }),
      async (context) => {
        const { clientId } = context.req.valid('param');
        await find(clientId);
        return context.json(await history.list(clientId, context.req.valid('query')), 200);
      },
    );
}

/** Phone by A10, e-mail by R29 and A11; an id that gives them away is refused (SEC05). */
function normalised(clientId: string, client: ClientBody): ClientBody {
  const { phone: enteredPhone, email, ...kept } = client;
  const phone = enteredPhone === undefined ? undefined : phoneDigits(enteredPhone);
  const issues: Issue[] = [];
  if (enteredPhone !== undefined && phone === undefined) {
    issues.push({ path: 'phone', message: 'must be 7 to 15 digits beside + ( ) - . and spaces (A10)' });
  }
  if (email !== undefined && !isMailAddress(email)) {
    issues.push({ path: 'email', message: 'must be <login>@<text>.<text2> or <login>@<text>.<text>.<text2> (R29)' });
  }
  const addresses = client.identities.map(({ address }) =>
    address.includes('@') ? { email: address } : { phone: address },
  );
  if ([{ phone, email }, ...addresses].some((contact) => revealsContact(clientId, contact))) {
    issues.push({ path: 'clientId', message: "must not contain the client's phone or address" });
  }
  if (issues.length > 0) throw invalid(issues);
  return { ...kept, ...(phone !== undefined && { phone }), ...(email !== undefined && { email }) };
}
