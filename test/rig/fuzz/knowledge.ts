// What requests to the chat center of test/rig/directory.ts can name, and bodies that it takes.
import { aMail, aPerson, aTemplateSend } from '../people.js';
import { make } from '../sends.js';
import type { Service } from '../service.js';
import { type WithThread, writing, written } from '../threads.js';
import type { Knowledge } from './request.js';

const secret = { value: 'secret' };
const baseUrl = 'http://127.0.0.1:9/x';
/** One of each provider. */
const channels = [
  {
    type: 'WHATSAPP',
    templatePolicy: 'OUTSIDE_WINDOW',
    provider: { kind: 'PULSE', baseUrl, apiKey: secret, subjectId: 1, cascadeId: 2, webhookKey: { env: 'KEY' } },
  },
  {
    type: 'EMAIL',
    provider: {
      kind: 'SMTP',
      host: '127.0.0.1',
      port: 9,
      tls: 'NONE',
      user: 'desk',
      password: secret,
      from: { name: 'Desk', address: 'desk@x.example' },
      bounceAddress: 'bounces@x.example',
    },
  },
  {
    type: 'WHATSAPP',
    provider: {
      kind: 'WHATSAPP_CLOUD',
      baseUrl,
      phoneNumberId: '1',
      businessAccountId: '2',
      accessToken: secret,
      appSecret: secret,
      verifyToken: secret,
    },
  },
  { type: 'APPLE_MESSAGES', provider: { kind: 'APPLE', baseUrl, businessId: 'b', mspId: 'm', secret } },
  { type: 'TELEGRAM', provider: { kind: 'TELEGRAM', baseUrl, botToken: secret, webhookSecret: secret } },
  { type: 'WEB_CHAT', provider: { kind: 'INTERNAL' } },
].map((channel) => ({
  name: 'A channel',
  enabled: true,
  templatePolicy: 'NEVER',
  attachments: { allowed: true, maxCount: 1, maxBytes: 1000, types: ['image/*'] },
  maxText: 4096,
  ...channel,
}));

const template = {
  name: 'pick_up',
  language: 'en',
  kind: 'USER',
  status: 'APPROVED',
  locked: false,
  header: { type: 'TEXT', text: 'Order {{1}}' },
  body: 'Ready until {{1}}, {{2}}.',
  footer: 'Northwind',
  buttons: [{ kind: 'URL', text: 'Open' }],
  variables: [
    { name: '1', kind: 'DATE', format: 'dd.MM.yyyy' },
    { name: '2', kind: 'CHOICE', options: ['morning', 'evening'] },
  ],
};

export async function learn(service: Service): Promise<Omit<Knowledge, 'defs'>> {
  const [writable, holding] = [await aPerson(service), await aPerson(service)];
  const { sendId, threadId } = await make(
    service,
    aTemplateSend(holding.clientId, { action: { kind: 'ASSIGN_TO_ME' } }),
  );
  const attachmentId = await upload(service);
  const threads = await threadsToUse(service);
  const person = { blocked: false, identities: [] };
  return {
    known: {
      agentId: ['anna', 'boris'],
      clientId: [writable.clientId, holding.clientId],
      channelId: ['wa-main', 'viber-main', 'mail-main', 'wa-hint', 'web-main'],
      templateId: ['order-ready'],
      sendId: [sendId],
      threadId: [threadId ?? ''],
      attachmentId: [attachmentId],
      ...threads,
      'get /v1/queues/{kind}/{id} kind': ['GROUP', 'SKILL', 'DEPARTMENT'],
      'get /v1/queues/{kind}/{id} id': ['help-desk'],
    },
    usual: {
      'post /v1/sends': [
        aMail(writable.clientId),
        aMail(writable.clientId, {
          content: { kind: 'EMAIL', subject: 'A', text: 'B', html: '<b>B</b>', bcc: ['eva@client.example'] },
        }),
        aTemplateSend(holding.clientId),
        aTemplateSend(holding.clientId, { content: { kind: 'HINT', title: 'T', text: 'x', signature: 's' } }),
      ],
      'post /v1/clients': [
        { contact: { type: 'PHONE', value: '+389 70 123-456' } },
        { contact: { type: 'EMAIL', value: 'new@client.example' } },
      ],
      'put /v1/clients/{clientId}': [
        { ...person, name: 'Mila' },
        { ...person, name: 'Mila', phone: '+389 (70) 765-432', email: 'mila.fuzz@client.example' },
        {
          ...person,
          externalId: 'crm-7',
          identities: [
            {
              channelId: 'wa-main',
              address: '38970765432',
              username: '@mila',
              blocked: false,
              lastInboundAt: '2026-11-24T09:13:00.000Z',
              origin: 'MESSAGE',
            },
          ],
        },
      ],
      'post /v1/channels/{channelId}/inbound': [
        { messageId: 'm-1', address: 'visitor-1', externalId: 'crm-8', name: 'Mila', text: 'Hello' },
        { messageId: 'm-2', address: '38970123456', attachmentIds: [attachmentId], at: '2026-11-24T09:13:00.000Z' },
        { messageId: 'm-3', address: 'visitor-1', event: 'CLOSED' },
      ],
      'post /v1/channels/{channelId}/logins': [
        { address: 'visitor-2', externalId: 'crm-9', name: 'Mila' },
        { address: '38970123457', externalId: 'crm-8' },
      ],
      'post /v1/threads/{threadId}/take': acting,
      'post /v1/threads/{threadId}/open': acting,
      'post /v1/threads/{threadId}/messages': acting.flatMap((by) => [
        { ...by, content: { kind: 'TEXT', text: 'Hello' } },
        { ...by, content: { kind: 'NONE' }, attachmentIds: [attachmentId] },
      ]),
      'post /v1/threads/{threadId}/transfer': [
        { target: { kind: 'EMPLOYEE', id: 'boris' }, comment: 'asks for a refund' },
        { target: { kind: 'GROUP', id: 'help-desk' } },
        { agentId: 'boris', target: { kind: 'EMPLOYEE', id: 'anna' } },
      ],
      'post /v1/threads/{threadId}/close': [{}, ...acting, { reason: 'done' }],
      'post /v1/threads/{threadId}/block': [{}, ...acting, { reason: 'spam' }],
      'put /v1/channels/{channelId}': channels,
      'put /v1/channels/{channelId}/templates/{templateId}': [template],
      'put /v1/bots/{id}': [{ name: 'Tracker', url: 'http://127.0.0.1:9/t', enabled: true }],
      'put /v1/settings': [
        { workingHours: { timeZone: 'Europe/Skopje', days: [{ day: 1, from: '09:00', to: '18:00' }] } },
      ],
      'put /v1/response-templates/{id}': [
        { title: 'Hours', text: 'From 9.', scope: 'MINE', agentId: 'anna' },
        { title: 'Hours', text: 'From 9.', scope: 'DIRECTORY' },
      ],
    },
  };
}

const acting = [{ agentId: 'anna' }, { agentId: 'boris' }];
const THREADS_OF_EACH = 3;

/** For each command threads of its own, since some use them up; and a group, a skill and a department of one name. */
async function threadsToUse(service: Service): Promise<Record<string, string[]>> {
  for (const put of [service.operator.putGroup, service.operator.putSkill, service.operator.putDepartment])
    await put('help-desk', { name: 'Help desk' });
  const prepared: Record<string, string[]> = {};
  for (const command of ['take', 'open', 'messages', 'transfer', 'close', 'block']) {
    const threads = [];
    for (let count = 0; count < THREADS_OF_EACH; count += 1) threads.push(await threadFor(service, command));
    prepared[`post /v1/threads/{threadId}/${command} threadId`] = threads.map(({ threadId }) => threadId);
  }
  return prepared;
}

/** Whoever is answered must have written, or no text may be sent. */
async function threadFor(service: Service, command: string): Promise<WithThread> {
  const thread =
    command === 'take' || command === 'messages'
      ? await writing(service)
      : await written(service, { kind: 'ASSIGN_TO_ME' });
  if (command === 'messages') {
    await service.crm.take(thread.threadId, 'anna');
    await service.crm.open(thread.threadId, 'anna');
  }
  return thread;
}

/** By a backend system. */
async function upload(service: Service): Promise<string> {
  const { token } = await service.as('integrator');
  const form = new FormData();
  form.set('file', new Blob(['a file']), 'offer.txt');
  const response = await fetch(`${service.api}/v1/attachments`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: form,
  });
  const { attachmentId } = (await response.json()) as { attachmentId: string };
  return attachmentId;
}
