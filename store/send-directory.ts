import { sql } from 'kysely';
import type { ChannelType } from '../domain/contracts/channel.js';
import type { SendBody } from '../domain/contracts/outgoing-send.js';
import { Settings } from '../domain/contracts/settings.js';
import type { Executor } from './database.js';

export type SendDirectory =
  | { missing: { what: 'agent' | 'client' | 'channel' | 'attachment'; id: string } }
  | { channelType: ChannelType; settings: Settings };

/** What a send needs of the directory before it starts: the first of its ids that nobody has, else type and settings. */
export async function directoryOf(executor: Executor, command: SendBody): Promise<SendDirectory> {
  const { agentId, clientId, channelId, attachmentIds } = command;
  const row = await executor
    .selectNoFrom(({ selectFrom }) => [
      selectFrom('agents').select('agent_id').where('agent_id', '=', agentId).as('agent'),
      selectFrom('clients').select('client_id').where('client_id', '=', clientId).as('client'),
      selectFrom('channels')
        .select(sql<ChannelType>`body->>'type'`.as('type'))
        .where('channel_id', '=', channelId)
        .as('channelType'),
      selectFrom('settings').select('body').as('settings'),
    ])
    .executeTakeFirstOrThrow();
  if (row.agent === null) return { missing: { what: 'agent', id: agentId } };
  if (row.client === null) return { missing: { what: 'client', id: clientId } };
  if (row.channelType === null) return { missing: { what: 'channel', id: channelId } };
  const [attachmentId] = attachmentIds;
  if (attachmentId !== undefined) return { missing: { what: 'attachment', id: attachmentId } };
  return { channelType: row.channelType, settings: Settings.parse(row.settings ?? {}) };
}
