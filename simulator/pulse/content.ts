import { z } from 'zod';

/** The content objects of a cascade, and what of them reaches the client's eye. */
const Part = z.looseObject({
  contentType: z.string().nullish(),
  text: z.string().nullish(),
  header: z.looseObject({ headerType: z.string().nullish(), text: z.string().nullish() }).nullish(),
  footer: z.looseObject({ text: z.string().nullish() }).nullish(),
  attachment: z
    .looseObject({ url: z.string().nullish(), name: z.string().nullish(), size: z.number().nullish() })
    .nullish(),
});
export type Part = z.infer<typeof Part>;

export const Content = z.looseObject({ whatsappContent: Part.nullish(), viberContent: Part.nullish() });
export type Content = z.infer<typeof Content>;

export const CONTENT_TYPES: readonly string[] = ['TEXT', 'IMAGE', 'DOCUMENT', 'VIDEO', 'AUDIO'];

export interface WhatsAppText {
  text: string;
  title?: string;
  signature?: string;
}

/** A part with an attachment loses its text, title and signature. */
export interface VisibleContent extends Partial<WhatsAppText> {
  attachment?: { contentType: string; url: string; name: string; size?: number };
}

export function visibleContent({ contentType, text, header, footer, attachment }: Part): VisibleContent {
  if (attachment) {
    const { url, name, size } = attachment;
    return {
      attachment: {
        contentType: contentType ?? '',
        url: url ?? '',
        name: name ?? '',
        ...(size == null ? {} : { size }),
      },
    };
  }
  return {
    text: text ?? '',
    ...(header?.text ? { title: header.text } : {}),
    ...(footer?.text ? { signature: footer.text } : {}),
  };
}
