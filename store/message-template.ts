import { sql } from 'kysely';
import type { MessageTemplate, MessageTemplateBody, TemplateVariable } from '../domain/contracts/message-template.js';
import { type Database, type Executor, inTransaction } from './database.js';
import { type Page, type PageRequest, pageOf } from './page.js';

interface SynchronisedTemplate {
  templateId: string;
  body: MessageTemplateBody;
}

export interface MessageTemplateStore {
  put(channelId: string, templateId: string, body: MessageTemplateBody): Promise<void>;
  find(channelId: string, templateId: string): Promise<MessageTemplate | undefined>;
  /** Newest first. */
  list(channelId: string, request: PageRequest): Promise<Page<MessageTemplate>>;
  /** @returns whether there was one */
  remove(channelId: string, templateId: string): Promise<boolean>;
  /**
   * Makes the synchronised templates equal to the provider's list; those made by hand stay, and so does what an operator
   * has said of the variables, of which the provider knows only the places (R21).
   * @param list asks the provider; two at once ask one after the other, so that the later list is the one that stays
   */
  synchronise<L extends { templates: readonly SynchronisedTemplate[] }>(
    channelId: string,
    list: () => Promise<L>,
  ): Promise<L>;
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
        .$if(after !== undefined, (query) => query.where('position', '<', Number(after)))
        .orderBy('position', 'desc')
        .limit(limit + 1)
        .execute();
      return pageOf(
        rows,
        limit,
        ({ position }) => String(position),
        (row) => ({ channelId, templateId: row.template_id, ...row.body }),
      );
    },
    async remove(channelId, templateId) {
      const { numDeletedRows } = await database
        .deleteFrom('message_templates')
        .where('channel_id', '=', channelId)
        .where('template_id', '=', templateId)
        .executeTakeFirstOrThrow();
      return numDeletedRows === 1n;
    },
    synchronise: (channelId, list) =>
      inTransaction(database, async (tx) => {
        await sql`select 1 from channels where channel_id = ${channelId} for no key update`.execute(tx);
        const listed = await list();
        await replaceSynchronised(tx, channelId, listed.templates);
        return listed;
      }),
  };
}

async function replaceSynchronised(
  tx: Executor,
  channelId: string,
  listed: readonly SynchronisedTemplate[],
): Promise<void> {
  const known = await tx
    .selectFrom('message_templates')
    .select(['template_id', 'body'])
    .where('channel_id', '=', channelId)
    .execute();
  const variables = new Map(known.map(({ template_id, body }) => [template_id, body.variables]));
  for (const { templateId, body } of listed) {
    const kept = JSON.stringify({ ...body, variables: described(body.variables, variables.get(templateId) ?? []) });
    await tx
      .insertInto('message_templates')
      .values({ channel_id: channelId, template_id: templateId, synchronised: true, body: kept })
      .onConflict((conflict) =>
        conflict.columns(['channel_id', 'template_id']).doUpdateSet({ synchronised: true, body: kept }),
      )
      .execute();
  }
  await tx
    .deleteFrom('message_templates')
    .where('channel_id', '=', channelId)
    .where('synchronised', '=', true)
    .where('template_id', 'not in', ['', ...listed.map(({ templateId }) => templateId)])
    .execute();
}

/** The provider's variables, as an operator has described those of the same name. */
const described = (places: readonly TemplateVariable[], known: readonly TemplateVariable[]): TemplateVariable[] =>
  places.map((place) => known.find(({ name }) => name === place.name) ?? place);
