// How a send is taken in: its key and its command become durable together, and nothing is started before (W01).
import { sql } from 'kysely';
import type { ChannelType } from '../domain/contracts/channel.js';
import type { SendBody } from '../domain/contracts/outgoing-send.js';
import { Settings } from '../domain/contracts/settings.js';
import type { ThreadHolder } from '../domain/contracts/thread.js';
import type { Actor } from '../domain/thread-command.js';
import { seenBy } from './attachment.js';
import type { Database } from './database.js';
import { deriveId } from './identity.js';
import { holderOf } from './situation.js';

/** A first message, or a reply in a thread; a bot's has no agent. */
export type IntakeCommand = Pick<SendBody, 'channelId' | 'content' | 'action' | 'attachmentIds' | 'externalId'> & {
  agentId?: string | undefined;
  reply?: { threadId: string; actor: Actor };
};

export interface IntakeRequest {
  tokenId: string;
  /** The caller's idempotency key. */
  key: string;
  route: string;
  bodyHash: string;
  sendId: string;
  command: IntakeCommand;
  /** Whom the command's client, contact or external id names; absent while nobody has it. */
  clientId: string | undefined;
  /** An agent's own token sends only files that this agent may see (INV23). */
  filesSeenBy?: string | undefined;
}

export type Intake =
  | {
      state: 'first';
      clientId: string;
      channelType: ChannelType;
      settings: Settings;
      /** Of the client's active thread, as it was last written down. */
      holder?: ThreadHolder;
    }
  | { state: 'running'; clientId: string; channelType: ChannelType; settings: Settings }
  | { state: 'answered'; status: number; answer: unknown }
  /** The key was used with another request. */
  | { state: 'reused' }
  /** An id that nobody has; the key stays free. */
  | { state: 'missing'; what: 'agent' | 'channel' | 'attachment' | 'client'; id: string };

interface Row {
  agent: string | null;
  holder: ThreadHolder | null;
  client: string | null;
  channelType: ChannelType | null;
  settings: Settings | null;
  missingAttachments: string[];
  isTaken: boolean;
  route: string | null;
  bodyHash: string | null;
  status: number | null;
  answer: unknown;
  /** Whom the send goes to that was taken in under this key before. */
  knownClient: string | null;
}

/** One statement, since every caller waits for it. */
export async function takeIn(database: Database, request: IntakeRequest): Promise<Intake> {
  for (;;) {
    const intake = read(await ask(database, request), request);
    if (intake !== undefined) return intake; // else the key was taken just now, by a request that we could not see yet
  }
}

const UUID = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';

async function ask(
  database: Database,
  { tokenId, key, route, bodyHash, sendId, command, clientId, filesSeenBy }: IntakeRequest,
): Promise<Row> {
  const { agentId = null, channelId, content, action, attachmentIds, reply } = command;
  const asked = { action: action && JSON.stringify(action), reply: reply && JSON.stringify(reply) };
  const isSeen = filesSeenBy === undefined ? sql`true` : seenBy(filesSeenBy);
  const { rows } = await sql<Row>`
    with directory as (
      select (select agent_id from agents where agent_id = ${agentId}) as agent,
             (select client_id from clients where client_id = ${clientId ?? null}) as client,
             ${holderOf(sql`${clientId ?? null}`)} as holder,
             (select body->>'type' from channels where channel_id = ${channelId}) as channel_type,
             (select body from settings) as settings,
             array(select id from unnest(${attachmentIds}::text[]) as id
                    where case when id ~* ${UUID} then
                            not exists (select 1 from attachments where attachment_id = id::uuid and ${isSeen}) else true end)
               as missing),
    taken as (
      insert into idempotency_keys (token_id, key, route, body_hash)
      select ${tokenId}, ${key}, ${route}, ${bodyHash} from directory
       where (agent is not null or ${agentId}::text is null) and client is not null and channel_type is not null and cardinality(missing) = 0
      on conflict do nothing returning key),
    send as (
      insert into sends (send_id, agent_id, client_id, channel_id, content, attachment_ids, action, reply, state, opens_thread_id)
      select ${sendId}::uuid, ${agentId}, ${clientId ?? null}, ${channelId}, ${JSON.stringify(content)}::jsonb,
             ${JSON.stringify(attachmentIds)}::jsonb, ${asked.action ?? null}::jsonb, ${asked.reply ?? null}::jsonb, 'claiming', ${deriveId(sendId, 'thread')}::uuid
        from taken
      on conflict do nothing)
    select directory.agent, directory.client, directory.holder, directory.channel_type as "channelType", directory.settings,
           directory.missing as "missingAttachments", exists (select 1 from taken) as "isTaken",
           known.route, known.body_hash as "bodyHash", known.status, known.answer,
           (select client_id from sends where send_id = ${sendId}::uuid) as "knownClient"
      from directory
      left join idempotency_keys as known on known.token_id = ${tokenId} and known.key = ${key}`.execute(database);
  const [row] = rows;
  if (row === undefined) throw new Error('the intake of a send answered no row');
  return row;
}

function read(row: Row, { command, route, bodyHash, clientId }: IntakeRequest): Intake | undefined {
  const isKnown = row.route !== null;
  if (isKnown && (row.route !== route || row.bodyHash !== bodyHash)) return { state: 'reused' };
  if (isKnown && row.status !== null) return { state: 'answered', status: row.status, answer: row.answer };
  const settings = Settings.parse(row.settings ?? {});
  if (isKnown && row.knownClient !== null && row.channelType !== null)
    return { state: 'running', clientId: row.knownClient, channelType: row.channelType, settings };
  const [attachmentId] = row.missingAttachments;
  if (row.agent === null && command.agentId !== undefined)
    return { state: 'missing', what: 'agent', id: command.agentId };
  if (row.channelType === null) return { state: 'missing', what: 'channel', id: command.channelId };
  if (attachmentId !== undefined) return { state: 'missing', what: 'attachment', id: attachmentId };
  if (row.client === null) return { state: 'missing', what: 'client', id: clientId ?? command.externalId ?? '' };
  if (!row.isTaken) return undefined;
  const first = { state: 'first', clientId: row.client, channelType: row.channelType, settings } as const;
  return row.holder === null ? first : { ...first, holder: row.holder };
}
