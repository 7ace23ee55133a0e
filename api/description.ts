import type { OpenAPIHono } from '@hono/zod-openapi';
import type { ApiVariables } from './route.js';

/** `GET /openapi.json`: the API as its own contracts describe it. */
export function describe(app: OpenAPIHono<ApiVariables>): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'Outgoing messages',
      version: '1.0.0',
      description: 'An agent of a chat center writes first to a client. Refusals and problems: docs/refusals.md.',
    },
    servers: [{ url: '/' }],
  });
}
