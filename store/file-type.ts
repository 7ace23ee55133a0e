// The type of a file by its bytes: the library knows the magic numbers, this file what has none (R6, SEC16).
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { fileTypeFromFile } from 'file-type';

/** MIME type; `application/octet-stream` when nothing fits. */
export async function typeOf(path: string): Promise<string> {
  const beginning = await beginningOf(path);
  const unicode = UTF_16.find(({ mark }) => beginning.subarray(0, 2).equals(mark));
  if (unicode !== undefined) return typeOfText(new TextDecoder(unicode.encoding).decode(beginning));
  const found = await fileTypeFromFile(path);
  switch (found?.mime) {
    case undefined:
      return (await isText(path)) ? typeOfText(beginning.toString('utf8')) : 'application/octet-stream';
    case 'application/xml':
      return typeOfText(beginning.toString('utf8'));
    case 'application/x-cfb':
      return oldOfficeType(path);
    default:
      return found!.mime;
  }
}

const BEGINNING = 4096; // bytes

/** By its byte order mark, which the library takes for the beginning of a sound. */
const UTF_16 = [
  { mark: Buffer.from([0xff, 0xfe]), encoding: 'utf-16le' },
  { mark: Buffer.from([0xfe, 0xff]), encoding: 'utf-16be' },
];

async function beginningOf(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BEGINNING), 0, BEGINNING, 0);
    return buffer.subarray(0, bytesRead);
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

// As browsers sniff it, and with whatever else begins a fragment.
const MARKUP =
  /^<(?:!--|(?:!doctype\s+html|html|head|body|script|iframe|style|title|meta|link|base|table|div|span|section|form|input|button|template|object|embed|video|audio|center|h[1-6]|ul|ol|font|a|b|br|p|img)\b)/i;

function typeOfText(text: string): string {
  if (text.startsWith('#!')) return 'application/x-sh';
  const bare = text.replace(/^\uFEFF/, '').trimStart();
  if (/<svg\b/i.test(bare) && bare.startsWith('<')) return 'image/svg+xml';
  if (MARKUP.test(bare)) return 'text/html';
  if (/^<\?xml\b/i.test(bare)) return /<html\b/i.test(bare) ? 'application/xhtml+xml' : 'application/xml';
  return 'text/plain';
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
