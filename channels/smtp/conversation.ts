// One conversation with a mail server, told by how far it went. The library speaks SMTP; what it does not tell (whether
// the body had left, and a refused To beside accepted blind copies) is seen at the one moment when it asks for the body.
import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { SmtpError } from './failure.js';
import type { SmtpSettings } from './settings.js';

export interface Envelope {
  from: string;
  /** The client first, then the blind copies. */
  to: [string, ...string[]];
}

export type ConversationEnd =
  | { kind: 'taken' }
  /** The client's address was refused, so nobody got anything: the To decides. */
  | { kind: 'recipientRefused'; error: SmtpError }
  /** `wasHandedOver`: all of the body had left, so the final dot may have too. */
  | { kind: 'broken'; error: SmtpError; wasHandedOver: boolean };

const LONGEST_GREETING = 30_000; // ms

export async function converse(settings: SmtpSettings, envelope: Envelope, body: Buffer): Promise<ConversationEnd> {
  const connection = connectionTo(settings);
  const source = new BodySource(body, () => refusalOf(connection, envelope));
  try {
    await within(settings.timeout, connection, async () => {
      await open(connection, settings);
      await hand(connection, envelope, source);
    });
    return { kind: 'taken' };
  } catch (thrown) {
    const error = thrown as SmtpError;
    const refusal = error.command === 'RCPT TO' ? refusalOf(connection, envelope) : source.refusal;
    if (refusal !== undefined) return { kind: 'recipientRefused', error: refusal };
    return { kind: 'broken', error, wasHandedOver: source.readableEnded };
  } finally {
    connection.close();
  }
}

const connectionTo = ({ host, port, tls, timeout }: SmtpSettings) =>
  new SMTPConnection({
    host,
    port,
    secure: tls === 'TLS',
    requireTLS: tls === 'STARTTLS',
    ignoreTLS: tls === 'NONE',
    connectionTimeout: Math.min(timeout, LONGEST_GREETING),
    greetingTimeout: Math.min(timeout, LONGEST_GREETING),
    socketTimeout: timeout,
  });

/** The body, which the library pipes once the server has asked for it; unless the client's address was refused. */
class BodySource extends Readable {
  refusal: SmtpError | undefined;
  readonly #chunks: (Buffer | null)[];
  readonly #findRefusal: () => SmtpError | undefined;

  constructor(body: Buffer, findRefusal: () => SmtpError | undefined) {
    super();
    this.#chunks = [body, null];
    this.#findRefusal = findRefusal;
  }

  override _read(): void {
    this.push(this.#chunks.shift() ?? null);
  }

  override pipe<T extends NodeJS.WritableStream>(destination: T): T {
    this.refusal = this.#findRefusal();
    if (this.refusal === undefined) return super.pipe(destination);
    this.destroy(new Error('the client is refused, and the blind copies go nowhere without'));
    return destination;
  }
}

/** The library's own bookkeeping, which it publishes only once the message is sent; of the pinned version. */
interface Bookkeeping {
  _envelope?: { rejectedErrors?: (SmtpError & { recipient?: string })[] } | false;
}

/** What the server said of the client's own address, if it refused it. */
function refusalOf(connection: SMTPConnection, { to: [client] }: Envelope): SmtpError | undefined {
  const { _envelope: envelope } = connection as unknown as Bookkeeping;
  return (envelope || undefined)?.rejectedErrors?.find(({ recipient }) => recipient === client);
}

function open(connection: SMTPConnection, { user, password = '' }: SmtpSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.on('error', reject);
    connection.connect((error) => {
      if (error) reject(error);
      else if (user === undefined) resolve();
      else connection.login({ user, pass: password }, (refused) => (refused ? reject(refused) : resolve()));
    });
  });
}

function hand(connection: SMTPConnection, { from, to }: Envelope, source: BodySource): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.on('error', reject);
    connection.send({ from, to }, source, (error) => (error ? reject(error) : resolve()));
  });
}

/** The library's limits are per step; this one is for the whole. */
async function within(timeout: number, connection: SMTPConnection, talk: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })), timeout);
  });
  try {
    await Promise.race([talk(), late]);
  } finally {
    clearTimeout(timer);
    connection.close();
  }
}
