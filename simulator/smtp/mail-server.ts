import { randomUUID } from 'node:crypto';
import type { Server } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerError, type SMTPServerSession } from 'smtp-server';
import { type Behaviour, behaviourOf, isSilent, temporaryRefusals } from '../behaviour.js';
import type { Calls } from '../calls.js';
import type { FaultSwitch } from '../faults.js';
import type { Ledger } from '../ledger.js';
import type { Timers } from '../timers.js';
import { readMail } from './mail.js';

export interface MailServerParts {
  silenceMs: number;
  timers: Timers;
  ledger: Ledger;
  calls: Calls;
  faults: FaultSwitch;
}

export interface MailServer {
  server: Server;
  stop(): Promise<void>;
}

/**
 * A mail relay whose recipients script it. It sends no delivery reports: what differs from an ordinary recipient
 * by reports alone (0001, 0002, 0003, 0008, 0010, 0011) is taken as any other mail.
 */
export function createMailServer({ silenceMs, timers, ledger, calls, faults }: MailServerParts): MailServer {
  const refusals = createRefusals();

  const smtp = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    allowInsecureAuth: true,
    hideDSN: false,
    disableReverseLookup: true,
    closeTimeout: 1, // ms
    onAuth: ({ username }, _session, callback) => callback(null, { user: username ?? 'anonymous' }),
    onMailFrom(_address, _session, callback) {
      calls.count('SMTP');
      callback();
    },
    onRcptTo({ address }, session, callback) {
      calls.countKey(address.toLowerCase());
      callback(refusals.next(address, session));
    },
    onData(stream, session, callback) {
      const answer = (text: string | undefined) => (text === undefined ? hangUp(session) : callback(null, text));
      accept(stream, session).then(answer, callback);
    },
  });
  // A client that breaks its connection is the client's affair.
  smtp.on('error', () => undefined);

  /** The text of the answer to the final dot, undefined when there is to be none. */
  async function accept(stream: NodeJS.ReadableStream, session: SMTPServerSession): Promise<string | undefined> {
    const mail = await readMail(await buffer(stream), session.envelope);
    const { recipients } = mail.envelope;
    const [to = ''] = recipients; // recipients of blind copies come later, and script nothing here
    const key = mail.messageId || `<${randomUUID()}@simulator.example>`;
    calls.countKey(key);
    ledger.add({ provider: 'SMTP', to, content: { ...mail, messageId: key }, key }, recipients);
    refusals.forget(recipients, session);

    await timers.wait(faults.current.latencyMs);
    if (faults.current.answer === 'CLOSE') return undefined;
    if (!isSilent(behaviourOf(to))) return `2.0.0 queued as ${session.id}`;
    await timers.wait(silenceMs);
    return undefined;
  }

  function hangUp(session: SMTPServerSession): void {
    for (const connection of smtp.connections) if (connection.id === session.id) connection._socket.destroy();
  }

  return {
    server: smtp.server,
    stop: () =>
      new Promise((resolve) => {
        for (const connection of smtp.connections) connection._socket.destroy();
        smtp.close(resolve);
      }),
  };
}

/**
 * Refusals at RCPT, for good or for the time being. Neither the connection nor RCPT shows a Message-ID, so those for
 * the time being, 421 too, are counted per recipient, envelope sender and ENVID, and anew after each accepted mail.
 */
function createRefusals() {
  const soFar = new Map<string, number>();
  const keyOf = (address: string, { envelope }: SMTPServerSession) =>
    [address.toLowerCase(), envelope.mailFrom && envelope.mailFrom.address, envelope.dsn?.envid].join(' ');

  return {
    next(address: string, session: SMTPServerSession): SMTPServerError | null {
      const behaviour = behaviourOf(address);
      if (behaviour === 'REFUSED') return reply(550, '5.1.1 no such user');
      const key = keyOf(address, session);
      const refused = soFar.get(key) ?? 0;
      if (refused >= temporaryRefusals(behaviour)) return null;
      soFar.set(key, refused + 1);
      return temporaryReply(behaviour);
    },
    forget(recipients: string[], session: SMTPServerSession): void {
      for (const recipient of recipients) soFar.delete(keyOf(recipient, session));
    },
  };
}

const temporaryReply = (behaviour: Behaviour): SMTPServerError =>
  behaviour === 'RATE_LIMITED_ONCE'
    ? reply(451, '4.7.1 greylisted, try again in 1 second')
    : reply(421, '4.3.2 service not available');

const reply = (responseCode: number, text: string): SMTPServerError => Object.assign(new Error(text), { responseCode });
