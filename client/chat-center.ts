import { z } from 'zod';
import { AgentEvent } from '../domain/contracts/agent-event.js';
import { Agent, type AgentBody } from '../domain/contracts/agent.js';
import { Attachment } from '../domain/contracts/attachment.js';
import { Channel, type ChannelBody } from '../domain/contracts/channel.js';
import { Client, type ClientBody, type Contact, FoundClient } from '../domain/contracts/client.js';
import { ClientChannel } from '../domain/contracts/client-channel.js';
import { Bot, type BotBody, Department, Group, type NamedBody, Skill } from '../domain/contracts/directory.js';
import { HistoryEntry } from '../domain/contracts/history.js';
import { type InboundBody, type LoginBody, TakenMessage } from '../domain/contracts/inbound.js';
import {
  ListedTemplate,
  type MessageTemplateBody,
  SynchronisedTemplates,
} from '../domain/contracts/message-template.js';
import { type ReplyBody, Send, type SendBody } from '../domain/contracts/outgoing-send.js';
import type { Problem } from '../domain/contracts/problem.js';
import type { Refusal } from '../domain/contracts/refusal.js';
import { ResponseTemplate, type ResponseTemplateBody } from '../domain/contracts/response-template.js';
import { Settings, type SettingsBody } from '../domain/contracts/settings.js';
import {
  type EndingBody,
  PersonalQueue,
  type QueueKind,
  Thread,
  type ThreadState,
  type TransferBody,
} from '../domain/contracts/thread.js';
import { eventsIn } from './event-stream.js';
import { problemOf } from './problem.js';

export interface ChatCenterOptions {
  /** Without a path, e.g. `http://127.0.0.1:3000`. */
  baseUrl: string;
  token: string;
}

export type SendReply =
  /** `isReplay`: the first answer under this key, given again. */
  | { outcome: 'made'; send: Send; isReplay: boolean }
  /** A rule of the chat center forbids it now; nothing was sent. */
  | { outcome: 'refused'; refusals: Refusal[]; problem: Problem; isReplay: boolean };

/** What a send is asked with; `attachmentIds` may be left out. */
export type SendRequest = z.input<typeof SendBody>;

/** An answer in a thread; `attachmentIds` may be left out. */
type ReplyRequest = z.input<typeof ReplyBody>;

/** `id` is what `lastEventId` takes. */
export type ToldEvent = AgentEvent & { id?: string };

export interface Page<T> {
  items: T[];
  next: string | null;
}

/** Every method throws `ProblemError` for what the API does not answer with a result. */
export class ChatCenter {
  readonly #options: ChatCenterOptions;

  constructor(options: ChatCenterOptions) {
    this.#options = options;
  }

  /**
   * Sends one message to one client.
   * @param key 1 to 255 printable ASCII characters: the same key and request, asked again, is the same send
   */
  async send(request: SendRequest, key: string): Promise<SendReply> {
    return replyIn(await this.#ask('POST', '/v1/sends', request, { 'idempotency-key': key }));
  }

  findSend = (sendId: string): Promise<Send> => this.#get(`/v1/sends/${sendId}`, Send);
  findThread = (threadId: string): Promise<Thread> => this.#get(`/v1/threads/${threadId}`, Thread);
  findClient = (clientId: string): Promise<Client> => this.#get(`/v1/clients/${clientId}`, Client);

  /** Newest first. */
  threads = (filter: { clientId?: string; state?: ThreadState } = {}, after?: string): Promise<Page<Thread>> =>
    this.#list('/v1/threads', { ...filter, after }, Thread);

  // Commands to a thread; a "no" of the chat center is a `ProblemError` too. Agents' tokens act as their agent, backend
  // systems in the name of the agent whom they give.
  take = (threadId: string, agentId?: string) => this.#command(threadId, 'take', { agentId });
  open = (threadId: string, agentId?: string) => this.#command(threadId, 'open', { agentId });
  transfer = (threadId: string, body: z.input<typeof TransferBody>) => this.#command(threadId, 'transfer', body);
  close = (threadId: string, body: z.input<typeof EndingBody> = {}) => this.#command(threadId, 'close', body);
  /** Blocks the client on the thread's channel, and closes it (R37). */
  block = (threadId: string, body: z.input<typeof EndingBody> = {}) => this.#command(threadId, 'block', body);

  /** Answers in a thread. @param key as in `send` */
  async reply(threadId: string, request: ReplyRequest, key: string): Promise<SendReply> {
    return replyIn(await this.#ask('POST', `/v1/threads/${threadId}/messages`, request, { 'idempotency-key': key }));
  }

  /** Of one agent. */
  queueOf = (agentId: string): Promise<PersonalQueue> => this.#get(`/v1/agents/${agentId}/queue`, PersonalQueue);

  /** Longest waiting first. */
  queue = (kind: QueueKind, id: string, after?: string): Promise<Page<Thread>> =>
    this.#list(`/v1/queues/${kind}/${id}`, { after }, Thread);

  /**
   * What changes for an agent, beginning with their queue; ends when the service does. After that, or when it breaks, the
   * failures since `lastEventId` can be asked for, which is the `id` of the last event that came.
   */
  async *events(
    agentId: string,
    { signal, lastEventId }: { signal?: AbortSignal; lastEventId?: string | undefined } = {},
  ): AsyncGenerator<ToldEvent> {
    const seen = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    const response = await this.#ask('GET', `/v1/agents/${agentId}/events`, undefined, seen, signal);
    if (!response.ok || response.body === null) throw await problemOf(response);
    for await (const { event, id, data } of eventsIn(response.body)) {
      if (!isKnown(event)) continue; // of a newer version
      yield { ...AgentEvent.parse({ event, data: JSON.parse(data) }), ...(id !== undefined && { id }) };
    }
  }

  /** Newest first. */
  history(clientId: string, after?: string): Promise<Page<HistoryEntry>> {
    return this.#list(`/v1/clients/${clientId}/history`, { after }, HistoryEntry);
  }

  /** Best match first (R7). @param q at least 3 characters beside those that do not matter (A34) */
  search = (q: string, after?: string): Promise<Page<FoundClient>> =>
    this.#list('/v1/clients', { q, after }, FoundClient);

  /** The client who has this contact, created if nobody has (A27). */
  async clientOf(contact: Contact): Promise<Client> {
    return this.#result(await this.#ask('POST', '/v1/clients', { contact }), Client);
  }

  /** A client wrote on a channel without a webhook, or closed the chat; one message per `messageId`. */
  async receive(channelId: string, body: z.input<typeof InboundBody>): Promise<TakenMessage> {
    return this.#result(await this.#ask('POST', `/v1/channels/${channelId}/inbound`, body), TakenMessage);
  }

  /** The client who logged in, found by external id from now on (R8). */
  async login(channelId: string, body: LoginBody): Promise<Client> {
    return this.#result(await this.#ask('POST', `/v1/channels/${channelId}/logins`, body), Client);
  }

  /** Every channel, available to this client or not. @param agentId who is judged as the sender, if anybody */
  async channelsOf(clientId: string, agentId?: string): Promise<ClientChannel[]> {
    const query = agentId === undefined ? '' : `?agentId=${agentId}`;
    const { items } = await this.#get(
      `/v1/clients/${clientId}/channels${query}`,
      z.object({ items: z.array(ClientChannel) }),
    );
    return items;
  }

  async upload(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<Attachment> {
    const form = new FormData();
    form.set('file', new Blob([bytes]), name);
    return this.#result(await this.#ask('POST', '/v1/attachments', form), Attachment);
  }

  async download(attachmentId: string): Promise<Uint8Array> {
    const response = await this.#ask('GET', `/v1/attachments/${attachmentId}`);
    if (!response.ok) throw await problemOf(response);
    return new Uint8Array(await response.arrayBuffer());
  }

  /** Of this agent and of the directory (R12). */
  responseTemplatesFor = (agentId: string, after?: string): Promise<Page<ResponseTemplate>> =>
    this.#list('/v1/response-templates', { agentId, after }, ResponseTemplate);
  templatesOf = (channelId: string, after?: string): Promise<Page<ListedTemplate>> =>
    this.#list(`/v1/channels/${channelId}/templates`, { after }, ListedTemplate);

  /** Makes the channel's templates equal to the provider's list. */
  async syncTemplates(channelId: string): Promise<SynchronisedTemplates> {
    return this.#result(await this.#ask('POST', `/v1/channels/${channelId}/templates/sync`), SynchronisedTemplates);
  }

  putGroup = (id: string, body: NamedBody) => this.#put(`/v1/groups/${id}`, body, Group);
  putSkill = (id: string, body: NamedBody) => this.#put(`/v1/skills/${id}`, body, Skill);
  putDepartment = (id: string, body: NamedBody) => this.#put(`/v1/departments/${id}`, body, Department);
  putBot = (id: string, body: BotBody) => this.#put(`/v1/bots/${id}`, body, Bot);
  putResponseTemplate = (id: string, body: ResponseTemplateBody): Promise<ResponseTemplate> =>
    this.#put(`/v1/response-templates/${id}`, body, ResponseTemplate);
  putAgent = (agentId: string, body: AgentBody): Promise<Agent> => this.#put(`/v1/agents/${agentId}`, body, Agent);
  putChannel = (channelId: string, body: z.input<typeof ChannelBody>): Promise<Channel> =>
    this.#put(`/v1/channels/${channelId}`, body, Channel);
  putClient = (clientId: string, body: ClientBody): Promise<Client> =>
    this.#put(`/v1/clients/${clientId}`, body, Client);
  putSettings = (body: SettingsBody): Promise<Settings> => this.#put('/v1/settings', body, Settings);
  putTemplate = (channelId: string, templateId: string, body: MessageTemplateBody): Promise<ListedTemplate> =>
    this.#put(`/v1/channels/${channelId}/templates/${templateId}`, body, ListedTemplate);

  /** @param path of what is deleted, e.g. `/v1/channels/wa-main` */
  async delete(path: string): Promise<void> {
    const response = await this.#ask('DELETE', path);
    if (!response.ok) throw await problemOf(response);
  }

  async #command(threadId: string, command: string, body: unknown): Promise<Thread> {
    return this.#result(await this.#ask('POST', `/v1/threads/${threadId}/${command}`, body), Thread);
  }

  async #list<S extends z.ZodType>(
    path: string,
    query: Record<string, string | undefined>,
    item: S,
  ): Promise<Page<z.infer<S>>> {
    const given = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, value);
    return this.#get(`${path}?${given.toString()}`, z.object({ items: z.array(item), next: z.string().nullable() }));
  }

  async #get<S extends z.ZodType>(path: string, schema: S): Promise<z.infer<S>> {
    return this.#result(await this.#ask('GET', path), schema);
  }

  async #put<S extends z.ZodType>(path: string, body: unknown, schema: S): Promise<z.infer<S>> {
    return this.#result(await this.#ask('PUT', path, body), schema);
  }

  async #result<S extends z.ZodType>(response: Response, schema: S): Promise<z.infer<S>> {
    if (!response.ok) throw await problemOf(response);
    return schema.parse(await response.json());
  }

  #ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    signal: AbortSignal | null = null,
  ): Promise<Response> {
    return fetch(`${this.#options.baseUrl}${path}`, {
      method,
      signal,
      headers: {
        authorization: `Bearer ${this.#options.token}`,
        ...(body !== undefined && !(body instanceof FormData) && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: body instanceof FormData ? body : JSON.stringify(body) }),
    });
  }
}

async function replyIn(response: Response): Promise<SendReply> {
  const isReplay = response.headers.get('idempotency-replayed') === 'true';
  if (response.ok) return { outcome: 'made', send: Send.parse(await response.json()), isReplay };
  const error = await problemOf(response);
  const { refusals } = error.problem;
  if (refusals === undefined) throw error;
  return { outcome: 'refused', refusals, problem: error.problem, isReplay };
}

const EVENTS: readonly string[] = AgentEvent.options.map(({ shape }) => shape.event.value);
const isKnown = (event: string): boolean => EVENTS.includes(event);
