// What an administrator does in the providers' accounts, done at the simulator: callbacks, templates, its control calls.
import type { MessageTemplateBody } from '../domain/contracts/message-template.js';

/** One call to the simulator's control or provider side; answers its body, if there is one. */
export async function tell(simulator: string, method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${simulator}${path}`, {
    method,
    headers: { 'content-type': 'application/json', 'x-api-key': 'key' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`the simulator refuses ${method} ${path}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

/** Receipts, messages and news of templates of a Pulse subject go to the webhook of that channel. */
export async function registerCallbacks(
  simulator: string,
  api: string,
  subjects: Record<string, number>,
): Promise<void> {
  for (const [channelId, subjectId] of Object.entries(subjects)) {
    const webhook = `${api}/webhooks/${channelId}`;
    await tell(simulator, 'POST', '/pulse/api/callback/set', {
      statusCallbackUrl: webhook,
      inMessageCallbackUrl: webhook,
      messageMatcherCallbackUrl: webhook,
      subjectId,
    });
  }
}

/** The same templates as the account of a WhatsApp subject has them. */
export const registerTemplates = (simulator: string, subjectId: number, templates: MessageTemplateBody[]) =>
  tell(simulator, 'PUT', `/_subjects/${subjectId}/templates`, templates.map(registered));

/** The texts as they are; a header that is no text is a file, and without buttons there is an empty keyboard. */
function registered({ name, language, kind, status, locked, ...texts }: MessageTemplateBody, index: number) {
  const { header, body, footer, buttons } = texts;
  const media = header === undefined || header.type === 'TEXT' ? undefined : header.type;
  return {
    id: 51820 + index,
    name,
    channelType: 'WHATSAPP',
    language,
    contentType: media ?? 'TEXT',
    content: {
      header: header?.text === undefined ? null : { headerType: 'TEXT', text: header.text },
      text: body,
      footer: footer === undefined ? null : { text: footer },
      keyboard: { rows: [{ buttons: buttons.map((button) => ({ buttonType: button.kind, text: button.text })) }] },
      attachment: media === undefined ? null : { id: 1, fileUrl: 'https://files.example/1', originalFileName: '1' },
      action: null,
      caption: null,
    },
    category: 'UTILITY',
    status,
    locked,
    type: kind,
    createdAt: '2026-05-04T08:00:00Z',
    updatedAt: '2026-05-05T10:30:00Z',
  };
}
