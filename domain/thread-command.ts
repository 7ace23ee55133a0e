// Who may do what to a thread. A command carries whoever gives it, as the directory knew them when it was given.
import type { AgentStatus } from './contracts/agent.js';
import type { Refusal } from './contracts/refusal.js';
import type { CloseReason, ThreadHolder, TransferTarget } from './contracts/thread.js';
import { maySend } from './sender.js';

export type Actor =
  | ({ kind: 'AGENT' | 'SUPERVISOR'; agentId: string; status: AgentStatus } & Membership)
  /** A backend system in its own name: a router, a bot's program, an external call. */
  | { kind: 'SYSTEM' };

export interface Membership {
  groupIds: string[];
  skillIds: string[];
  departmentId?: string | undefined;
}

interface Given {
  commandId: string;
  /** The thread that is meant: the client's active one may be another by now. */
  threadId: string;
  actor: Actor;
}

export type ThreadCommand = Given &
  (
    | { type: 'agent.took' }
    | { type: 'agent.opened' }
    | { type: 'agent.replied'; sendId: string }
    | { type: 'agent.transferred'; target: TransferTarget; noteId?: string }
    | { type: 'agent.closed'; noteId?: string }
    | { type: 'agent.blocked'; noteId?: string }
  );

/** Of a thread, what the rights to it depend on. */
export interface Held {
  agentId: string | undefined;
  target: TransferTarget | undefined;
  holder: ThreadHolder;
}

/** What any command to a closed thread is told. */
export const THREAD_IS_OVER: Refusal = { code: 'EVENT_NOT_ACCEPTED', state: 'CLOSED', accepts: [] };

/** In the state that the command is for; undefined when the actor may. */
export function rightsRefusal(thread: Held, command: ThreadCommand): Refusal | undefined {
  if (command.type === 'agent.took') return isEligible(thread, command.actor) ? undefined : { code: 'NOT_ELIGIBLE' };
  const isOwn = isHeldBy(thread, command.actor);
  const isAllowed =
    isOwn || (command.type === 'agent.replied' ? command.actor.kind === 'SUPERVISOR' : command.actor.kind !== 'AGENT');
  if (!isAllowed) return { code: 'NOT_HOLDER', holder: thread.holder };
  return command.type === 'agent.transferred' && isAlreadyWith(thread, command)
    ? { code: 'TRANSFER_TARGET' }
    : undefined;
}

/** A bot's program acts as a system. */
const isHeldBy = ({ agentId, target }: Held, actor: Actor): boolean =>
  actor.kind === 'SYSTEM' ? agentId === undefined && target?.kind === 'BOT' : agentId === actor.agentId;

/** Of the thread's target, or anyone where there is none; in a status of R1. Supervisors belong everywhere. */
function isEligible({ target }: Held, actor: Actor): boolean {
  if (actor.kind === 'SYSTEM' || !maySend(actor.status)) return false;
  return actor.kind === 'SUPERVISOR' || target === undefined || belongsTo(target, actor);
}

export function belongsTo(target: TransferTarget, { groupIds, skillIds, departmentId }: Membership): boolean {
  switch (target.kind) {
    case 'GROUP':
      return groupIds.includes(target.id);
    case 'SKILL':
      return skillIds.includes(target.id);
    case 'DEPARTMENT':
      return departmentId === target.id;
    case 'EMPLOYEE':
    case 'BOT':
      return false;
  }
}

/** Handing a thread to whom it is with already is handing it to oneself (A26). */
function isAlreadyWith({ agentId, target: current }: Held, { target }: { target: TransferTarget }): boolean {
  return target.kind === 'EMPLOYEE' ? agentId === target.id : current?.kind === target.kind && current.id === target.id;
}

/** Why the thread ends when this actor closes it. */
export function closeReasonOf({ agentId }: Pick<Held, 'agentId'>, actor: Actor): CloseReason {
  if (actor.kind === 'SYSTEM') return 'EXTERNAL_CALL_FORCED_CLOSURE';
  return actor.kind === 'SUPERVISOR' && actor.agentId !== agentId ? 'SUPERVISOR_CLOSED' : 'OPERATOR_CLOSED';
}
