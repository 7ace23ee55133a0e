import { HTTPException } from 'hono/http-exception';
import { z } from 'zod';
import type { Callbacks } from '../callbacks.js';
import { type ClientFiles, contentOf } from './client-file.js';
import type { Messages } from './messages.js';
import type { Subject, Subjects } from './subjects.js';
import type { Windows } from './windows.js';

const Inbound = z
  .strictObject({
    provider: z.literal('PULSE'),
    subjectId: z.int(),
    from: z.string().regex(/^\d{7,15}$/, { error: 'expected a phone, 7 to 15 digits' }),
    text: z.string().min(1).optional(),
    /** With a text, that is its caption. */
    file: z.strictObject({ name: z.string().min(1), base64: z.base64() }).optional(),
    name: z.string().optional(),
    /** An id that was used before repeats that message. */
    id: z.int().optional(),
  })
  .refine(({ text, file }) => text !== undefined || file !== undefined, {
    path: ['text'],
    error: 'expected a text, a file or both',
  });

export interface InboundParts {
  files: ClientFiles;
  subjects: Subjects;
  messages: Messages;
  windows: Windows;
  callbacks: Callbacks;
  keyOf: (subject: Subject) => string;
}

/** A client writes; `status` is what the webhook answered, null when there is none or it did not answer. */
export function createInbound({ files, subjects, messages, windows, callbacks, keyOf }: InboundParts) {
  const subscriberIds = new Map<string, number>();
  let lastId = 7_710_041;

  function subscriberId(phone: string): number {
    const id = subscriberIds.get(phone) ?? 55_120 + subscriberIds.size;
    subscriberIds.set(phone, id);
    return id;
  }

  return async (body: unknown, origin: string): Promise<{ id: number; status: number | null }> => {
    const { subjectId, from, text, file, name, id = ++lastId } = Inbound.parse(body);
    const subject = subjects.find(subjectId);
    if (!subject) throw new HTTPException(400, { message: `Subject ${subjectId} is not registered.` });

    windows.open(subjectId, from);
    const answered = messages.between(subjectId, from).at(-1);
    const status = await callbacks.post(
      { url: subject.callbackUrls.inMessageCallbackUrl, key: keyOf(subject) },
      {
        id,
        subject: subject.subject,
        subjectId,
        subscriber: { id: subscriberId(from), identifier: from },
        userInfo: { userName: name ?? null, firstName: name ?? null, lastName: null, avatarUrl: null },
        messageContent: contentOf(text, file && files.keep(file, origin)),
        receivedAt: new Date().toISOString(),
        replyOutMessageId: answered?.messageId ?? null,
        replyOutMessageExternalRequestId: answered?.requestId ?? null,
        replyInMessageId: null,
      },
    );
    return { id, status };
  };
}
