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
  'delete /v1/agents/{agentId}': directory,
  'put /v1/groups/{id}': settings,
  'get /v1/groups/{id}': everyone,
  'get /v1/groups': everyone,
  'delete /v1/groups/{id}': settings,
  'put /v1/skills/{id}': settings,
  'get /v1/skills/{id}': everyone,
  'get /v1/skills': everyone,
  'delete /v1/skills/{id}': settings,
  'put /v1/departments/{id}': settings,
  'get /v1/departments/{id}': everyone,
  'get /v1/departments': everyone,
  'delete /v1/departments/{id}': settings,
  'put /v1/bots/{id}': settings,
  'get /v1/bots/{id}': everyone,
  'get /v1/bots': everyone,
  'delete /v1/bots/{id}': settings,
  'put /v1/response-templates/{id}': settings,
  'get /v1/response-templates/{id}': everyone,
  'get /v1/response-templates': everyone,
  'delete /v1/response-templates/{id}': settings,
  'put /v1/channels/{channelId}': settings,
  'get /v1/channels/{channelId}': everyone,
  'get /v1/channels': everyone,
  'delete /v1/channels/{channelId}': settings,
  'put /v1/channels/{channelId}/templates/{templateId}': settings,
  'get /v1/channels/{channelId}/templates/{templateId}': everyone,
  'get /v1/channels/{channelId}/templates': everyone,
  'delete /v1/channels/{channelId}/templates/{templateId}': settings,
  'post /v1/channels/{channelId}/templates/sync': settings,
  'put /v1/clients/{clientId}': directory,
  'get /v1/clients/{clientId}': everyone,
  'get /v1/clients': everyone,
  'post /v1/clients': everyone,
  'get /v1/clients/{clientId}/channels': everyone,
  'get /v1/clients/{clientId}/history': everyone,
  'post /v1/attachments': senders,
  'get /v1/attachments/{attachmentId}': everyone,
  'put /v1/settings': settings,
  'get /v1/settings': everyone,
  'delete /v1/settings': settings,
  'post /v1/sends': senders,
  'get /v1/sends/{sendId}': everyone,
  'get /v1/sends': everyone,
  'get /v1/threads/{threadId}': everyone,
} as const satisfies Record<string, readonly Role[]>;

export type RouteKey = keyof typeof ACCESS;
