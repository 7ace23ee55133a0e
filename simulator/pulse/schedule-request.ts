import { z } from 'zod';
import { CONTENT_TYPES, Content, type Part } from './content.js';
import type { PulseRefusal } from './refuse.js';
import type { ChannelType } from './subjects.js';

/** The body of a send by cascade; unknown fields pass, as they do at Pulse. */
export const ScheduleRequest = z.looseObject({
  requestId: z.string().min(1),
  cascadeId: z.int(),
  comment: z.string().nullish(),
  subscriberFilter: z.looseObject({ address: z.string(), type: z.literal('PHONE') }),
  content: Content,
});
export type ScheduleRequest = z.infer<typeof ScheduleRequest>;

const TEXT_LIMIT: Record<ChannelType, number> = { WHATSAPP: 4096, VIBER: 1000 }; // code points
const ATTACHMENT_NAME_LIMIT = 70; // characters

const refusal = (title: string, detail: string): PulseRefusal => ({ title, detail });

/** The part for the cascade's only stage, or why the request does not fit that stage. */
export function partFor(type: ChannelType, { whatsappContent, viberContent }: Content): Part | PulseRefusal {
  const [own, foreign] = type === 'WHATSAPP' ? [whatsappContent, viberContent] : [viberContent, whatsappContent];
  if (!own && !foreign) return refusal('content-not-specified', 'Content is empty');
  if (own && !foreign) return own;
  return refusal(
    "request-doesn't-contain-content-for-all-cascade-stages",
    `The cascade has one stage, ${type}; the content must have just that`,
  );
}

export const isRefusal = (part: Part | PulseRefusal): part is PulseRefusal => 'title' in part;

export function addressRefusal(address: string): PulseRefusal | undefined {
  if (address === '') return refusal('error-address-not-specified', 'Address is empty');
  if (/^\d{7,15}$/.test(address)) return undefined;
  return refusal('error-address-format', 'Address must be 7 to 15 digits with country code, without +');
}

export function contentRefusal(type: ChannelType, part: Part): PulseRefusal | undefined {
  if (!part.contentType) return refusal('contentType-not-specified', 'Content type is empty');
  if (!CONTENT_TYPES.includes(part.contentType)) {
    return refusal('error-content-type-format', `Content type ${part.contentType} is not supported`);
  }
  if (part.attachment) return attachmentRefusal(part.attachment);
  if (part.contentType !== 'TEXT') return refusal('error-attachment-url-not-specified', 'Attachment is empty');
  return textRefusal(type, part);
}

function attachmentRefusal({ url, name }: NonNullable<Part['attachment']>): PulseRefusal | undefined {
  if (!url) return refusal('error-attachment-url-not-specified', 'Attachment URL is empty');
  if (!name) return refusal('attachmentName-not-specified', 'Attachment name is empty');
  if (name.length <= ATTACHMENT_NAME_LIMIT) return undefined;
  return refusal('attachmentName-is-too-long', `Attachment name is over ${ATTACHMENT_NAME_LIMIT} characters`);
}

function textRefusal(type: ChannelType, { text, header }: Part): PulseRefusal | undefined {
  if (!text) return refusal('text-not-specified', 'Text is empty');
  if (Array.from(text).length > TEXT_LIMIT[type]) {
    return refusal('error-content-format', `Text is over ${TEXT_LIMIT[type]} characters`);
  }
  if (header && header.headerType !== 'TEXT') {
    return refusal('error-content-format', 'Header type must be TEXT when there is no attachment');
  }
  return undefined;
}
