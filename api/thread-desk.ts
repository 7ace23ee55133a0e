// Commands of agents and systems to a thread: who gives them is read once, the thread's machine says whether they may.
import {
  type WorkflowClient,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import type { Thread, TransferTarget } from '../domain/contracts/thread.js';
import { type Actor, THREAD_IS_OVER, type ThreadCommand } from '../domain/thread-command.js';
import { transferRefusals } from '../domain/transfer.js';
import type { AgentStore } from '../store/agent.js';
import type { ThreadStore } from '../store/thread.js';
import type { Bearer } from '../store/token.js';
import type { TransferStore } from '../store/transfer.js';
import { clientBlockedSignal, commandUpdate, refusalIn, threadWorkflowId } from '../workflows/messages.js';
import { invalid, notFound, ProblemError, RefusedError } from './problem.js';
import { actsFor } from './route.js';

export interface ThreadDeskParts {
  threads: ThreadStore;
  agents: Pick<AgentStore, 'find'>;
  transfers: TransferStore;
  workflows: WorkflowClient;
}

type Wish =
  | { type: 'agent.took' | 'agent.opened' }
  | { type: 'agent.transferred'; target: TransferTarget; comment?: string | undefined }
  | { type: 'agent.closed' | 'agent.blocked'; comment?: string | undefined };

export interface ThreadDesk {
  find(threadId: string): Promise<Thread>;
  /** @param agentId in whose name a backend system acts @throws FORBIDDEN for another agent than the token's */
  actorOf(bearer: Bearer, agentId: string | undefined): Promise<Actor>;
  /** The client has been blocked on these channels, or as a whole: their active thread closes (requirements, section 5). */
  clientBlocked(clientId: string, channelIds?: string[]): Promise<void>;
  /** The thread as it is afterwards. @param commandId equal on every repeat @throws RefusedError when a rule forbids it now */
  command(threadId: string, commandId: string, actor: Actor, wish: Wish): Promise<Thread>;
}

const LONGEST_WAIT = 20_000; // ms

export function createThreadDesk({ threads, agents, transfers, workflows }: ThreadDeskParts): ThreadDesk {
  const find = async (threadId: string) => {
    const thread = await threads.find(threadId);
    if (thread === undefined) throw notFound('thread', threadId);
    return thread;
  };
  return {
    find,

    async actorOf(bearer, given) {
      const agentId = given ?? bearer.agentId;
      if (agentId === undefined) return { kind: 'SYSTEM' };
      actsFor(bearer, agentId);
      const agent = await agents.find(agentId);
      if (agent === undefined) throw notFound('agent', agentId);
      const { status, groupIds, skillIds, departmentId } = agent;
      const kind = bearer.role === 'supervisor' ? 'SUPERVISOR' : 'AGENT';
      return { kind, agentId, status, groupIds, skillIds, ...(departmentId !== undefined && { departmentId }) };
    },

    async clientBlocked(clientId, channelIds) {
      try {
        const blocked = channelIds === undefined ? {} : { channelIds };
        await workflows.getHandle(threadWorkflowId(clientId)).signal(clientBlockedSignal, blocked);
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error; // there is no active thread
      }
    },

    async command(threadId, commandId, actor, wish) {
      if (actor.kind === 'SYSTEM' && (wish.type === 'agent.took' || wish.type === 'agent.opened'))
        throw invalid([{ path: 'agentId', message: 'is needed: a thread is taken and opened by an agent' }]);
      const { clientId, channelId, state } = await find(threadId);
      if (state === 'CLOSED' && !(await threads.isEndedBy(channelId, commandId)))
        throw new RefusedError([THREAD_IS_OVER]);
      if (wish.type === 'agent.transferred') {
        const by = actor.kind === 'SYSTEM' ? undefined : actor.agentId;
        const [refusal, ...others] = transferRefusals(wish, by, await transfers.isKnown(wish.target));
        if (refusal !== undefined) throw new RefusedError([refusal, ...others]);
      }
      const noted = 'comment' in wish ? await note(threadId, commandId, wish.comment) : {};
      await give({ clientId, channelId }, { ...commandOf(wish), ...noted, commandId, threadId, actor });
      return find(threadId);
    },
  };

  /** What agents write stays in the database (INV19). */
  async function note(threadId: string, noteId: string, text: string | undefined): Promise<{ noteId?: string }> {
    if (text === undefined || text.trim() === '') return {};
    await threads.addNote({ noteId, threadId, text });
    return { noteId };
  }

  async function give(
    { clientId, channelId }: Pick<Thread, 'clientId' | 'channelId'>,
    command: ThreadCommand,
  ): Promise<void> {
    const running = workflows.getHandle(threadWorkflowId(clientId));
    try {
      await workflows.withDeadline(Date.now() + LONGEST_WAIT, () =>
        running.executeUpdate(commandUpdate, { updateId: command.commandId, args: [command] }),
      );
    } catch (error) {
      // Carried out before, and the answer was lost with the thread's end.
      if (error instanceof WorkflowNotFoundError && (await threads.isEndedBy(channelId, command.commandId))) return;
      throw (await meaningOf(error, command.threadId)) ?? error;
    }
  }

  async function meaningOf(error: unknown, threadId: string): Promise<Error | undefined> {
    if (error instanceof WorkflowUpdateFailedError) {
      const refusal = refusalIn(error.cause);
      return refusal && new RefusedError([refusal]);
    }
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError)
      return new ProblemError('UNAVAILABLE', 'no worker has answered in time; look at the thread and ask again');
    if (!(error instanceof WorkflowNotFoundError)) return undefined;
    const { state } = await find(threadId);
    return state === 'CLOSED'
      ? new RefusedError([THREAD_IS_OVER])
      : new ProblemError('UNAVAILABLE', 'the thread was ended by hand and is being repaired; ask again');
  }
}

const commandOf = (wish: Wish) =>
  wish.type === 'agent.transferred' ? { type: wish.type, target: wish.target } : { type: wish.type };
