import { z } from 'zod';
import { SEARCH_MINIMUM, searchForm } from '../domain/client-search.js';
import { identityAddress, isMailAddress, phoneDigits, revealsContact } from '../domain/contact.js';
import { Client, ClientBody, FoundClient, type Identity, NewClientBody } from '../domain/contracts/client.js';
import { text } from '../domain/contracts/identifier.js';
import { HistoryEntry } from '../domain/contracts/history.js';
import type { Issue } from '../domain/contracts/problem.js';
import { codePoints } from '../domain/text.js';
import type { ChannelStore } from '../store/channel.js';
import type { ClientStore } from '../store/client.js';
import type { HistoryStore } from '../store/history.js';
import { FOUND_CURSOR, type FoundClientStore } from '../store/found-client.js';
import { contactFrom } from './contact.js';
import { optionalKey, type Once } from './once.js';
import { invalid, notFound, ProblemError } from './problem.js';
import type { ThreadDesk } from './thread-desk.js';
import { body, Counter, json, listQuery, newRoutes, page, params, problem, problems, route } from './route.js';

export interface ClientParts {
  clients: ClientStore;
  found: FoundClientStore;
  channels: ChannelStore;
  history: HistoryStore;
  once: Once;
  threads: Pick<ThreadDesk, 'clientBlocked'>;
}

const FoundCursor = z.string().regex(FOUND_CURSOR, 'must be a cursor of this list');

/** A34: what is left of `q` without what does not matter. */
const SearchForm = text(1000)
  .transform(searchForm)
  .refine(
    (form) => codePoints(form) >= SEARCH_MINIMUM,
    `needs ${SEARCH_MINIMUM} characters beside + ( ) - @ and spaces (A34)`,
  );

export function clientRoutes({ clients, found, channels, history, once, threads }: ClientParts) {
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
        const given = context.req.valid('json');
        const client = normalised(clientId, { ...given, identities: await addressed(channels, given.identities) });
        const put = await clients.put(clientId, client);
        if (put.outcome === 'taken') {
          throw new ProblemError('CONTACT_TAKEN', `client ${put.clientId} has this contact`, {
            clientId: put.clientId,
          });
        }
        const blockedOn = client.identities.filter(({ blocked }) => blocked).map(({ channelId }) => channelId);
        if (client.blocked) await threads.clientBlocked(clientId);
        else if (blockedOn.length > 0) await threads.clientBlocked(clientId, blockedOn);
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
        summary: 'Clients: with `q` the best match first (R7, A34), without it all of them, newest first',
        request: { query: listQuery(FoundCursor).extend({ q: SearchForm.optional() }) },
        responses: { 200: { description: 'A page of clients', ...json(page(FoundClient)) }, ...problems },
      }),
      async (context) => {
        const { q, ...request } = context.req.valid('query');
        return context.json(await found.search(q, request), 200);
      },
    )
    .openapi(
      route('post /v1/clients', {
        summary: 'The client with this phone or mail address, created if there is none (R27, R28, A27)',
        request: { ...optionalKey, ...body(NewClientBody) },
        responses: {
          200: { description: 'The client who has this contact already', ...json(Client) },
          201: { description: 'A new client', ...json(Client) },
          ...problems,
        },
      }),
      async (context) => {
        const command = context.req.valid('json');
        const contact = contactFrom(command.contact);
        const { status, answer } = await once(context, 'POST /v1/clients', command, async () => {
          const { clientId, isNew } = await clients.create(contact);
          return { status: isNew ? (201 as const) : (200 as const), answer: await find(clientId) };
        });
        return context.json(answer, status);
      },
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

/** Each address as it is kept. @throws when a channel is unknown, or two spellings are one address */
async function addressed(channels: ChannelStore, identities: readonly Identity[]): Promise<Identity[]> {
  const kept = await Promise.all(
    identities.map(async (identity) => {
      const channel = await channels.find(identity.channelId);
      if (channel === undefined) throw notFound('channel', identity.channelId);
      return { ...identity, address: identityAddress(channel.type, identity.address) };
    }),
  );
  if (new Set(kept.map(({ channelId, address }) => `${channelId} ${address}`)).size < kept.length)
    throw invalid([{ path: 'identities', message: 'must not name an address of a channel twice' }]);
  return kept;
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
