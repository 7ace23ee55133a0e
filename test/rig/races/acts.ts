// What agents, backend systems and clients do in a race, each written into the log with its answer.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Refusal } from '../../../domain/contracts/refusal.js';
import type { Send } from '../../../domain/contracts/outgoing-send.js';
import type { TransferTarget } from '../../../domain/contracts/thread.js';
import { tell } from '../../../scripts/simulator.js';
import type { Service } from '../service.js';
import { until } from '../until.js';
import type { Answer, Asked, OperationLog } from './log.js';

export interface RaceClient {
  clientId: string;
  /** On the web chat. */
  address: string;
  phone: string;
}

type Wire = 'web' | 'whatsapp';
type Agent = 'anna' | 'boris' | 'vera';
type Action = NonNullable<Asked['action']>;
type Command = 'take' | 'open' | 'transfer' | 'close' | 'block';

const CHANNEL = { web: 'web-race', whatsapp: 'wa-main' } as const;

interface Acts {
  send(client: RaceClient, agent: Agent, action: Action, wire?: Wire): Promise<Answer>;
  write(client: RaceClient, wire?: Wire): Promise<Answer>;
  /** Writes and returns once the thread has been told. */
  writeAndArrive(client: RaceClient, wire?: Wire): Promise<void>;
  command(client: RaceClient, agent: Agent, name: Command, threadId: string, target?: TransferTarget): Promise<Answer>;
  reply(client: RaceClient, agent: Agent, threadId: string): Promise<Answer>;
}

export interface Chat {
  acts: Acts;
  /** The newest thread that is written down. */
  threadOf(client: RaceClient): Promise<string>;
  newClient(ending?: string): Promise<RaceClient>;
}

/** Away, out of resources, or asked a moment ago: to be asked again under the same key. */
const isUndecided = ({ status, body }: { status: number; body: unknown }): boolean =>
  status === 503 || status === 429 || (body as { code?: string }).code === 'IDEMPOTENCY_IN_PROGRESS';

const PATIENCE = 90_000; // ms; a caller asks again under the same key
const PAUSE = 100; // ms

let counter = 0;

/** Opens the chat center of the races: a web chat of their own, a group, a supervisor. */
export async function openChat(service: Service, log: OperationLog): Promise<Chat> {
  const { operator } = service;
  await operator.putGroup('sales', { name: 'Sales' });
  for (const agentId of ['anna', 'boris', 'vera'])
    await operator.putAgent(agentId, {
      name: agentId,
      login: agentId,
      status: 'ACTIVE',
      groupIds: ['sales'],
      skillIds: [],
    });
  await operator.putChannel('web-race', {
    type: 'WEB_CHAT',
    name: 'Races',
    enabled: true,
    provider: { kind: 'INTERNAL' },
    templatePolicy: 'NEVER',
    attachments: { allowed: false, maxCount: 0, maxBytes: 0, types: [] },
    maxText: 2000,
  });
  const tokens = {
    anna: (await service.as('agent', 'anna')).token,
    boris: (await service.as('agent', 'boris')).token,
    vera: (await service.as('supervisor', 'vera')).token,
    crm: (await service.as('integrator')).token,
  };
  const stamp = String(Date.now() % 1_000_000).padStart(6, '0');

  /** Asks under one key until it is answered: neither away nor out of resources. */
  async function ask(who: keyof typeof tokens, path: string, body: object): Promise<{ status: number; body: unknown }> {
    const key = randomUUID();
    const headers = {
      authorization: `Bearer ${tokens[who]}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    };
    const once = async () => {
      try {
        const response = await fetch(`${service.api}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
        return { status: response.status, body: await response.json() };
      } catch (error) {
        return { status: 503, body: String(error) };
      }
    };
    const giveUpAt = performance.now() + PATIENCE;
    for (;;) {
      const answer = await once();
      if (!isUndecided(answer) || performance.now() > giveUpAt) return answer;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  function answerOf({ status, body }: { status: number; body: unknown }, made: () => Answer): Answer {
    if (status < 300) return made();
    const { refusals } = body as { refusals?: Refusal[] };
    return status === 409 && refusals !== undefined
      ? { outcome: 'refused', refusals }
      : { outcome: 'fault', status, words: JSON.stringify(body) };
  }
  const madeOf = (body: unknown): Answer => {
    const { sendId, threadId, verdict } = body as Send;
    return { outcome: 'made', sendId, threadId, verdict };
  };

  const text = { kind: 'TEXT', text: 'Your order is ready.' };
  const template = {
    kind: 'TEMPLATE',
    templateId: 'order-ready',
    variables: { 'header.1': 'A-1042', '1': '18:00' },
  };

  const write = ({ clientId, address, phone }: RaceClient, wire: Wire, words: string): Promise<Answer> =>
    log.during({ clientId, kind: 'message', who: 'client', channelId: CHANNEL[wire], text: words }, async () => {
      if (wire === 'whatsapp') {
        await tell(service.simulator, 'POST', '/_inbound', {
          provider: 'PULSE',
          subjectId: 3391,
          from: phone,
          text: words,
        });
        await until(() => isStored(words), Boolean, PATIENCE); // the provider repeats until our webhook has answered 200
        return { outcome: 'taken' };
      }
      const body = { messageId: randomUUID(), address, text: words };
      const answer = await ask('crm', `/v1/channels/${CHANNEL.web}/inbound`, body);
      return answerOf(answer, () => ({ outcome: 'taken' }));
    });
  const inboxOf = (words: string) =>
    service.database
      .selectFrom('inbox')
      .select('relayed_at')
      .where(sql<boolean>`fact->>'text' = ${words}`)
      .executeTakeFirst();
  const isStored = async (words: string) => (await inboxOf(words).catch(() => undefined)) !== undefined;

  const acts: Acts = {
    send: ({ clientId }, agent, action, wire = 'web') =>
      log.during({ clientId, kind: 'send', who: agent, channelId: CHANNEL[wire], action }, async () => {
        const target = action === 'TRANSFER' ? { target: { kind: 'GROUP', id: 'sales' } } : {};
        const content = wire === 'web' ? text : template;
        const body = {
          clientId,
          agentId: agent,
          channelId: CHANNEL[wire],
          content,
          action: { kind: action, ...target },
        };
        const answer = await ask(agent, '/v1/sends', body);
        return answerOf(answer, () => madeOf(answer.body));
      }),

    write: (client, wire = 'web') => write(client, wire, randomUUID()),

    async writeAndArrive(client, wire = 'web') {
      const words = randomUUID();
      await write(client, wire, words);
      await until(
        () => inboxOf(words),
        (row) => row?.relayed_at != null,
      );
    },

    command: ({ clientId }, agent, name, threadId, target) =>
      log.during(
        {
          clientId,
          kind: name,
          who: agent,
          threadId,
          channelId: CHANNEL.web,
          ...(target && { target: target.id }),
        },
        async () => {
          const body = target === undefined ? {} : { target };
          return answerOf(await ask(agent, `/v1/threads/${threadId}/${name}`, body), () => ({ outcome: 'done' }));
        },
      ),

    reply: ({ clientId }, agent, threadId) =>
      log.during({ clientId, kind: 'reply', who: agent, threadId }, async () => {
        const answer = await ask(agent, `/v1/threads/${threadId}/messages`, { content: text });
        return answerOf(answer, () => madeOf(answer.body));
      }),
  };

  return {
    acts,

    async threadOf({ clientId }) {
      const newest = () =>
        service.database
          .selectFrom('threads')
          .select('thread_id')
          .where('client_id', '=', clientId)
          .orderBy('position', 'desc')
          .executeTakeFirst()
          .catch(() => undefined);
      const thread = await until(newest, (found) => found !== undefined, PATIENCE);
      return thread?.thread_id ?? '';
    },

    async newClient(ending = '1234') {
      counter += 1;
      const place = String(counter).padStart(5, '0');
      const client = {
        clientId: `race-${stamp}-${place}`,
        address: `visitor-${stamp}-${place}`,
        phone: `4${stamp.slice(2)}${place}${ending}`,
      };
      const put = () =>
        operator.putClient(client.clientId, {
          name: 'Mila',
          phone: client.phone,
          blocked: false,
          identities: [{ channelId: CHANNEL.web, address: client.address, blocked: false, origin: 'AGENT' }],
        });
      await until(
        () => put().catch(() => undefined),
        (made) => made !== undefined,
        PATIENCE,
      );
      return client;
    },
  };
}
