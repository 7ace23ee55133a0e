// The demo chat center as data. The last four digits of a phone script what the simulator does with it.
import type { AgentBody, AgentStatus } from '../domain/contracts/agent.js';
import type { z } from 'zod';
import type { ChannelBody } from '../domain/contracts/channel.js';
import type { ClientBody } from '../domain/contracts/client.js';
import type { NamedBody } from '../domain/contracts/directory.js';
import type { MessageTemplate } from '../domain/contracts/message-template.js';
import type { ResponseTemplateBody } from '../domain/contracts/response-template.js';

type ChannelRequest = z.input<typeof ChannelBody>;

export interface DemoAddresses {
  /** URL */
  simulator: string;
  /** host:port */
  smtp: string;
}

export const groups: Record<string, NamedBody> = { sales: { name: 'Sales' }, support: { name: 'Support' } };
export const skills: Record<string, NamedBody> = { french: { name: 'French' } };
export const departments: Record<string, NamedBody> = { returns: { name: 'Returns' } };

const agent = (name: string, status: AgentStatus, groupIds: string[]): AgentBody => ({
  name,
  login: name.toLowerCase().replaceAll(' ', '.'),
  status,
  groupIds,
  skillIds: [],
  departmentId: 'returns',
});

export const agents: Record<string, AgentBody> = {
  anna: agent('Anna Petrova', 'ACTIVE', ['sales']),
  boris: agent('Boris Ivanov', 'OUT', ['sales', 'support']),
  carla: agent('Carla Rossi', 'OFFLINE', ['support']),
};

const MB = 1024 * 1024; // bytes
const documents = [
  'text/plain',
  'application/pdf',
  'application/msword',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/vnd.ms-excel',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
];
const files = (maxCount: number, maxBytes: number, types: string[]) => ({ allowed: true, maxCount, maxBytes, types });
const whatsAppFiles = files(10, 16 * MB, ['image/jpeg', 'image/png', 'audio/mpeg', 'video/mp4', ...documents]);

export const channels = ({ simulator, smtp }: DemoAddresses) => {
  const [host = '', port = ''] = smtp.split(':');
  const pulse = {
    kind: 'PULSE',
    baseUrl: `${simulator}/pulse`,
    apiKey: { value: 'demo' },
    webhookKey: { value: 'simulator-webhook-key' },
  } as const;
  return {
    'wa-main': {
      type: 'WHATSAPP',
      name: 'WhatsApp',
      enabled: true,
      provider: { ...pulse, subjectId: 3391, cascadeId: 4107 },
      templatePolicy: 'OUTSIDE_WINDOW',
      attachments: whatsAppFiles,
      maxText: 4096,
    },
    'wa-no-templates': {
      type: 'WHATSAPP',
      name: 'WhatsApp without templates',
      enabled: true,
      provider: { ...pulse, subjectId: 3393, cascadeId: 4109 },
      templatePolicy: 'OUTSIDE_WINDOW',
      attachments: whatsAppFiles,
      maxText: 4096,
    },
    'viber-main': {
      type: 'VIBER',
      name: 'Viber',
      enabled: true,
      provider: { ...pulse, subjectId: 3392, cascadeId: 4108 },
      templatePolicy: 'NEVER',
      attachments: files(5, 25 * MB, ['image/jpeg', 'image/png', ...documents]),
      maxText: 1000,
    },
    'mail-main': {
      type: 'EMAIL',
      name: 'E-mail',
      enabled: true,
      provider: {
        kind: 'SMTP',
        host,
        port: Number(port),
        tls: 'NONE',
        from: { name: 'Northwind', address: 'desk@northwind.example' },
      },
      templatePolicy: 'NEVER',
      attachments: files(20, 18 * MB, ['*/*']),
      maxText: 100_000,
    },
    'web-chat': {
      type: 'WEB_CHAT',
      name: 'Web chat',
      enabled: true,
      provider: { kind: 'INTERNAL' },
      templatePolicy: 'NEVER',
      attachments: files(10, 25 * MB, ['image/*', 'audio/*', 'video/*', ...documents]),
      maxText: 2000,
    },
  } satisfies Record<string, ChannelRequest>;
};

export const templates: MessageTemplate[] = [
  {
    channelId: 'wa-main',
    templateId: 'order-ready',
    name: 'Order ready',
    language: 'en',
    kind: 'USER',
    status: 'APPROVED',
    locked: false,
    header: { type: 'TEXT', text: 'Order {{1}}' },
    body: 'Your order is ready. You can collect it until {{1}}.',
    footer: 'Northwind',
    buttons: [],
    variables: [
      { name: 'header.1', kind: 'TEXT' },
      { name: '1', kind: 'DATE', format: 'dd.MM.yyyy' },
    ],
  },
];

export const responseTemplates: Record<string, ResponseTemplateBody> = {
  'opening-hours': {
    title: 'Opening hours',
    text: 'We are here from Monday to Friday, 9:00 to 18:00.',
    scope: 'DIRECTORY',
  },
  'anna-thanks': { title: 'Thanks', text: 'Thank you for your patience. Anna', scope: 'MINE', agentId: 'anna' },
};

const client = (name: string, phone: string, email?: string): ClientBody => ({
  name,
  phone,
  ...(email !== undefined && { email }),
  blocked: false,
  identities: [],
});

export const clients: Record<string, ClientBody> = {
  mila: client('Mila Horvat', '38970123456', 'mila.horvat@client.example'),
  ivo: client('Ivo Kovac', '38970123457', 'ivo.kovac@client.example'),
  'not-on-whatsapp': client('Nada Novak', '38970120001'),
  'has-blocked-us': client('Luka Babic', '38970120002'),
  'no-template-fits': client('Petra Juric', '38970120003'),
  'refused-at-once': client('Ana Maric', '38970120004'),
  'blocked-in-viber': {
    ...client('Vera Simic', '38970123459', 'vera.simic@client.example'),
    identities: [{ channelId: 'viber-main', address: '38970123459', blocked: true, origin: 'MESSAGE' }],
  },
  'only-logged-in': {
    name: 'Dora Levi',
    externalId: 'shop-4711',
    blocked: false,
    identities: [{ channelId: 'web-chat', address: 'shop-4711', blocked: false, origin: 'LOGIN' }],
  },
  'blocked-by-us': { ...client('Marko Vidic', '38970123458', 'marko.vidic@client.example'), blocked: true },
};
