// What `GET /openapi.json` says: well-formed by the rules of OpenAPI, and of exactly the calls that the access table has.
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ACCESS } from '../../api/access.js';
import { readDescription } from '../rig/fuzz/description.js';
import { type Service, startService } from '../rig/service.js';

let service: Service;
beforeAll(async () => {
  service = await startService({ hasWorker: false });
});
afterAll(() => service.stop());

/** Not ours to keep: the service is not published, and a call is named by its method and path. */
const NOT_OURS = { 'info-license': 'off', 'operation-operationId': 'off' } as const;

it('the description is linted without a complaint', async () => {
  const config = await createConfig({ extends: ['recommended'], rules: NOT_OURS });
  const source = await (await fetch(`${service.api}/openapi.json`)).text();

  const problems = await lintFromString({ source, config });

  expect(problems.map(({ ruleId, message, location }) => `${ruleId} at ${location[0]?.pointer}: ${message}`)).toEqual(
    [],
  );
});

it('each call of the access table is described, and nothing else is (SEC02)', async () => {
  const { operations } = await readDescription(service.api);

  expect([...operations.keys()].toSorted()).toEqual(Object.keys(ACCESS).toSorted());
});

it('the description is readable in a browser, from this origin alone', async () => {
  const page = await fetch(`${service.api}/docs`);
  const html = await page.text();
  const parts = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address = '']) => address);
  const answers = await Promise.all(parts.map((address) => fetch(`${service.api}${address}`)));

  expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
  expect(parts).toHaveLength(3);
  expect(parts.every((address) => address.startsWith('/docs/'))).toBe(true);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
});
