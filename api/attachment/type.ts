// The type of a file by its bytes: the library knows the magic numbers, this file what has none (R6, SEC16).
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { fileTypeFromFile } from 'file-type';

/** MIME type; `application/octet-stream` when nothing fits. */
export async function typeOf(path: string): Promise<string> {
  const found = await fileTypeFromFile(path);
  switch (found?.mime) {
    case undefined:
      return (await isText(path)) ? typeOfText(await beginningOf(path)) : 'application/octet-stream';
    case 'application/xml':
      return typeOfText(await beginningOf(path));
    case 'application/x-cfb':
      return oldOfficeType(path);
    default:
      return found!.mime;
  }
}

const BEGINNING = 4096; // bytes

async function beginningOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BEGINNING), 0, BEGINNING, 0);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await file.close();
  }
}

/** UTF-8 without NUL. */
async function isText(path: string): Promise<boolean> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      if (chunk.includes(0)) return false;
      decoder.decode(chunk, { stream: true });
    }
    decoder.decode();
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

const MARKUP = /^<(?:!doctype\s+html|html|head|body|script|iframe|style|title|table|div|h1|font|a|b|br|p|img)\b/i;

function typeOfText(text: string): string {
  if (text.startsWith('#!')) return 'application/x-sh';
  const bare = text.replace(/^\uFEFF/, '').trimStart();
  if (/<svg\b/i.test(bare) && bare.startsWith('<')) return 'image/svg+xml';
  if (MARKUP.test(withoutComments(bare))) return 'text/html';
  if (/^<\?xml\b/i.test(bare)) return /<html\b/i.test(bare) ? 'application/xhtml+xml' : 'application/xml';
  return 'text/plain';
}

/** A comment may stand before the first tag. */
function withoutComments(text: string): string {
  let rest = text;
  while (rest.startsWith('<!--')) {
    const end = rest.indexOf('-->');
    if (end < 0) return '';
    rest = rest.slice(end + 3).trimStart();
  }
  return rest;
}

// The streams by which the old formats tell themselves apart, named in the directory of the compound file.
const OLD_OFFICE = [
  { stream: 'WordDocument', type: 'application/msword' },
  { stream: 'Workbook', type: 'application/vnd.ms-excel' },
  { stream: 'PowerPoint Document', type: 'application/vnd.ms-powerpoint' },
] as const;

async function oldOfficeType(path: string): Promise<string> {
  const longest = Math.max(...OLD_OFFICE.map(({ stream }) => stream.length * 2));
  let tail = Buffer.alloc(0);
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    const seen = Buffer.concat([tail, chunk]);
    const found = OLD_OFFICE.find(({ stream }) => seen.includes(stream, 0, 'utf16le'));
    if (found !== undefined) return found.type;
    tail = seen.subarray(-longest);
  }
  return 'application/x-cfb';
}
