// What providers tell us, in their own formats: verified over the raw body, durable, and only then answered (INV11, INV20).
import { bodyLimit } from 'hono/body-limit';
import { Hono } from 'hono';
import { isAuthentic, readWebhook } from '../../channels/edna-pulse/index.js';
import { Id } from '../../domain/contracts/identifier.js';
import type { ChannelStore } from '../../store/channel.js';
import type { InboxStore } from '../../store/inbox.js';
import { invalid, notFound, ProblemError } from '../problem.js';
import { bodyTooLarge } from '../limits.js';
import type { ApiVariables } from '../route.js';

const WEBHOOK_LIMIT = 4 * 1024 * 1024; // bytes

export function webhookRoutes(channels: ChannelStore, inbox: InboxStore) {
  const requirePulse = async (channelId: string): Promise<void> => {
    const channel = Id.safeParse(channelId).success ? await channels.find(channelId) : undefined;
    if (channel?.provider.kind !== 'PULSE') throw notFound('webhook of channel', channelId);
  };
  const webhookKeyOf = async (channelId: string): Promise<string> => {
    await requirePulse(channelId);
    const channel = await channels.open(channelId);
    if (channel?.provider.kind !== 'PULSE') throw notFound('webhook of channel', channelId);
    return channel.provider.webhookKey;
  };
  return new Hono<ApiVariables>()
    .get('/webhooks/:channelId', async (context) => {
      await requirePulse(context.req.param('channelId'));
      return context.body(null, 200); // Pulse asks without authentication before it accepts the address
    })
    .post('/webhooks/:channelId', bodyLimit({ maxSize: WEBHOOK_LIMIT, onError: bodyTooLarge }), async (context) => {
      const channelId = context.req.param('channelId');
      if (!isAuthentic(context.req.raw.headers, await webhookKeyOf(channelId))) {
        throw new ProblemError('UNAUTHENTICATED', 'the webhook key is missing or wrong');
      }
      await inbox.put(channelId, readWebhook(parsed(await context.req.text())));
      return context.body(null, 200);
    });
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw invalid([{ path: '', message: 'the body is not JSON' }]);
  }
}
