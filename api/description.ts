import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { ApiVariables } from './route.js';

/** `GET /openapi.json`: the API as its own contracts describe it; `GET /docs`: the same for people. */
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
  app.get('/docs', (context) => context.html(PAGE, 200, { 'content-security-policy': POLICY }));
  app.get('/docs/start.js', (context) => context.body(START, 200, { 'content-type': 'text/javascript' }));
  for (const [file, type] of Object.entries(FILES)) {
    app.get(`/docs/${file}`, async (context) =>
      context.body(await readFile(join(FOLDER, file)), 200, { 'content-type': type, 'cache-control': 'max-age=3600' }),
    );
  }
}

const FOLDER = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const FILES = { 'swagger-ui.css': 'text/css', 'swagger-ui-bundle.js': 'text/javascript' } as const;

// Nothing leaves the origin; the library sets styles of its own.
const POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:";
const START = "SwaggerUIBundle({ url: '/openapi.json', dom_id: '#docs', validatorUrl: null });";
const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>Outgoing messages: API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
  </head>
  <body>
    <div id="docs"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>`;
