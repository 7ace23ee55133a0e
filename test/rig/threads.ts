// What agents and systems do with threads, over the wire, with the answer as it comes.
import type { Thread } from '../../domain/contracts/thread.js';
import type { Action } from '../../domain/contracts/outgoing-send.js';
import type { Role } from '../../store/token.js';
import { aPerson, aTemplateSend, type Person } from './people.js';
import { make } from './sends.js';
import type { Service } from './service.js';
import { clientWrites } from './simulator.js';
import { until } from './until.js';

export interface Said {
  status: number;
  body: Record<string, unknown>;
}

export type Command = 'take' | 'open' | 'messages' | 'transfer' | 'close' | 'block';

/** @param who by whose token; a backend system's without */
export async function tellThread(
  service: Service,
  threadId: string,
  command: Command,
  body: object = {},
  who: { role: Role; agentId?: string } = { role: 'integrator' },
): Promise<Said> {
  const { token } = await service.as(who.role, who.agentId);
  const response = await fetch(`${service.api}/v1/threads/${threadId}/${command}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Said['body'] };
}

export const by = (agentId: string) => ({ role: 'agent' as const, agentId });

export type WithThread = Person & { threadId: string };

/** A client to whom anna has written, with the thread as the action left it. */
export async function written(service: Service, action: Action, changes = {}): Promise<WithThread> {
  const person = await aPerson(service);
  const { threadId } = await make(service, aTemplateSend(person.clientId, { action, ...changes }));
  if (threadId === null) throw new Error('the send has opened no thread');
  return { ...person, threadId };
}

/**
 * A client who has written, with the new thread.
 * @param ending of the phone, which scripts the simulator
 */
export async function writing(service: Service, text = 'Hello?', ending?: string): Promise<WithThread> {
  const person = await aPerson(service, ending);
  await clientWrites(service, person.phone, text);
  const { items } = await until(
    () => service.crm.history(person.clientId),
    (page) => page.items.some(({ threadId }) => threadId !== undefined),
  );
  return { ...person, threadId: items[0]?.threadId ?? '' };
}

export const untilThread = (
  { crm }: Service,
  threadId: string,
  holds: (thread: Thread) => boolean,
  deadline?: number,
): Promise<Thread> => until(() => crm.findThread(threadId), holds, deadline);
