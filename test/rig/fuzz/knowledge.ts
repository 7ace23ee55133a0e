// What requests to the chat center of test/rig/directory.ts can name, and bodies that it takes.
import { aMail, aPerson, aTemplateSend } from '../people.js';
import { make } from '../sends.js';
import type { Service } from '../service.js';
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
  const person = { blocked: false, identities: [] };
  return {
    known: {
      agentId: ['anna', 'boris'],
      clientId: [writable.clientId, holding.clientId],
      channelId: ['wa-main', 'viber-main', 'mail-main', 'wa-hint'],
      templateId: ['order-ready'],
      sendId: [sendId],
      threadId: [threadId ?? ''],
      attachmentId: [attachmentId],
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
