// The API fuzzed from its own description: no request that a caller can make is our fault, and every "no" has its code.
import { fc } from '@fast-check/vitest';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ACCESS } from '../../api/access.js';
import { createJudge, isElsewhere, type Judge } from '../rig/fuzz/complaint.js';
import { type Description, readDescription } from '../rig/fuzz/description.js';
import { type Answer, type Line, openLine } from '../rig/fuzz/exchange.js';
import { learn } from '../rig/fuzz/knowledge.js';
import { reportSmallest, short } from '../rig/fuzz/report.js';
import { type Knowledge, requestsTo } from '../rig/fuzz/request.js';
import { aMail, aPerson } from '../rig/people.js';
import { make } from '../rig/sends.js';
import { type Service, startService } from '../rig/service.js';

const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_124);
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 100); // of an operation; of one that takes a body four times as many
const PATIENCE = 20_000; // ms; of an operation, the search for the smallest request that fails included

let service: Service;
let description: Description;
let knowledge: Knowledge;
let judge: Judge;
let line: Line;
beforeAll(async () => {
  service = await startService();
  description = await readDescription(service.api);
  knowledge = { defs: description.defs, ...(await learn(service)) };
  judge = createJudge(description);
  const tokenOf = async (...who: Parameters<Service['as']>) => (await service.as(...who)).token;
  line = openLine(service.api, {
    integrator: await tokenOf('integrator'),
    operator: await tokenOf('operator'),
    agent: await tokenOf('agent', 'anna'),
    supervisor: await tokenOf('supervisor', 'boris'),
  });
});
afterAll(async () => {
  line.close();
  await service.stop();
});

/** How often each operation has answered with each status. */
const tally = new Map<string, Map<number, number>>();
const count = (key: string, { status }: Answer) => {
  const answers = tally.get(key) ?? new Map<number, number>();
  tally.set(key, answers.set(status, (answers.get(status) ?? 0) + 1));
};

it.each(Object.keys(ACCESS))(`%s answers whatever it is asked (SEC20, SEC33; seed ${SEED})`, async (key) => {
  const operation = description.operations.get(key);
  if (operation === undefined) throw new Error(`${key} is not described`);

  const isAnswered = fc.asyncProperty(requestsTo(operation, knowledge), async (request) => {
    const answer = await line.exchange(request);
    if (!isElsewhere(request, answer)) count(key, answer);
    const complaints = judge(operation, request, answer);
    if (complaints.length > 0) throw new Error(`${answer.status}: ${complaints.join('; ')}\n${short(answer.text)}`);
  });

  await fc.assert(isAnswered, {
    seed: SEED,
    numRuns: operation.body === undefined ? RUNS : 4 * RUNS,
    interruptAfterTimeLimit: PATIENCE,
    markInterruptAsFailure: true,
    reporter: reportSmallest,
  });
});

it('every operation that is described has been asked, and has done what it is for', () => {
  const succeeding = [...tally].flatMap(([key, answers]) =>
    [...answers.keys()].some((one) => one < 300) ? [key] : [],
  );

  expect(succeeding.toSorted()).toEqual([...description.operations.keys()].toSorted());
});

it('every status that was answered is declared by its operation', () => {
  const undeclared = [...tally].flatMap(([key, answers]) => {
    const declared = description.operations.get(key)?.responses ?? {};
    const surprising = [...answers.keys()].filter((status) => status < 500 && !(status in declared));
    return surprising.map((status) => `${key}: ${status}`);
  });

  expect(undeclared).toEqual([]);
});

// What is left unread of a body used to close the connection half a second later, under whatever was asked by then.
it('a large body that is refused unread costs the next request on its connection nothing', async () => {
  const bytes = Buffer.alloc(300_000, ' ');
  const body = { contentType: 'application/json', bytes };

  const refused = await line.exchange({ caller: 'nobody', method: 'put', path: '/v1/groups/x', headers: {}, body });
  const next = await line.exchange({ caller: 'operator', method: 'get', path: '/v1/groups', headers: {} });

  expect([refused.status, next.status]).toEqual([401, 200]);
});

it('afterwards the service is as well as before', async () => {
  const health = await fetch(`${service.api}/healthz`);
  const { clientId } = await aPerson(service);
  const { verdict } = await make(service, aMail(clientId));

  expect({ health: health.status, verdict }).toEqual({ health: 200, verdict: 'ACCEPTED' });
});
