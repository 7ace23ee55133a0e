import { simpleParser } from 'mailparser';
import type { SMTPServerEnvelope } from 'smtp-server';

/** A mail as its reader would see it, with the envelope it came in and its bytes. */
export interface Mail {
  subject: string;
  text: string;
  html?: string;
  from: string;
  messageId: string;
  /** By lower-case name, unfolded, not decoded; a repeated header has its values joined by a line break. */
  headers: Record<string, string>;
  attachments: { name: string | null; contentType: string; size: number }[];
  envelope: { from: string; recipients: string[]; envid?: string };
  raw: string;
}

export async function readMail(raw: Buffer, envelope: SMTPServerEnvelope): Promise<Mail> {
  const parsed = await simpleParser(raw);
  return {
    subject: parsed.subject ?? '',
    text: parsed.text ?? '',
    ...(parsed.html ? { html: parsed.html } : {}),
    from: parsed.from?.text ?? '',
    messageId: parsed.messageId ?? '',
    headers: plainHeaders(parsed.headerLines),
    attachments: parsed.attachments.map(({ filename, contentType, size }) => ({
      name: filename ?? null,
      contentType,
      size,
    })),
    envelope: plainEnvelope(envelope),
    raw: raw.toString('utf8'),
  };
}

function plainHeaders(lines: readonly { key: string; line: string }[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const { key, line } of lines) {
    const value = line
      .slice(line.indexOf(':') + 1)
      .replace(/\r?\n(?=[ \t])/g, '')
      .trim();
    headers[key] = key in headers ? `${headers[key]}\n${value}` : value;
  }
  return headers;
}

function plainEnvelope({ mailFrom, rcptTo, dsn }: SMTPServerEnvelope): Mail['envelope'] {
  return {
    from: mailFrom ? mailFrom.address : '',
    recipients: rcptTo.map(({ address }) => address),
    ...(dsn?.envid ? { envid: dsn.envid } : {}),
  };
}
