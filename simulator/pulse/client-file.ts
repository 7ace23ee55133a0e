import { Hono } from 'hono';
import type { Http } from '../http.js';

interface SentFile {
  name: string;
  base64: string;
}

interface Attachment {
  url: string;
  name: string;
  size: number;
  mimeType: string;
}

/** Files that clients have sent, to be fetched by whoever got their address. */
export interface ClientFiles {
  keep(file: SentFile, origin: string): Attachment;
  routes: Hono<Http>;
}

export function createClientFiles(): ClientFiles {
  const kept: Uint8Array<ArrayBuffer>[] = [];
  const routes = new Hono<Http>().get('/files/:id/:name', (c) => {
    const bytes = kept[Number(c.req.param('id'))];
    return bytes === undefined ? c.notFound() : c.body(bytes, 200, { 'Content-Type': mimeTypeOf(c.req.param('name')) });
  });
  return {
    routes,
    keep({ name, base64 }, origin) {
      const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
      const id = kept.push(bytes) - 1;
      const url = `${origin}/pulse/files/${id}/${encodeURIComponent(name)}`;
      return { url, name, size: bytes.length, mimeType: mimeTypeOf(name) };
    },
  };
}

function mimeTypeOf(name: string): string {
  const [, picture] = /\.(png|jpeg|webp)$/i.exec(name) ?? [];
  return picture === undefined ? 'application/octet-stream' : `image/${picture.toLowerCase()}`;
}

/** With a file the text is its caption. */
export const contentOf = (text: string | undefined, attachment: Attachment | undefined) => ({
  type: attachment === undefined ? 'TEXT' : attachment.mimeType.startsWith('image/') ? 'IMAGE' : 'DOCUMENT',
  text: attachment === undefined ? text : null,
  attachment: attachment ?? null,
  location: null,
  caption: attachment === undefined ? null : (text ?? null),
  payload: null,
});
