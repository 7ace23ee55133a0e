// What a bot is told of the thread that it is handed.
import type { BotDesk } from '../activities/ports.js';
import type { Database } from './database.js';
import type { HistoryStore } from './history.js';
import { commentOf } from './thread.js';

const HISTORY = 20; // entries

export const createBotDesk = (database: Database, history: Pick<HistoryStore, 'list'>): BotDesk => ({
  async taskFor({ threadId, clientId, channelId, botId, ...written }) {
    const bot = await database.selectFrom('bots').select('body').where('bot_id', '=', botId).executeTakeFirst();
    if (bot === undefined || !bot.body.enabled) return undefined;
    const comment = await commentOf(database, written);
    const { items } = await history.list(clientId, { limit: HISTORY });
    return {
      url: bot.body.url,
      task: { threadId, clientId, channelId, ...(comment !== undefined && { comment }), history: items },
    };
  },
});
