import type { Server as HttpServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { createApp } from './app.js';
import { createCallbacks } from './callbacks.js';
import { createCalls } from './calls.js';
import type { Settings } from './config.js';
import { type FaultSwitch, noFaults } from './faults.js';
import { createLedger } from './ledger.js';
import { createPulse } from './pulse/pulse.js';
import { createMailServer } from './smtp/mail-server.js';
import { createTimers } from './timers.js';

export interface Simulator {
  httpPort: number;
  smtpPort: number;
  stop(): Promise<void>;
}

/** @throws an Error with a sentence for the person who started it, when a port cannot be had */
export async function startSimulator(settings: Settings): Promise<Simulator> {
  const timers = createTimers();
  const ledger = createLedger();
  const calls = createCalls();
  const faults: FaultSwitch = { current: noFaults() };
  const callbacks = createCallbacks({
    header: settings.webhookHeader,
    retryDelaysMs: settings.callbackRetriesMs,
    timers,
  });
  const pulse = createPulse({ settings, timers, ledger, calls, faults, callbacks });
  const app = createApp({ ledger, calls, faults, callbacks, pulse });
  const http = createAdaptorServer({ fetch: app.fetch }) as HttpServer;
  const mail = createMailServer({ silenceMs: settings.smtpSilenceMs, timers, ledger, calls, faults });

  async function stop(): Promise<void> {
    timers.stop();
    const closed = new Promise<void>((resolve) => http.close(() => resolve()));
    http.closeAllConnections();
    await Promise.all([closed, mail.stop()]);
  }

  const httpPort = await listen(http, settings.port, settings.host, 'SIMULATOR_PORT');
  try {
    const smtpPort = await listen(mail.server, settings.smtpPort, settings.host, 'SIMULATOR_SMTP_PORT');
    return { httpPort, smtpPort, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function listen(server: Server, port: number, host: string, setting: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new Error(complaint(error, port, host, setting))));
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function complaint(error: NodeJS.ErrnoException, port: number, host: string, setting: string): string {
  const wayOut = `set ${setting} to a free port, or to 0 for any free one`;
  if (error.code !== 'EADDRINUSE') return `${setting}: cannot listen on ${host}:${port} (${error.message}); ${wayOut}`;
  return `${setting}: port ${port} on ${host} is taken by another process; stop it, or ${wayOut}`;
}
