// The chat center that served tests play in: two agents, four channels on the simulator and a web chat, a template.
import type { ChatCenter } from '../../client/index.js';
import type { MessageTemplateBody } from '../../domain/contracts/message-template.js';
import { registerCallbacks, registerTemplates, tell } from '../../scripts/simulator.js';

export interface DirectoryParts {
  operator: ChatCenter;
  api: string;
  simulator: string;
  smtpPort: number;
}

const orderReady: MessageTemplateBody = {
  name: 'order_ready',
  language: 'en',
  kind: 'USER',
  status: 'APPROVED',
  locked: false,
  header: { type: 'TEXT', text: 'Order {{1}}' },
  body: 'Ready until {{1}}.',
  footer: 'Northwind',
  buttons: [],
  variables: [
    { name: 'header.1', kind: 'TEXT' },
    { name: '1', kind: 'TEXT' },
  ],
};

export async function fillDirectory({ operator, api, simulator, smtpPort }: DirectoryParts): Promise<void> {
  for (const [agentId, name] of [
    ['anna', 'Anna'],
    ['boris', 'Boris'],
  ] as const) {
    await operator.putAgent(agentId, { name, login: agentId, status: 'ACTIVE', groupIds: [], skillIds: [] });
  }
  const rest = { enabled: true, attachments: { allowed: false, maxCount: 0, maxBytes: 0, types: [] } };
  const pulse = {
    kind: 'PULSE',
    baseUrl: `${simulator}/pulse`,
    apiKey: { value: 'key' },
    webhookKey: { value: 'test-webhook-key' },
  } as const;
  // Hint mode: mandatory by the window, nothing to choose.
  await operator.putChannel('wa-hint', {
    ...rest,
    type: 'WHATSAPP',
    name: 'WA hint',
    provider: { ...pulse, subjectId: 3393, cascadeId: 4109 },
    templatePolicy: 'OUTSIDE_WINDOW',
    maxText: 4096,
  });
  await operator.putChannel('wa-main', {
    ...rest,
    type: 'WHATSAPP',
    name: 'WA',
    provider: { ...pulse, subjectId: 3391, cascadeId: 4107 },
    templatePolicy: 'OUTSIDE_WINDOW',
    maxText: 4096,
  });
  await operator.putChannel('viber-main', {
    ...rest,
    type: 'VIBER',
    name: 'Viber',
    provider: { ...pulse, subjectId: 3392, cascadeId: 4108 },
    templatePolicy: 'NEVER',
    attachments: { allowed: true, maxCount: 5, maxBytes: 100_000, types: ['*/*'] },
    maxText: 1000,
  });
  await operator.putChannel('mail-main', {
    ...rest,
    type: 'EMAIL',
    name: 'Mail',
    provider: {
      kind: 'SMTP',
      host: '127.0.0.1',
      port: smtpPort,
      tls: 'NONE',
      from: { name: 'Northwind', address: 'desk@northwind.example' },
    },
    templatePolicy: 'NEVER',
    maxText: 100_000,
  });
  await operator.putChannel('web-main', {
    ...rest,
    type: 'WEB_CHAT',
    name: 'Web chat',
    provider: { kind: 'INTERNAL' },
    templatePolicy: 'NEVER',
    attachments: { allowed: true, maxCount: 5, maxBytes: 100_000, types: ['*/*'] },
    maxText: 2000,
  });
  await operator.putTemplate('wa-main', 'order-ready', orderReady);
  await tell(simulator, 'PUT', '/_subjects/3393', { subject: 'northwind_hint', type: 'WHATSAPP', cascadeId: 4109 });
  await registerCallbacks(simulator, api, { 'wa-main': 3391, 'viber-main': 3392, 'wa-hint': 3393 });
  await registerTemplates(simulator, 3391, [orderReady]);
}
