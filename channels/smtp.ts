// E-mail by SMTP. No key: what was silent after the final dot is never repeated, what failed before it always may be.
import { Readable } from 'node:stream';
import nodemailer from 'nodemailer';
import MailComposer from 'nodemailer/lib/mail-composer';
import type { Channel, PartContent, ProviderAnswer } from '../activities/ports.js';
import type { FailureCode } from '../domain/contracts/failure.js';

export interface SmtpSettings {
  host: string;
  port: number;
  tls: 'NONE' | 'STARTTLS' | 'TLS';
  user?: string | undefined;
  password?: string | undefined;
  from: { name?: string | undefined; address: string };
  bounceAddress?: string | undefined;
  /** How long the server may stay silent, the wait after the final dot included, in ms. */
  timeout: number;
}

export function createSmtp(settings: SmtpSettings): Channel {
  return {
    isKeyed: false,
    expectsReceipts: false,
    timeout: settings.timeout,
    deliver: (part, reference) => deliver(settings, part, reference),
  };
}

async function deliver(settings: SmtpSettings, part: PartContent, reference: string): Promise<ProviderAnswer> {
  const { from, bounceAddress } = settings;
  const { address, message } = part;
  const body = await compose(settings, part, reference);
  const transport = nodemailer.createTransport({
    host: settings.host,
    port: settings.port,
    secure: settings.tls === 'TLS',
    requireTLS: settings.tls === 'STARTTLS',
    ignoreTLS: settings.tls === 'NONE',
    ...(settings.user !== undefined && { auth: { user: settings.user, pass: settings.password ?? '' } }),
    connectionTimeout: Math.min(settings.timeout, 30_000),
    greetingTimeout: Math.min(settings.timeout, 30_000),
    socketTimeout: settings.timeout,
  });
  const envelope = { from: bounceAddress ?? from.address, to: [address, ...(message.bcc ?? [])] };
  const stream = Readable.from([body]);
  try {
    const { rejected } = await transport.sendMail({ envelope, raw: stream });
    return rejected.includes(address) ? refusedRecipient() : { outcome: 'accepted', providerMessageId: reference };
  } catch (error) {
    return classify(error, stream.readableEnded);
  } finally {
    transport.close();
  }
}

/** Equal on every attempt; blind copies stand in the envelope alone (A12). */
function compose(
  { from }: SmtpSettings,
  { address, askedAt, message }: PartContent,
  reference: string,
): Promise<Buffer> {
  const domain = from.address.split('@')[1] ?? 'localhost';
  return new MailComposer({
    messageId: `<${reference}@${domain}>`,
    from: { name: from.name ?? '', address: from.address },
    to: address,
    date: askedAt,
    subject: message.subject ?? '',
    text: message.text,
    ...(message.html !== undefined && { html: message.html }),
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build();
}

const refusedRecipient = (): ProviderAnswer => ({ outcome: 'final', failure: { code: 'ADDRESS_INVALID' } });

interface SmtpError {
  code?: string;
  command?: string;
  response?: string;
  responseCode?: number;
}

/** @param wasHandedOver all of the message had left, so the final dot may have too */
function classify(error: unknown, wasHandedOver: boolean): ProviderAnswer {
  const { code, response, responseCode, command } = error as SmtpError;
  const failure = {
    code: meaningOf(responseCode, response, command),
    ...(responseCode !== undefined && { providerCode: enhancedCode(response) ?? String(responseCode) }),
    detail: (response ?? code ?? 'no answer').slice(0, 1000),
  };
  if (responseCode !== undefined) {
    return responseCode >= 500 ? { outcome: 'final', failure } : { outcome: 'retry', failure, afterMs: GREYLISTING };
  }
  if (code === 'EAUTH') return { outcome: 'final', failure: { ...failure, code: 'SENDER_ACCOUNT_PROBLEM' } };
  return wasHandedOver ? { outcome: 'unknown', failure } : { outcome: 'retry', failure };
}

const GREYLISTING = 60_000; // ms; a server that says "later" means at least a minute

const enhancedCode = (response: string | undefined): string | undefined =>
  /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(response ?? '')?.[0];

const byEnhancedCode: readonly [RegExp, FailureCode][] = [
  [/^5\.1\.(7|8)$|^5\.7\.(8|2[0-6])$/, 'SENDER_ACCOUNT_PROBLEM'],
  [/^5\.1\.(1|2|3|6|10)$/, 'ADDRESS_INVALID'],
  [/^[45]\.2\.[12]$/, 'MAILBOX_UNAVAILABLE'],
  [/^5\.(2\.3|3\.4)$/, 'MEDIA_REJECTED'],
  [/^5\.6\./, 'CONTENT_REJECTED'],
  [/^[45]\.4\.7$/, 'EXPIRED'],
];

function meaningOf(
  responseCode: number | undefined,
  response: string | undefined,
  command: string | undefined,
): FailureCode {
  const enhanced = enhancedCode(response);
  const known = byEnhancedCode.find(([pattern]) => enhanced !== undefined && pattern.test(enhanced))?.[1];
  if (known !== undefined) return known;
  const isRecipient = command === 'RCPT TO';
  if (enhanced === '5.7.1') return isRecipient ? 'RECIPIENT_BLOCKED_BUSINESS' : 'CONTENT_REJECTED';
  switch (responseCode) {
    case 501:
    case 550:
    case 551:
    case 553:
      return isRecipient ? 'ADDRESS_INVALID' : 'CONTENT_REJECTED';
    case 552:
      return isRecipient ? 'MAILBOX_UNAVAILABLE' : 'MEDIA_REJECTED';
    case 554:
      return 'CONTENT_REJECTED';
    case 530:
    case 534:
    case 535:
      return 'SENDER_ACCOUNT_PROBLEM';
    case 452:
      return 'RATE_LIMITED';
    default:
      return 'PROVIDER_ERROR';
  }
}
