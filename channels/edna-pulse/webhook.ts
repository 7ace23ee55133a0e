// Pulse's callbacks: receipts, clients' messages and template news share one address and are told apart by shape.
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { attachmentName } from '../../domain/attachment.js';
import { AnyInstant } from '../../domain/contracts/identifier.js';
import { storable } from '../../domain/text.js';
import type { IdentifiedFact, ProviderFile } from '../../domain/provider-fact.js';
import type { FactKind } from '../../domain/receipt.js';
import { failureOfReceipt } from './failure.js';

/** The key comes as `X-API-KEY` or as `Authorization: Token <key>`; compared in constant time (SEC06). */
export function isAuthentic(headers: Headers, webhookKey: string): boolean {
  const given = headers.get('x-api-key') ?? headers.get('authorization')?.replace(/^Token /i, '');
  return given !== undefined && given !== null && timingSafeEqual(digest(given), digest(webhookKey));
}

const digest = (value: string): Buffer => createHash('sha256').update(value).digest();

// One character that cannot be kept must not cost the message.
const id = z.union([z.string().max(200), z.number()]).transform((value) => storable(String(value)));
const text = z.string().transform(storable);
const optionalText = text.nullish();
/** The first so many code points. */
const cut = (value: string, length: number): string => Array.from(value).slice(0, length).join('');

const Receipt = z.object({
  requestId: id.nullish(),
  messageId: id.nullish(),
  comment: optionalText,
  status: text,
  statusAt: z.string(),
  error: id.nullish(), // Pulse's words, or a number of Meta's
});

// One that we cannot read must not cost the message either.
const Attachment = z
  .object({ url: optionalText, name: optionalText, size: z.number().nonnegative().nullish().catch(undefined) })
  .nullish()
  .catch({});

const Inbound = z.object({
  id,
  subscriber: z.object({ identifier: text.pipe(z.string().min(1).max(254)) }),
  userInfo: z.object({ userName: optionalText, firstName: optionalText, lastName: optionalText }).nullish(),
  messageContent: z.object({ type: z.string(), text: optionalText, caption: optionalText, attachment: Attachment }),
  receivedAt: optionalText,
});

const TemplateNews = z.union([
  z.object({ channelType: z.string(), locked: z.boolean() }),
  z.object({ type: z.literal('message_matcher.category_changed') }),
]);
const isTemplateNews = (element: unknown): boolean => TemplateNews.safeParse(element).success;

/** One object or an array; an element that cannot be read is kept beside its neighbours, never lost with them. */
export function readWebhook(body: unknown): IdentifiedFact[] {
  const elements: unknown[] = Array.isArray(body) ? body : [body];
  const others = elements.filter((element) => !isTemplateNews(element));
  return [
    ...(others.length < elements.length ? [templatesChanged()] : []),
    ...others.map((element) => receiptOf(element) ?? messageOf(element) ?? unreadable(element)),
  ];
}

/** Never the same as an earlier one: a template may be paused, approved and paused again. */
function templatesChanged(): IdentifiedFact {
  const identity = `templates:${randomUUID()}`;
  return { identity, orderKey: identity, fact: { kind: 'TEMPLATES_CHANGED' } }; // the list is asked, in whatever order
}

function receiptOf(element: unknown): IdentifiedFact | undefined {
  const { success, data } = Receipt.safeParse(element);
  if (!success) return undefined;
  const status = data.status.toLowerCase();
  const kind = KINDS.get(status) ?? (status.startsWith('error') ? 'FAILED' : undefined);
  const message = data.requestId ?? data.messageId ?? (data.comment && cut(data.comment, 200));
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
      ...providerAt(data.statusAt),
    },
  };
}

const KINDS: ReadonlyMap<string, FactKind> = new Map(
  Object.entries<FactKind>({
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
  }),
);

/** Our comment `<sendId>:<part>`, which comes back even where `requestId` is null. */
function originOf(comment: string | null | undefined): { sendId: string; part: number } | undefined {
  const [, sendId, part] = /^([0-9a-f-]{36}):(\d{1,3})$/.exec(comment ?? '') ?? [];
  return isUuid(sendId) ? { sendId, part: Number(part) } : undefined;
}

function messageOf(element: unknown): IdentifiedFact | undefined {
  const { success, data } = Inbound.safeParse(element);
  if (!success) return undefined;
  const { userInfo, messageContent } = data;
  const name = cut([userInfo?.firstName, userInfo?.lastName].filter(Boolean).join(' '), 255);
  const written = messageContent.text ?? messageContent.caption;
  return {
    identity: `message:${data.id}`,
    orderKey: `client:${data.subscriber.identifier}`,
    fact: {
      kind: 'MESSAGE',
      address: data.subscriber.identifier,
      ...(name !== '' && { name }),
      ...(userInfo?.userName && { username: cut(userInfo.userName, 255) }),
      ...(written && { text: written }),
      ...(messageContent.attachment && { files: [fileOf(messageContent.attachment)] }),
      ...providerAt(data.receivedAt),
    },
  };
}

const LONGEST_URL = 4_000; // characters

/** Without an address that could be asked it cannot be had, and the history will say so. */
function fileOf({ url, name, size }: NonNullable<z.infer<typeof Attachment>>): ProviderFile {
  return {
    url: url && url.length <= LONGEST_URL ? url : '',
    name: attachmentName(name ?? ''),
    ...(typeof size === 'number' && { size }),
  };
}

function unreadable(element: unknown): IdentifiedFact {
  const raw = JSON.stringify(element);
  const identity = `unreadable:${createHash('sha256').update(raw).digest('hex')}`;
  return {
    identity,
    orderKey: identity,
    fact: { kind: 'UNREADABLE', reason: 'neither receipt, message nor news of templates', raw: cut(raw, 10_000) },
  };
}

const isUuid = (value: string | null | undefined): value is string => z.guid().safeParse(value).success;
function providerAt(value: string | null | undefined): { providerAt?: string } {
  const { data } = AnyInstant.safeParse(value);
  return data === undefined ? {} : { providerAt: data };
}
