// Everything that the rules need to know, read in one statement and so from one instant (INV14); on the database's time.
import { type RawBuilder, sql } from 'kysely';
import type { SendReading } from '../activities/ports.js';
import type { AgentStatus } from '../domain/contracts/agent.js';
import type { Attachment } from '../domain/contracts/attachment.js';
import type { Action, Content } from '../domain/contracts/outgoing-send.js';
import { Settings } from '../domain/contracts/settings.js';
import type { ThreadHolder } from '../domain/contracts/thread.js';
import type { Holding } from '../domain/eligibility.js';
import type { SendSituation } from '../domain/situation.js';
import type { Actor } from '../domain/thread-command.js';
import type { Database } from './database.js';
import { mayUse } from './response-template.js';
import { targetIsKnown } from './transfer.js';

/** What belongs to a client on a channel, whoever asks and whatever is to be sent. */
type ClientOnChannel = Omit<SendSituation, 'agent' | 'attachments' | 'responseTemplate' | 'isTargetKnown'>;

/**
 * Of the row's `clients` and `channels`. Of several addresses on one channel one that is not blocked is used, and of
 * those the one that wrote last.
 */
const clientOnChannel = sql<ClientOnChannel>`
  json_strip_nulls(json_build_object(
    'now', extract(epoch from now()) * 1000,
    'client', json_build_object('blocked', clients.blocked, 'phone', clients.phone, 'email', clients.email),
    'channel', (channels.body - 'provider') || jsonb_build_object('providerKind', channels.body->'provider'->'kind'),
    'identity', (
      select json_build_object('address', address, 'blocked', blocked,
                               'lastInboundAt', extract(epoch from last_inbound_at) * 1000)
        from identities
       where identities.client_id = clients.client_id and identities.channel_id = channels.channel_id
       order by blocked, last_inbound_at desc nulls last, address limit 1),
    'templates', (
      select coalesce(json_agg(body || jsonb_build_object('templateId', template_id, 'channelId', channel_id)), '[]')
        from message_templates where message_templates.channel_id = channels.channel_id)))`;

interface SendRow {
  agentId: string | null;
  clientId: string;
  channelId: string;
  threadId: string;
  content: Content;
  action: Action | null;
  reply: { threadId: string; actor: Actor } | null;
  isTargetKnown: boolean | null;
  settings: Partial<Settings> | null;
  /** Null for an agent who has left meanwhile, and may not send any more. */
  status: AgentStatus | null;
  responseTemplate: string | null;
  attachments: Attachment[];
  clientOnChannel: ClientOnChannel;
}

/** A send as it was asked for, with the situation of now. */
export async function readSend(database: Database, sendId: string): Promise<SendReading> {
  const { rows } = await sql<SendRow>`
    select sends.agent_id as "agentId", sends.client_id as "clientId", sends.channel_id as "channelId",
           opens_thread_id as "threadId", content, action, reply,
           ${targetIsKnown(sql`action->'target'->>'kind'`, sql`action->'target'->>'id'`)} as "isTargetKnown",
           (select body from settings) as settings,
           (select body->>'status' from agents where agents.agent_id = sends.agent_id) as status,
           (select body->>'text' from response_templates
             where response_template_id = content->>'responseTemplateId' and ${mayUse(sql`sends.agent_id`)})
             as "responseTemplate",
           (select coalesce(json_agg(json_build_object('attachmentId', attachment_id, 'name', name, 'type', type,
                                                       'size', size, 'sha256', sha256) order by place), '[]')
              from jsonb_array_elements_text(sends.attachment_ids) with ordinality as named(id, place)
              join attachments on attachment_id = id::uuid join blobs using (sha256)) as attachments,
           ${clientOnChannel} as "clientOnChannel"
      from sends
      join clients on clients.client_id = sends.client_id
      join channels on channels.channel_id = sends.channel_id
     where send_id = ${sendId}`.execute(database);
  const [row] = rows;
  if (row === undefined) throw new Error(`send ${sendId} does not exist`);
  const { agentId, action, reply, settings, status, isTargetKnown, responseTemplate, attachments, ...send } = row;
  const { clientOnChannel: known, ...asked } = send;
  return {
    ...asked,
    ...(agentId !== null && { agentId }),
    ...(action !== null && { action }),
    ...(reply !== null && { reply }),
    settings: Settings.parse(settings ?? {}),
    situation: {
      ...known,
      ...(agentId !== null && reply === null && { agent: { agentId, status: status ?? 'OFFLINE' } }),
      ...(action !== null && { isTargetKnown: isTargetKnown === true }),
      attachments,
      ...(responseTemplate !== null && { responseTemplate }),
    },
  };
}

export interface ChannelReading {
  channelId: string;
  name: string;
  situation: SendSituation;
}

export interface ClientReading {
  /** Newest first. */
  channels: ChannelReading[];
  /** The active thread, as it was last written down; only the claim decides (A21). */
  holding?: Holding;
}

/** Of the row's `clients`: who holds their active thread, as it was last written down; null when there is none. */
export const holderOf = (clientId: RawBuilder<unknown>) => sql<ThreadHolder | null>`
  (select json_strip_nulls(json_build_object(
            'threadId', thread_id, 'channelId', threads.channel_id, 'agentId', agent_id, 'state', state,
            'since', to_char(opened_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
            'opener', case opener_kind when 'SEND' then 'AGENT' else 'CLIENT' end))
     from threads where threads.client_id = ${clientId} and state <> 'CLOSED')`;

/** @param agent who is to be judged as the sender, if anybody */
export async function readClientChannels(
  database: Database,
  clientId: string,
  agent: { status: AgentStatus } | undefined,
): Promise<ClientReading> {
  const { rows } = await sql<{
    channelId: string;
    name: string;
    clientOnChannel: ClientOnChannel;
    holder: ThreadHolder | null;
    closesAt: Date | null;
  }>`
    select channel_id as "channelId", channels.body->>'name' as name, ${clientOnChannel} as "clientOnChannel",
           ${holderOf(sql`clients.client_id`)} as holder,
           (select closes_at from threads where threads.client_id = clients.client_id and state <> 'CLOSED') as "closesAt"
      from clients cross join channels
     where clients.client_id = ${clientId}
     order by channels.position desc`.execute(database);
  const [first] = rows;
  return {
    channels: rows.map(({ channelId, name, clientOnChannel: known }) => ({
      channelId,
      name,
      situation: { ...known, ...(agent && { agent }), attachments: [] },
    })),
    ...(first?.holder && {
      holding: { holder: first.holder, ...(first.closesAt && { closesAt: first.closesAt.getTime() }) },
    }),
  };
}
