// What the database's triggers tell on the channel `news`, heard over one connection of the process and handed to those
// who watch an agent.
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { z } from 'zod';

export type AgentNews =
  | { kind: 'thread'; threadId: string }
  | { kind: 'deliveryFailed' }
  /** The connection was away, so anything may have happened (F76). */
  | { kind: 'anything' }
  /** Nothing more will be told. */
  | { kind: 'end' };

type Watcher = (news: AgentNews) => void;

export interface News {
  /** @returns how to stop watching */
  watch(agentId: string, watcher: Watcher): () => void;
  stop(): Promise<void>;
}

const agentIds = z.array(z.string());
const Told = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('thread'), threadId: z.string(), agentIds }),
  z.object({ kind: z.literal('deliveryFailed'), agentIds }),
]);
const Payload = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue('is no JSON');
      return z.NEVER;
    }
  })
  .pipe(Told);

const FIRST_PAUSE = 100; // ms; doubled with each failure
const LONGEST_PAUSE = 5_000; // ms

/** @param onLost is told when the connection breaks or cannot be made; it is tried again until `stop`. */
export function openNews(url: string, onLost: (error: unknown) => void): News {
  const watchers = new Map<string, Set<Watcher>>();
  const stopping = new AbortController();
  const tell = (agentId: string, news: AgentNews) => watchers.get(agentId)?.forEach((watcher) => watcher(news));
  const tellAll = (news: AgentNews) => [...watchers.keys()].forEach((agentId) => tell(agentId, news));

  const hear = (payload: string) => {
    const { data: news } = Payload.safeParse(payload);
    if (news === undefined) return; // of a newer version, while servers are replaced one by one, or by somebody's hand
    for (const agentId of new Set(news.agentIds)) tell(agentId, news);
  };

  const keepListening = async () => {
    let wait = FIRST_PAUSE;
    const begun = () => {
      wait = FIRST_PAUSE;
      tellAll({ kind: 'anything' });
    };
    while (!stopping.signal.aborted) {
      await listen(url, { begun, hear, signal: stopping.signal }).catch(onLost);
      await pause(wait, undefined, { signal: stopping.signal }).catch(() => {});
      wait = Math.min(2 * wait, LONGEST_PAUSE);
    }
  };
  const listening = keepListening();

  return {
    watch(agentId, watcher) {
      if (stopping.signal.aborted) {
        watcher({ kind: 'end' });
        return () => {};
      }
      const own = watchers.get(agentId) ?? new Set();
      watchers.set(agentId, own.add(watcher));
      return () => {
        own.delete(watcher);
        if (own.size === 0 && watchers.get(agentId) === own) watchers.delete(agentId);
      };
    },

    async stop() {
      stopping.abort();
      tellAll({ kind: 'end' });
      await listening;
    },
  };
}

interface Ear {
  begun: () => void;
  hear: (payload: string) => void;
  signal: AbortSignal;
}

const PULSE = 15_000; // ms; a server that vanished without a word is noticed by then
const PATIENCE = 5_000; // ms

/** Until the signal. @throws when the connection is lost */
async function listen(url: string, { begun, hear, signal }: Ear): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'news',
    connectionTimeoutMillis: PATIENCE,
    query_timeout: PATIENCE,
  });
  let stop = () => {};
  const over = new Promise<void>((resolve, reject) => {
    stop = resolve;
    signal.addEventListener('abort', stop);
    client.on('error', reject);
    client.on('end', () => reject(new Error('the connection has ended')));
  });
  over.catch(() => {}); // it may be lost before anybody waits for it
  client.on('notification', ({ payload = '' }) => hear(payload));
  let pulse: NodeJS.Timeout | undefined;
  try {
    await client.connect();
    await client.query('listen news');
    begun();
    pulse = setInterval(
      () => void client.query('select 1').catch((error: Error) => client.emit('error', error)),
      PULSE,
    );
    await over;
  } finally {
    clearInterval(pulse);
    signal.removeEventListener('abort', stop);
    await client.end().catch(() => {});
  }
}
