// Days and minutes of waiting, skipped: what happens by itself when nobody else does anything.
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { addSearchAttributes, searchAttributeNames } from '../../scripts/search-attributes.js';
import { sendWorkflowId, threadWorkflowId } from '../../workflows/messages.js';
import { aMail, aPerson, aTemplateSend } from '../rig/people.js';
import { failuresIn, make } from '../rig/sends.js';
import { type Service, startService } from '../rig/service.js';
import { ledgerOf } from '../rig/simulator.js';
import { putUnreachableChannel } from '../rig/unreachable.js';

let time: TestWorkflowEnvironment;
let service: Service;
beforeAll(async () => {
  time = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: inject('testServer') } },
  });
  await addSearchAttributes(time.connection, 'default', searchAttributeNames);
  service = await startService({
    temporalAddress: time.connection.options.address,

    settings: { verdictSeconds: 1 },
  });
});
afterAll(async () => {
  await service?.stop();
  await time?.teardown();
});

/** Lets time pass until the run has ended; answers its result. */
const result = (workflowId: string): Promise<unknown> => time.client.workflow.getHandle(workflowId).result();

const DAY = 86_400_000; // ms

it('a send whose receipt never comes is unconfirmed after 30 days, not failed (INV7)', async () => {
  const { clientId } = await aPerson(service, '0010');
  const { sendId } = await make(service, aTemplateSend(clientId));
  const before = await time.currentTimeMs();

  expect(await result(sendWorkflowId(sendId))).toMatchObject({ state: 'unconfirmed', verdict: 'ACCEPTED' });

  expect((await time.currentTimeMs()) - before).toBeGreaterThanOrEqual(30 * DAY);
  expect(await service.crm.findSend(sendId)).toMatchObject({ state: 'unconfirmed' });
  expect(await failuresIn(service, clientId)).toEqual([]);
});

it('an outgoing thread on which the client stays silent closes after 24 h (OUTGOING_WAITING_TIMEOUT)', async () => {
  const { clientId } = await aPerson(service);
  const { threadId } = await make(service, aTemplateSend(clientId, { action: { kind: 'ASSIGN_TO_ME' } }));
  const before = await time.currentTimeMs();

  expect(await result(threadWorkflowId(clientId))).toEqual({ closeReason: 'OUTGOING_WAITING_TIMEOUT' });

  expect((await time.currentTimeMs()) - before).toBeGreaterThanOrEqual(DAY - 60_000);
  expect(await service.crm.findThread(threadId ?? '')).toMatchObject({
    state: 'CLOSED',
    closeReason: 'OUTGOING_WAITING_TIMEOUT',
  });
});

it('a mail server silent after the final dot leaves a send unknown for 15 minutes, then unconfirmed (A32, E7)', async () => {
  const { clientId, email } = await aPerson(service, '0006');
  const before = await time.currentTimeMs();

  const { sendId, verdict } = await make(service, aMail(clientId));
  const outcome = await result(sendWorkflowId(sendId));

  expect(verdict).toBe('QUEUED');
  expect(outcome).toMatchObject({ state: 'unconfirmed' });
  expect((await time.currentTimeMs()) - before).toBeGreaterThanOrEqual(15 * 60_000);
  const { delivery } = await service.crm.findSend(sendId);
  expect(delivery).toMatchObject({ status: 'UNCONFIRMED', failure: { code: 'OUTCOME_UNCONFIRMED' } });
  expect(await ledgerOf(service, email)).toHaveLength(1);
});

it('a mail that is taken after the verdict is shown as sent, not as queued (A32)', async () => {
  const { clientId, email } = await aPerson(service, '0009'); // 451 once, tried again after a minute

  const { sendId, verdict } = await make(service, aMail(clientId));
  const outcome = await result(sendWorkflowId(sendId));

  expect(verdict).toBe('QUEUED');
  expect(outcome).toMatchObject({ state: 'sent' });
  expect(await service.crm.findSend(sendId)).toMatchObject({ state: 'sent', delivery: { status: 'SENT' } });
  expect(await ledgerOf(service, email)).toHaveLength(1);
});

it('a provider that stays away is tried for 15 minutes, then the send has failed and the history says so (A32, A23)', async () => {
  const { clientId, phone } = await aPerson(service);
  await putUnreachableChannel(service);
  const content = { kind: 'TEXT' as const, text: 'Hello' };
  const before = await time.currentTimeMs();

  const { sendId, verdict } = await make(service, aTemplateSend(clientId, { channelId: 'viber-away', content }));
  const outcome = await result(sendWorkflowId(sendId));

  expect(verdict).toBe('QUEUED');
  expect(outcome).toMatchObject({ state: 'failed', failureCode: 'PROVIDER_ERROR' });
  expect((await time.currentTimeMs()) - before).toBeGreaterThan(13 * 60_000);
  expect(await failuresIn(service, clientId)).toHaveLength(1);
  expect(await ledgerOf(service, phone)).toEqual([]);
  const { attempts } = await service.database
    .selectFrom('dispatches')
    .select(({ fn }) => fn.countAll<number>().as('attempts'))
    .where('send_id', '=', sendId)
    .executeTakeFirstOrThrow();
  expect(attempts).toBeGreaterThan(10);
});
