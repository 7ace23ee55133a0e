// How a send is taken in: its key and its command become durable together, and nothing is started before (W01).
import { sql } from 'kysely';
import type { ChannelType } from '../domain/contracts/channel.js';
import type { SendBody } from '../domain/contracts/outgoing-send.js';
import { Settings } from '../domain/contracts/settings.js';
import type { Database } from './database.js';
import { deriveId } from './identity.js';

export interface IntakeRequest {
  tokenId: string;
  /** The caller's idempotency key. */
  key: string;
  route: string;
  bodyHash: string;
  sendId: string;
  command: SendBody;
}

export type Intake =
  | { state: 'first' | 'running'; channelType: ChannelType; settings: Settings }
  | { state: 'answered'; status: number; answer: unknown }
  /** The key was used with another request. */
  | { state: 'reused' }
  /** An id that nobody has; the key stays free. */
  | { state: 'missing'; what: 'agent' | 'client' | 'channel' | 'attachment'; id: string };

interface Row {
  agent: string | null;
  client: string | null;
  channelType: ChannelType | null;
  settings: Settings | null;
  isTaken: boolean;
  route: string | null;
  bodyHash: string | null;
  status: number | null;
  answer: unknown;
}

/** One statement, since every caller waits for it. */
export async function takeIn(database: Database, request: IntakeRequest): Promise<Intake> {
  for (;;) {
    const intake = read(await ask(database, request), request);
    if (intake !== undefined) return intake; // else the key was taken just now, by a request that we could not see yet
  }
}

async function ask(
  database: Database,
  { tokenId, key, route, bodyHash, sendId, command }: IntakeRequest,
): Promise<Row> {
  const { agentId, clientId, channelId, content, action, attachmentIds } = command;
  const { rows } = await sql<Row>`
    with directory as (
      select (select agent_id from agents where agent_id = ${agentId}) as agent,
             (select client_id from clients where client_id = ${clientId}) as client,
             (select body->>'type' from channels where channel_id = ${channelId}) as channel_type,
             (select body from settings) as settings),
    taken as (
      insert into idempotency_keys (token_id, key, route, body_hash)
      select ${tokenId}, ${key}, ${route}, ${bodyHash} from directory
       where agent is not null and client is not null and channel_type is not null and ${attachmentIds.length} = 0
      on conflict do nothing returning key),
    send as (
      insert into sends (send_id, agent_id, client_id, channel_id, content, action, state, opens_thread_id)
      select ${sendId}::uuid, ${agentId}, ${clientId}, ${channelId}, ${JSON.stringify(content)}::jsonb,
             ${action?.kind ?? null}, 'claiming', ${deriveId(sendId, 'thread')}::uuid
        from taken
      on conflict do nothing)
    select directory.agent, directory.client, directory.channel_type as "channelType", directory.settings,
           exists (select 1 from taken) as "isTaken",
           known.route, known.body_hash as "bodyHash", known.status, known.answer
      from directory
      left join idempotency_keys as known on known.token_id = ${tokenId} and known.key = ${key}`.execute(database);
  const [row] = rows;
  if (row === undefined) throw new Error('the intake of a send answered no row');
  return row;
}

function read(row: Row, { command, route, bodyHash }: IntakeRequest): Intake | undefined {
  const isKnown = row.route !== null;
  if (isKnown && (row.route !== route || row.bodyHash !== bodyHash)) return { state: 'reused' };
  if (isKnown && row.status !== null) return { state: 'answered', status: row.status, answer: row.answer };
  if (row.agent === null) return { state: 'missing', what: 'agent', id: command.agentId };
  if (row.client === null) return { state: 'missing', what: 'client', id: command.clientId };
  if (row.channelType === null) return { state: 'missing', what: 'channel', id: command.channelId };
  const [attachmentId] = command.attachmentIds;
  if (attachmentId !== undefined) return { state: 'missing', what: 'attachment', id: attachmentId };
  if (!row.isTaken && !isKnown) return undefined;
  const settings = Settings.parse(row.settings ?? {});
  return { state: row.isTaken ? 'first' : 'running', channelType: row.channelType, settings };
}
