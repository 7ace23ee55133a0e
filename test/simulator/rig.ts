import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { onTestFinished, vi } from 'vitest';
import type { Settings } from '../../simulator/config.js';
import type { LedgerItem } from '../../simulator/ledger.js';
import { startSimulator } from '../../simulator/start.js';

interface Received {
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
}

/** The webhook of a chat center: keeps what arrives, answers what it is told to. */
export interface Webhook {
  url: string;
  received: Received[];
  answers: number[];
}

export interface Reply {
  status: number;
  headers: Headers;
  body: unknown;
}

export const WHATSAPP = { subjectId: 3391, cascadeId: 4107 };
export const VIBER = { subjectId: 3392, cascadeId: 4108 };

const SETTINGS: Settings = {
  host: '127.0.0.1',
  port: 0,
  smtpPort: 0,
  webhookKey: 'test-webhook-key',
  webhookHeader: 'X-API-KEY',
  callbackRetriesMs: [1, 1, 1],
  pulseSilenceMs: 300,
  smtpSilenceMs: 300,
};

export type Rig = Awaited<ReturnType<typeof startRig>>;

/** A simulator and a webhook, both gone after the test. */
export async function startRig(settings: Partial<Settings> = {}) {
  const simulator = await startSimulator({ ...SETTINGS, ...settings });
  const webhook = await startWebhook();
  onTestFinished(() => simulator.stop());
  const base = `http://127.0.0.1:${simulator.httpPort}`;

  async function call(method: string, path: string, body?: unknown): Promise<Reply> {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(base + path, { method, headers: { 'X-API-KEY': 'any' }, redirect: 'manual', ...sent });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parsedOrText(text) };
  }

  return {
    ...simulator,
    base,
    webhook,
    call,
    schedule: (body: unknown) => call('POST', '/pulse/api/cascade/schedule', body),
    listenTo: (subjectId: number) =>
      call('POST', '/pulse/api/callback/set', {
        subjectId,
        statusCallbackUrl: webhook.url,
        inMessageCallbackUrl: webhook.url,
      }),
    speedUp: () => call('PUT', '/_faults', { receiptDelaysMs: { sent: 1, delivered: 40, read: 80, failed: 40 } }),
    ledger: async (query = '') =>
      ((await call('GET', `/_ledger${query}`)).body as { items: (LedgerItem & { content: unknown })[] }).items,
    statuses: () => webhook.received.map(({ body }) => body['status']),
    untilStatuses: (count: number) => vi.waitUntil(() => webhook.received.length >= count, { timeout: 5000 }),
  };
}

const parsedOrText = (text: string): unknown => (/^[{[].*[}\]]$/s.test(text) ? JSON.parse(text) : text);

async function startWebhook(): Promise<Webhook> {
  const webhook: Webhook = { url: '', received: [], answers: [] };
  const server: Server = createServer(async (request, response) => {
    if (request.method === 'POST') {
      webhook.received.push({ headers: request.headers, body: (await json(request)) as Received['body'] });
      response.statusCode = webhook.answers.shift() ?? 200;
    }
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  webhook.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/desk`;
  return webhook;
}

let requests = 0;

export interface ScheduleFields {
  address: string;
  requestId?: string;
  cascadeId?: number;
  text?: string;
  title?: string;
  signature?: string;
}

/** A Viber text unless told otherwise: it needs neither a window nor a template. */
export function aText({ address, requestId = `r-${++requests}`, cascadeId = 4108, ...content }: ScheduleFields) {
  const { text = 'Ready until 18:00.', title, signature } = content;
  const part = {
    contentType: 'TEXT',
    text,
    ...(title === undefined ? {} : { header: { headerType: 'TEXT', text: title } }),
    ...(signature === undefined ? {} : { footer: { text: signature } }),
  };
  return {
    requestId,
    cascadeId,
    comment: `s:${requestId} p:1`,
    subscriberFilter: { address, type: 'PHONE' },
    content: cascadeId === VIBER.cascadeId ? { viberContent: part } : { whatsappContent: part },
  };
}

export const aTemplate = (content: object, rest: object = {}) => ({
  id: 51820,
  name: 'order_ready',
  channelType: 'WHATSAPP',
  language: 'EN',
  contentType: 'TEXT',
  content,
  category: 'UTILITY',
  status: 'APPROVED',
  locked: false,
  type: 'USER',
  ...rest,
});
