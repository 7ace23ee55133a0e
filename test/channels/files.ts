import type { Files } from '../../activities/ports.js';

/** Files by attachment id; another one cannot be read. */
export const filesOf = (contents: Record<string, Buffer> = {}): Files => ({
  read: (attachmentId) => {
    const bytes = contents[attachmentId];
    return bytes === undefined ? Promise.reject(new Error(`no file ${attachmentId}`)) : Promise.resolve(bytes);
  },
  urlOf: (attachmentId, askedAt) => `https://files.northwind.example/${attachmentId}?from=${askedAt}`,
});
