// What the harness itself knows: every operation with its start, its end and its answer, written down by its caller.
import type { Refusal } from '../../../domain/contracts/refusal.js';
import type { Verdict } from '../../../domain/contracts/outgoing-send.js';

export type Kind = 'send' | 'message' | 'take' | 'open' | 'reply' | 'transfer' | 'close' | 'block';

export type Answer =
  | { outcome: 'made'; sendId: string; threadId: string | null; verdict: Verdict }
  /** A command was carried out. */
  | { outcome: 'done' }
  /** A client's message was acknowledged. */
  | { outcome: 'taken' }
  | { outcome: 'refused'; refusals: Refusal[] }
  | { outcome: 'fault'; status: number; words: string };

export interface Asked {
  clientId: string;
  kind: Kind;
  who: string;
  channelId?: string;
  /** Of a command. */
  threadId?: string;
  /** Of a message; nobody else writes the same. */
  text?: string;
  /** Of a send: what its thread becomes. */
  action?: 'CLOSE' | 'ASSIGN_TO_ME' | 'TRANSFER';
  /** Of a transfer. */
  target?: string;
}

/** Times in ms since the epoch, on a clock that never goes back. */
export interface Operation extends Asked {
  startedAt: number;
  endedAt?: number;
  answer?: Answer;
}

export interface OperationLog {
  operations: readonly Operation[];
  during(asked: Asked, work: () => Promise<Answer>): Promise<Answer>;
  /** Once nobody waits for an answer any more. */
  untilAnswered(): Promise<void>;
}

export function createLog(): OperationLog {
  const origin = Date.now() - performance.now();
  const now = () => origin + performance.now();
  const operations: Operation[] = [];
  const waiting = new Set<Promise<Answer>>();
  return {
    operations,
    async during(asked, work) {
      const operation: Operation = { ...asked, startedAt: now() };
      operations.push(operation);
      const answering = work();
      waiting.add(answering);
      try {
        operation.answer = await answering;
        operation.endedAt = now();
        return operation.answer;
      } finally {
        waiting.delete(answering);
      }
    },
    async untilAnswered() {
      while (waiting.size > 0) await Promise.allSettled(waiting);
    },
  };
}
