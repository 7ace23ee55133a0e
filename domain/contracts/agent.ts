// Agents: who may send (R1) and in whose name.
import { z } from 'zod';
import { Id, Label } from './identifier.js';

export const AgentStatus = z.enum(['ACTIVE', 'OUT', 'FINISHING', 'INACTIVE', 'OFFLINE']);
export type AgentStatus = z.infer<typeof AgentStatus>;

/** The body of `PUT /v1/agents/{agentId}`: all of the agent. Groups, skills and department may be put later than it. */
export const AgentBody = z.strictObject({
  name: Label,
  login: Label,
  status: AgentStatus,
  inactiveReason: Label.optional(),
  groupIds: z.array(Id).max(1000),
  skillIds: z.array(Id).max(1000),
  departmentId: Id.optional(),
});
export type AgentBody = z.infer<typeof AgentBody>;

export const Agent = AgentBody.extend({ agentId: Id });
export type Agent = z.infer<typeof Agent>;

export const AgentStatusBody = z.strictObject({ status: AgentStatus, reason: Label.optional() });
