import type { AgentStatus } from './contracts/agent.js';

const MAY_SEND: readonly AgentStatus[] = ['ACTIVE', 'OUT', 'FINISHING'];

/** R1, whatever the agent wants to begin: a message, or a thread that nobody holds. */
export const maySend = (status: AgentStatus): boolean => MAY_SEND.includes(status);
