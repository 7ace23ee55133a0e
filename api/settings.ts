import { Settings, SettingsBody } from '../domain/contracts/settings.js';
import type { SettingsStore } from '../store/settings.js';
import { body, json, newRoutes, noContent, problems, route } from './route.js';

export const settingsRoutes = (settings: SettingsStore) =>
  newRoutes()
    .openapi(
      route('put /v1/settings', {
        summary: 'Change settings; absent ones keep their value',
        request: body(SettingsBody),
        responses: { 200: { description: 'All settings', ...json(Settings) }, ...problems },
      }),
      async (context) => context.json(await settings.change(context.req.valid('json')), 200),
    )
    .openapi(
      route('get /v1/settings', {
        summary: 'All settings',
        responses: { 200: { description: 'All settings', ...json(Settings) }, ...problems },
      }),
      async (context) => context.json(await settings.read(), 200),
    )
    .openapi(
      route('delete /v1/settings', {
        summary: 'Back to the defaults',
        responses: { ...noContent, ...problems },
      }),
      async (context) => {
        await settings.reset();
        return context.body(null, 204);
      },
    );
