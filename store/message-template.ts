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
   * has said of the variables, of which the provider knows only the places (R21). A list that was asked for before the
   * one that is kept changes nothing.
   * @param list asks the provider
   */
  synchronise<L extends { templates: readonly SynchronisedTemplate[] }>(
    channelId: string,
    list: () => Promise<L>,
  ): Promise<L>;
  /** That the provider has news; several before the next synchronisation are one. */
  want(channelId: string): Promise<void>;
  /** The channel whose synchronisation is due, leased with growing pauses until it is done. */
  takeWanted(): Promise<{ channelId: string; wanted: number } | undefined>;
  /** Unless there were news meanwhile. */
  done(channelId: string, wanted: number): Promise<void>;
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
    async synchronise(channelId, list) {
      const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(database);
      const askedAt = rows[0]?.now ?? new Date();
      const listed = await list();
      await inTransaction(database, async (tx) => {
        const isNewest = await sql`
          update channels set templates_asked_at = ${askedAt}
           where channel_id = ${channelId} and (templates_asked_at is null or templates_asked_at <= ${askedAt})
          returning channel_id`.execute(tx);
        if (isNewest.rows.length > 0) await replaceSynchronised(tx, channelId, listed.templates);
      });
      return listed;
    },
    async want(channelId) {
      await sql`
        insert into wanted_templates (channel_id) values (${channelId})
        on conflict (channel_id) do update
           set wanted = wanted_templates.wanted + 1, attempts = 0, due_at = now()`.execute(database);
    },
    async takeWanted() {
      const { rows } = await sql<{ channelId: string; wanted: number }>`
        update wanted_templates
           set attempts = attempts + 1, due_at = now() + least(30 * power(2, least(attempts, 6)), 600) * interval '1 second'
         where channel_id = (select channel_id from wanted_templates where due_at <= now()
                              order by due_at limit 1 for update skip locked)
        returning channel_id as "channelId", wanted`.execute(database);
      return rows[0];
    },
    async done(channelId, wanted) {
      await sql`delete from wanted_templates where channel_id = ${channelId} and wanted = ${wanted}`.execute(database);
    },
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
