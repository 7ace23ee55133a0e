import { z } from 'zod';
import { ClientChannel } from '../domain/contracts/client-channel.js';
import { Id } from '../domain/contracts/identifier.js';
import { type Availability, availabilityOf, type Holding } from '../domain/eligibility.js';
import type { AgentStore } from '../store/agent.js';
import type { ClientStore } from '../store/client.js';
import type { Database } from '../store/database.js';
import { type ChannelReading, readClientChannels } from '../store/situation.js';
import { notFound } from './problem.js';
import { json, mayAskAbout, newRoutes, params, problem, problems, route } from './route.js';

export interface ClientChannelParts {
  database: Database;
  clients: Pick<ClientStore, 'find'>;
  agents: Pick<AgentStore, 'find'>;
}

export const clientChannelRoutes = ({ database, clients, agents }: ClientChannelParts) =>
  newRoutes().openapi(
    route('get /v1/clients/{clientId}/channels', {
      summary: 'Every channel: available to this client now or not, why, until when, and what may be written (E4)',
      request: { ...params('clientId'), query: z.strictObject({ agentId: Id.optional() }) },
      responses: {
        200: { description: 'All channels, newest first', ...json(z.object({ items: z.array(ClientChannel) })) },
        404: problem('Unknown client or agent'),
        ...problems,
      },
    }),
    async (context) => {
      const { clientId } = context.req.valid('param');
      const { agentId } = context.req.valid('query');
      mayAskAbout(context.var.bearer, agentId);
      if ((await clients.find(clientId)) === undefined) throw notFound('client', clientId);
      const agent = agentId === undefined ? undefined : await agents.find(agentId);
      if (agentId !== undefined && agent === undefined) throw notFound('agent', agentId);
      const { channels, holding } = await readClientChannels(database, clientId, agent && { status: agent.status });
      return context.json({ items: channels.map((channel) => shown(channel, holding)) }, 200);
    },
  );

function shown({ channelId, name, situation }: ChannelReading, holding: Holding | undefined): ClientChannel {
  const { address = null, refusals, until, window, compose } = availabilityOf(situation, holding);
  return {
    channelId,
    type: situation.channel.type,
    name,
    address,
    available: refusals.length === 0,
    refusals,
    ...(until !== undefined && { until: instant(until) }),
    ...(window !== undefined && { window: windowShown(window) }),
    compose,
  };
}

const windowShown = ({ open, closesAt }: NonNullable<Availability['window']>) => ({
  open,
  ...(closesAt !== undefined && { closesAt: instant(closesAt) }),
});

/** Rounded up, so that at the instant that is told the change has happened. */
const instant = (ms: number): string => new Date(Math.ceil(ms)).toISOString();
