// Who may call what: the one table (SEC02). A route without a line here does not compile.
import type { Role } from '../store/token.js';

const everyone: readonly Role[] = ['integrator', 'agent', 'supervisor', 'operator'];
const settings: readonly Role[] = ['operator'];
const directory: readonly Role[] = ['operator', 'integrator'];
const senders: readonly Role[] = ['integrator', 'agent', 'supervisor'];

export const ACCESS = {
  'put /v1/agents/{agentId}': directory,
  'put /v1/agents/{agentId}/status': directory,
  'get /v1/agents/{agentId}': everyone,
  'get /v1/agents': everyone,
  'put /v1/channels/{channelId}': settings,
  'get /v1/channels/{channelId}': everyone,
  'get /v1/channels': everyone,
  'put /v1/channels/{channelId}/templates/{templateId}': settings,
  'get /v1/channels/{channelId}/templates/{templateId}': everyone,
  'get /v1/channels/{channelId}/templates': everyone,
  'put /v1/clients/{clientId}': directory,
  'get /v1/clients/{clientId}': everyone,
  'get /v1/clients': everyone,
  'get /v1/clients/{clientId}/history': everyone,
  'put /v1/settings': settings,
  'get /v1/settings': everyone,
  'post /v1/sends': senders,
  'get /v1/sends/{sendId}': everyone,
  'get /v1/sends': everyone,
  'get /v1/threads/{threadId}': everyone,
} as const satisfies Record<string, readonly Role[]>;

export type RouteKey = keyof typeof ACCESS;
