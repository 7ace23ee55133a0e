// Server-Sent Events that say how things are rather than what happened: a reader who is slow misses steps, not the end,
// and costs no more memory than one who is quick.
import type { ServerResponse } from 'node:http';
import type { Context } from 'hono';
import { type SSEMessage, streamSSE } from 'hono/streaming';
import type { Logger } from 'pino';
import { problemOf } from './faults.js';
import type { ApiVariables } from './route.js';

export type Put = (message: SSEMessage) => Promise<void>;

export interface Source {
  /** @param ring when there is something to tell @param end when nothing more will come @returns how to stop watching */
  watch(ring: () => void, end: () => void): () => void;
  /** Tells all that is due; what could not be told stays due. @returns whether anything was */
  tell(put: Put): Promise<boolean>;
}

interface Pace {
  /** The longest silence, in ms. */
  heartbeat: number;
  /** How long one event may be on its way into the connection, in ms; then the reader is let go. */
  longestWrite: number;
}

const PACE: Pace = { heartbeat: 15_000, longestWrite: 30_000 };
const AWAY_PAUSE = 1_000; // ms

export function eventStream(context: Context<ApiVariables>, source: Source, log: Logger, pace = PACE): Response {
  const { outgoing } = (context.env ?? {}) as { outgoing?: ServerResponse };
  const response = streamSSE(context, async (stream) => {
    const bell = createBell();
    let isWriting = false;
    const letGo = () => {
      stream.abort(); // what is being written ends with it
      outgoing?.destroy();
    };
    const stopWatching = source.watch(bell.ring, () => {
      bell.end();
      if (isWriting) letGo();
    });
    stream.onAbort(bell.end);
    const within = async (write: () => Promise<unknown>) => {
      if (bell.hasEnded()) return;
      const late = setTimeout(letGo, pace.longestWrite);
      isWriting = true;
      await write();
      isWriting = false;
      clearTimeout(late);
    };
    /** In ms, how long to wait for news. */
    const turn = async (): Promise<number> => {
      try {
        const hasTold = await source.tell((message) => within(() => stream.writeSSE(message)));
        if (!hasTold) await within(() => stream.write(':\n\n'));
        return pace.heartbeat;
      } catch (error) {
        if (problemOf(error).code === 'UNAVAILABLE') return AWAY_PAUSE;
        throw error;
      }
    };
    try {
      while (!bell.hasEnded()) await bell.heard(await turn());
    } catch (error) {
      const { name, stack } = error instanceof Error ? error : new Error(String(error));
      log.error({ requestId: context.var.requestId, name, stack }, 'fault in a stream');
    } finally {
      stopWatching();
    }
  });
  response.headers.set('cache-control', 'no-store');
  response.headers.set('connection', 'close'); // the stream ends with its connection, and the process need not wait for it
  response.headers.set('x-accel-buffering', 'no');
  return response;
}

/** Remembers that it has rung, not how often. */
function createBell() {
  let [isRung, isOver] = [false, false];
  let wake = () => {};
  return {
    hasEnded: () => isOver,
    ring() {
      isRung = true;
      wake();
    },
    end() {
      isOver = true;
      wake();
    },
    /** Until it has rung or ended, at most so many ms. */
    async heard(ms: number): Promise<void> {
      if (!isRung && !isOver) {
        await new Promise<void>((resolve) => {
          const late = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(late);
            resolve();
          };
        });
      }
      isRung = false;
    },
  };
}
