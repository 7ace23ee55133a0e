// An agent's stream, read in the background.
import { onTestFinished } from 'vitest';
import type { ChatCenter, ToldEvent } from '../../client/index.js';
import { until } from './until.js';

type Named<E extends ToldEvent['event']> = Extract<ToldEvent, { event: E }>;

export interface Watch {
  /** All that has come so far, in order. */
  told: readonly ToldEvent[];
  /** The first event of this name that satisfies, once it has come. */
  first<E extends ToldEvent['event']>(event: E, satisfies?: (told: Named<E>) => boolean): Promise<Named<E>>;
  /** Resolves when the service has ended the stream. */
  ended: Promise<void>;
  leave(): Promise<void>;
}

/** Until the test is over, or the service ends it; its first queue has come. */
export async function watch(chatCenter: ChatCenter, agentId: string, lastEventId?: string): Promise<Watch> {
  const told: ToldEvent[] = [];
  const leaving = new AbortController();
  const read = async () => {
    for await (const one of chatCenter.events(agentId, { signal: leaving.signal, lastEventId })) told.push(one);
  };
  const ended = read().catch((error: unknown) => {
    if (!leaving.signal.aborted) throw error;
  });
  const leave = () => {
    leaving.abort();
    return ended;
  };
  onTestFinished(() => leave().catch(() => {}));
  const first: Watch['first'] = async (event, satisfies = () => true) => {
    const found = () => told.find((one): one is Named<typeof event> => one.event === event && satisfies(one as never));
    await Promise.race([until(async () => found() !== undefined, Boolean), ended]);
    const one = found();
    if (one === undefined) throw new Error(`the stream has ended without ${event}`);
    return one;
  };
  await first('queue');
  return { told, first, ended, leave };
}
