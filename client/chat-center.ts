import type { z } from 'zod';
import { Agent, type AgentBody } from '../domain/contracts/agent.js';
import { Channel, type ChannelBody } from '../domain/contracts/channel.js';
import { Client, type ClientBody } from '../domain/contracts/client.js';
import { HistoryEntry } from '../domain/contracts/history.js';
import { MessageTemplate, type MessageTemplateBody } from '../domain/contracts/message-template.js';
import { Send, type SendBody } from '../domain/contracts/outgoing-send.js';
import type { Problem } from '../domain/contracts/problem.js';
import type { Refusal } from '../domain/contracts/refusal.js';
import { Settings, type SettingsBody } from '../domain/contracts/settings.js';
import { Thread } from '../domain/contracts/thread.js';
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
    const response = await this.#ask('POST', '/v1/sends', request, { 'idempotency-key': key });
    const isReplay = response.headers.get('idempotency-replayed') === 'true';
    if (response.ok) return { outcome: 'made', send: Send.parse(await response.json()), isReplay };
    const error = await problemOf(response);
    const { refusals } = error.problem;
    if (refusals === undefined) throw error;
    return { outcome: 'refused', refusals, problem: error.problem, isReplay };
  }

  findSend = (sendId: string): Promise<Send> => this.#get(`/v1/sends/${sendId}`, Send);
  findThread = (threadId: string): Promise<Thread> => this.#get(`/v1/threads/${threadId}`, Thread);
  findClient = (clientId: string): Promise<Client> => this.#get(`/v1/clients/${clientId}`, Client);

  /** Newest first. */
  async history(clientId: string, after?: string): Promise<Page<HistoryEntry>> {
    const query = after === undefined ? '' : `?after=${encodeURIComponent(after)}`;
    const response = await this.#ask('GET', `/v1/clients/${clientId}/history${query}`);
    if (!response.ok) throw await problemOf(response);
    const { items, next } = (await response.json()) as Page<unknown>;
    return { items: items.map((item) => HistoryEntry.parse(item)), next };
  }

  putAgent = (agentId: string, body: AgentBody): Promise<Agent> => this.#put(`/v1/agents/${agentId}`, body, Agent);
  putChannel = (channelId: string, body: z.input<typeof ChannelBody>): Promise<Channel> =>
    this.#put(`/v1/channels/${channelId}`, body, Channel);
  putClient = (clientId: string, body: ClientBody): Promise<Client> =>
    this.#put(`/v1/clients/${clientId}`, body, Client);
  putSettings = (body: SettingsBody): Promise<Settings> => this.#put('/v1/settings', body, Settings);
  putTemplate = (channelId: string, templateId: string, body: MessageTemplateBody): Promise<MessageTemplate> =>
    this.#put(`/v1/channels/${channelId}/templates/${templateId}`, body, MessageTemplate);

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

  #ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.#options.baseUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#options.token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }
}
