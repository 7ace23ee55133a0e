import { describe, expect, it } from 'vitest';
import { listTemplates } from '../../../channels/edna-pulse/index.js';
import type { MessageTemplateBody } from '../../../domain/contracts/message-template.js';
import { registerTemplates } from '../../../scripts/simulator.js';
import { startRig } from '../../simulator/rig.js';
import { type Answer, says, saysJson, startPulse } from './rig.js';

const account = (baseUrl: string, rest: object = {}) => ({
  baseUrl,
  apiKey: 'secret-key',
  subjectId: 3391,
  timeout: 5_000,
  ...rest,
});

const aListed = (id: number, text: unknown = 'Hello') => ({
  id,
  name: `t${id}`,
  language: 'EN',
  content: { text },
  status: 'APPROVED',
  locked: false,
  type: 'USER',
});

const aBody = (rest: Partial<MessageTemplateBody> = {}): MessageTemplateBody => ({
  name: 'order_ready',
  language: 'en',
  kind: 'USER',
  status: 'APPROVED',
  locked: false,
  body: 'Ready until {{1}}.',
  buttons: [],
  variables: [{ name: '1', kind: 'TEXT' }],
  ...rest,
});

async function listAfter(answer: Answer, rest: object = {}) {
  const { baseUrl } = await startPulse(answer);
  return listTemplates(account(baseUrl, rest));
}

describe('what the account has registered (channels 2.1)', () => {
  it('is listed as it is there, what cannot be chosen too (R19, A14, R23)', async () => {
    const rig = await startRig();
    const bodies = [
      aBody({ header: { type: 'TEXT', text: 'Order' }, footer: 'Northwind' }),
      aBody({ kind: 'OPERATOR' }),
      aBody({ kind: 'CUSTOM', status: 'PAUSED', locked: true }),
      aBody({ header: { type: 'IMAGE' } }),
      aBody({
        buttons: [
          { kind: 'URL', text: 'Open' },
          { kind: 'QUICK_REPLY', text: 'Yes' },
        ],
      }),
    ];
    await registerTemplates(rig.base, 3391, bodies);

    const list = await listTemplates(account(`${rig.base}/pulse`));

    expect(list).toEqual({
      outcome: 'listed',
      templates: bodies.map((body, index) => ({ templateId: `pulse-${51820 + index}`, body })),
      unreadable: 0,
    });
  });

  it('is asked for with our key, of every kind', async () => {
    const { baseUrl, calls } = await startPulse(says(200, '[]'));

    await listTemplates(account(baseUrl));

    expect(calls).toMatchObject([
      {
        path: '/api/message-matchers/get-by-request',
        headers: { 'content-type': 'application/json', 'x-api-key': 'secret-key' },
        body: { subjectId: 3391, matcherTypes: ['OPERATOR', 'USER', 'CUSTOM'] },
      },
    ]);
  });

  it('an element that cannot be read is counted, and does not lose its neighbours', async () => {
    const list = await listAfter(saysJson(200, [aListed(1), null, aListed(2, null), { poison: [[]] }, aListed(3)]));

    expect(list).toMatchObject({ templates: [{ templateId: 'pulse-1' }, { templateId: 'pulse-3' }], unreadable: 3 });
  });

  it('may be long', async () => {
    const many = Array.from({ length: 4_000 }, (_, id) => aListed(id, 'x'.repeat(500)));

    const list = await listAfter(saysJson(200, many));

    expect(list.outcome === 'listed' && list.templates).toHaveLength(4_000);
  });
});

describe('a list that is refused', () => {
  it.each([
    { status: 400, body: { title: 'error-subject-unknown', detail: 'no' }, code: 'SENDER_ACCOUNT_PROBLEM' },
    { status: 401, body: {}, code: 'SENDER_ACCOUNT_PROBLEM' },
    { status: 404, body: {}, code: 'PROVIDER_ERROR' },
    { status: 422, body: { title: 'never-seen' }, code: 'UNKNOWN' },
  ])('$status $body is $code', async ({ status, body, code }) => {
    expect(await listAfter(saysJson(status, body))).toMatchObject({ outcome: 'refused', failure: { code } });
  });

  it('is told by the simulator for a subject that it does not know', async () => {
    const rig = await startRig();

    expect(await listTemplates(account(`${rig.base}/pulse`, { subjectId: 1 }))).toMatchObject({
      outcome: 'refused',
      failure: { code: 'SENDER_ACCOUNT_PROBLEM', providerCode: 'error-subject-unknown' },
    });
  });
});

describe('a list that cannot be had now (INV7)', () => {
  const stops: Answer = (response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('[{"id"', () => response.destroy());
  };

  const answers: { what: string; answer: Answer }[] = [
    { what: 'HTML', answer: says(200, '<html>fine</html>') },
    { what: 'nothing', answer: says(200) },
    { what: 'broken JSON', answer: says(200, '[{"id":') },
    { what: 'an object', answer: saysJson(200, { code: 'ok' }) },
    { what: 'a list of more than 4 MiB', answer: says(200, JSON.stringify(['x'.repeat(4 * 2 ** 20)])) },
    { what: 'a list that breaks off', answer: stops },
    { what: '400 error-system', answer: saysJson(400, { code: 'error-system' }) },
    { what: '408', answer: says(408) },
    { what: '429', answer: says(429, '', { 'retry-after': '1' }) },
    { what: '500', answer: says(500) },
    { what: '503', answer: says(503, '<html>busy</html>') },
    { what: 'a broken connection', answer: (_, request) => request.socket.destroy() },
  ];

  it.each(answers)('$what', async ({ answer }) => {
    expect(await listAfter(answer)).toMatchObject({ outcome: 'away', failure: { code: expect.any(String) } });
  });

  it('silence, once the time is over', async () => {
    expect(await listAfter(() => {}, { timeout: 100 })).toMatchObject({ outcome: 'away' });
  });

  it('a body that never ends, once the time is over', async () => {
    const trickle: Answer = (response) => void response.writeHead(200).write('[');

    expect(await listAfter(trickle, { timeout: 100 })).toMatchObject({ outcome: 'away' });
  });

  it('a redirect, which is not followed (SEC15)', async () => {
    const canary = await startPulse(says(200, '[]'));

    const list = await listAfter(says(307, '', { location: canary.baseUrl }));

    expect(list).toMatchObject({ outcome: 'away', failure: { providerCode: '307' } });
    expect(canary.calls).toEqual([]);
  });

  it('a refused connection', async () => {
    const { baseUrl, stop } = await startPulse(says(200, '[]'));
    await stop();

    expect(await listTemplates(account(baseUrl))).toMatchObject({ outcome: 'away' });
  });
});
