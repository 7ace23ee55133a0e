// What can be commanded of a thread in the state in which it is, and why not.
import type { Refusal } from '../domain/contracts/refusal.js';
import type { ThreadCommandName } from '../domain/contracts/thread.js';
import { rightsRefusal, type ThreadCommand } from '../domain/thread-command.js';
import { type ThreadSnapshot, threadMachine } from './thread.js';
import { heldOf } from './thread-context.js';

const NAMES: Record<ThreadCommand['type'], ThreadCommandName> = {
  'agent.took': 'take',
  'agent.opened': 'open',
  'agent.replied': 'reply',
  'agent.transferred': 'transfer',
  'agent.closed': 'close',
  'agent.blocked': 'block',
};

/** The commands that the state takes, whoever gives them. */
export function acceptedCommands(state: ThreadSnapshot['value']): ThreadCommandName[] {
  const events: readonly string[] = threadMachine.states[state]?.ownEvents ?? [];
  return Object.entries(NAMES).flatMap(([type, name]) => (events.includes(type) ? [name] : []));
}

/** Why a command is not taken now; undefined when it is, or was before. */
export function refusalOf(snapshot: ThreadSnapshot, command: ThreadCommand): Refusal | undefined {
  const { value, context } = snapshot;
  if (context.commands.includes(command.commandId)) return undefined;
  const isMeant = command.threadId === context.threadId;
  const accepts = isMeant ? acceptedCommands(value) : [];
  const { agentId } = context;
  const { actor, type } = command;
  const isTaken = isMeant && context.state !== 'OPENING' && context.state !== 'CLOSED';
  if (isTaken && type === 'agent.took' && agentId !== undefined) {
    if (actor.kind === 'SYSTEM' || actor.agentId !== agentId) return { code: 'THREAD_TAKEN', agentId };
  }
  if (!accepts.includes(NAMES[type]))
    return { code: 'EVENT_NOT_ACCEPTED', state: isMeant ? context.state : 'CLOSED', accepts };
  return rightsRefusal(heldOf(context), command);
}
