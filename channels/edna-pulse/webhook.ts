// Pulse's callbacks: receipts, clients' messages and template news share one address and are told apart by shape.
import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { IdentifiedFact } from '../../domain/provider-fact.js';
import type { FactKind } from '../../domain/receipt.js';
import { failureOfReceipt } from './failure.js';

/** The key comes as `X-API-KEY` or as `Authorization: Token <key>`; compared in constant time (SEC06). */
export function isAuthentic(headers: Headers, webhookKey: string): boolean {
  const given = headers.get('x-api-key') ?? headers.get('authorization')?.replace(/^Token /i, '');
  return given !== undefined && given !== null && timingSafeEqual(digest(given), digest(webhookKey));
}

const digest = (value: string): Buffer => createHash('sha256').update(value).digest();

const id = z.union([z.string(), z.number()]).transform(String);
const optionalText = z.string().nullish();

const Receipt = z.object({
  requestId: optionalText,
  messageId: id.nullish(),
  comment: optionalText,
  status: z.string(),
  statusAt: z.string(),
  error: optionalText,
});

const Inbound = z.object({
  id,
  subscriber: z.object({ identifier: z.string().min(1) }),
  userInfo: z.object({ userName: optionalText, firstName: optionalText, lastName: optionalText }).nullish(),
  messageContent: z.object({ type: z.string(), text: optionalText, caption: optionalText }),
  receivedAt: optionalText,
});

/** One object or an array; an element that cannot be read is kept beside its neighbours, never lost with them. */
export function readWebhook(body: unknown): IdentifiedFact[] {
  return (Array.isArray(body) ? body : [body]).map(
    (element: unknown) => receiptOf(element) ?? messageOf(element) ?? unreadable(element),
  );
}

function receiptOf(element: unknown): IdentifiedFact | undefined {
  const { success, data } = Receipt.safeParse(element);
  if (!success) return undefined;
  const status = data.status.toLowerCase();
  const kind = KINDS[status] ?? (status.startsWith('error') ? 'FAILED' : undefined);
  const message = data.requestId ?? data.messageId ?? data.comment;
  if (kind === undefined || !message) return undefined;
  const origin = originOf(data.comment);
  return {
    identity: `receipt:${message}:${status}`,
    orderKey: `receipt:${message}`,
    fact: {
      kind: 'RECEIPT',
      status: kind,
      ...(isUuid(data.requestId) && { reference: data.requestId }),
      ...(data.messageId && { providerMessageId: data.messageId }),
      ...(origin && { origin }),
      ...(kind === 'FAILED' && { failure: failureOfReceipt(status, data.error ?? undefined) }),
      ...(isInstant(data.statusAt) && { providerAt: data.statusAt }),
    },
  };
}

const KINDS: Readonly<Record<string, FactKind>> = {
  delayed: 'ACCEPTED',
  enqueued: 'ACCEPTED',
  sent: 'SENT',
  delivered: 'DELIVERED',
  read: 'READ',
  undelivered: 'FAILED',
  failed: 'FAILED',
  expired: 'FAILED',
  cancelled: 'FAILED',
  'no-match-template': 'FAILED',
  unknown: 'FAILED',
};

/** Our comment `<sendId>:<part>`, which comes back even where `requestId` is null. */
function originOf(comment: string | null | undefined): { sendId: string; part: number } | undefined {
  const [, sendId, part] = /^([0-9a-f-]{36}):(\d{1,3})$/.exec(comment ?? '') ?? [];
  return isUuid(sendId) ? { sendId, part: Number(part) } : undefined;
}

function messageOf(element: unknown): IdentifiedFact | undefined {
  const { success, data } = Inbound.safeParse(element);
  if (!success) return undefined;
  const { userInfo, messageContent } = data;
  const name = [userInfo?.firstName, userInfo?.lastName].filter(Boolean).join(' ').slice(0, 255);
  const text = messageContent.text ?? messageContent.caption;
  return {
    identity: `message:${data.id}`,
    orderKey: `client:${data.subscriber.identifier}`,
    fact: {
      kind: 'MESSAGE',
      address: data.subscriber.identifier,
      ...(name !== '' && { name }),
      ...(userInfo?.userName && { username: userInfo.userName.slice(0, 255) }),
      ...(text && { text }),
      ...(isInstant(data.receivedAt) && { providerAt: data.receivedAt }),
    },
  };
}

function unreadable(element: unknown): IdentifiedFact {
  const raw = JSON.stringify(element);
  const identity = `unreadable:${createHash('sha256').update(raw).digest('hex')}`;
  return {
    identity,
    orderKey: identity,
    fact: { kind: 'UNREADABLE', reason: 'neither receipt nor message', raw: raw.slice(0, 10_000) },
  };
}

const isUuid = (value: string | null | undefined): value is string => z.guid().safeParse(value).success;
const isInstant = (value: string | null | undefined): value is string => !Number.isNaN(Date.parse(value ?? ''));
