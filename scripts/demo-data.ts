// The demo chat center as data. The last four digits of a phone script what the simulator does with it.
import type { AgentBody, AgentStatus } from '../domain/contracts/agent.js';
import type { ClientBody } from '../domain/contracts/client.js';
import type { MessageTemplate } from '../domain/contracts/message-template.js';

export interface DemoAddresses {
  /** URL */
  simulator: string;
  /** host:port */
  smtp: string;
}

const agent = (name: string, status: AgentStatus): AgentBody => ({
  name,
  login: name.toLowerCase().replaceAll(' ', '.'),
  status,
  groupIds: [],
  skillIds: [],
});

export const agents: Record<string, AgentBody> = {
  anna: agent('Anna Petrova', 'ACTIVE'),
  boris: agent('Boris Ivanov', 'OUT'),
  carla: agent('Carla Rossi', 'OFFLINE'),
};

const noAttachments = { allowed: false, maxCount: 0, maxBytes: 0, types: [] };

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
      attachments: noAttachments,
      maxText: 4096,
    },
    'wa-no-templates': {
      type: 'WHATSAPP',
      name: 'WhatsApp without templates',
      enabled: true,
      provider: { ...pulse, subjectId: 3393, cascadeId: 4109 },
      templatePolicy: 'OUTSIDE_WINDOW',
      attachments: noAttachments,
      maxText: 4096,
    },
    'viber-main': {
      type: 'VIBER',
      name: 'Viber',
      enabled: true,
      provider: { ...pulse, subjectId: 3392, cascadeId: 4108 },
      templatePolicy: 'NEVER',
      attachments: noAttachments,
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
      attachments: noAttachments,
      maxText: 100_000,
    },
  } as const;
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
  'blocked-by-us': { ...client('Marko Vidic', '38970123458', 'marko.vidic@client.example'), blocked: true },
};
