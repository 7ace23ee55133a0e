import type { Context } from 'hono';
import { z } from 'zod';
import { complaints } from '../complaints.js';
import { type Http, jsonOf } from '../http.js';
import type { Messages, PulseMessage } from './messages.js';
import { refuse } from './refuse.js';
import { ChannelType } from './subjects.js';

const HistoryRequest = z.looseObject({
  subjectId: z.int(),
  subscriberFilter: z.looseObject({ address: z.string(), type: z.literal('PHONE') }),
  channelTypes: z.array(ChannelType).optional(),
  direction: z.enum(['OUT', 'IN']).optional(),
  dateFrom: z.iso.datetime({ offset: true }),
  dateTo: z.iso.datetime({ offset: true }),
  offset: z.int().min(0).default(0),
  limit: z.int().min(1).max(1000).default(100),
  sort: z.array(z.looseObject({ property: z.string(), direction: z.enum(['ASC', 'DESC']) })).default([]),
});
type HistoryRequest = z.infer<typeof HistoryRequest>;

/** Tells what was sent to a phone; without `requestId`, as Pulse does, so that `comment` has to match. */
export const createHistory =
  (messages: Messages) =>
  async (c: Context<Http>): Promise<Response> => {
    const parsed = HistoryRequest.safeParse(await jsonOf(c));
    if (!parsed.success) return refuse(c, { title: 'error-syntax', detail: complaints(parsed.error).join('; ') });
    const request = parsed.data;
    const { subjectId, subscriberFilter, offset, limit, sort } = request;

    const found = messages.between(subjectId, subscriberFilter.address).filter((message) => isWanted(message, request));
    if (sort[0]?.direction === 'DESC') found.reverse();
    const page = found.slice(offset, offset + limit).map(historyRow);
    return c.json({ hasNext: found.length > offset + limit, content: page });
  };

function isWanted(message: PulseMessage, request: HistoryRequest): boolean {
  const { channelTypes, direction, dateFrom, dateTo } = request;
  if (message.hidden || direction === 'IN') return false;
  if (channelTypes && !channelTypes.includes(message.subject.type)) return false;
  return message.acceptedAt >= Date.parse(dateFrom) && message.acceptedAt <= Date.parse(dateTo);
}

const historyRow = ({ messageId, comment, subject, address, content, contentType, deliveryStatus }: PulseMessage) => ({
  messageId,
  comment,
  direction: 'OUT',
  channelType: subject.type,
  subjectId: subject.subjectId,
  cascadeId: subject.cascadeId,
  address,
  content: { type: contentType, ...content },
  deliveryStatus,
});
