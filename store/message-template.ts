import type { MessageTemplate, MessageTemplateBody } from '../domain/contracts/message-template.js';
import type { Database } from './database.js';
import { type Page, type PageRequest, pageOf } from './page.js';

export interface MessageTemplateStore {
  put(channelId: string, templateId: string, body: MessageTemplateBody): Promise<void>;
  find(channelId: string, templateId: string): Promise<MessageTemplate | undefined>;
  list(channelId: string, request: PageRequest): Promise<Page<MessageTemplate>>;
}

export function createMessageTemplateStore(database: Database): MessageTemplateStore {
  const ofChannel = (channelId: string) =>
    database.selectFrom('message_templates').selectAll().where('channel_id', '=', channelId);
  return {
    async put(channelId, templateId, body) {
      await database
        .insertInto('message_templates')
        .values({ channel_id: channelId, template_id: templateId, body: JSON.stringify(body) })
        .onConflict((conflict) =>
          conflict.columns(['channel_id', 'template_id']).doUpdateSet({ body: JSON.stringify(body) }),
        )
        .execute();
    },
    async find(channelId, templateId) {
      const row = await ofChannel(channelId).where('template_id', '=', templateId).executeTakeFirst();
      return row && { channelId, templateId, ...row.body };
    },
    async list(channelId, { limit, after }) {
      const rows = await ofChannel(channelId)
        .where('template_id', '>', after ?? '')
        .orderBy('template_id')
        .limit(limit + 1)
        .execute();
      return pageOf(
        rows,
        limit,
        (row) => row.template_id,
        (row) => ({ channelId, templateId: row.template_id, ...row.body }),
      );
    },
  };
}
