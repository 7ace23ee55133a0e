import { Hono } from 'hono';
import type { Calls } from '../calls.js';
import type { Callbacks } from '../callbacks.js';
import type { Settings } from '../config.js';
import type { ReceiveInbound } from '../control.js';
import { delayAnswer, type FaultSwitch, spoilAnswer } from '../faults.js';
import type { Http } from '../http.js';
import type { Ledger } from '../ledger.js';
import type { Timers } from '../timers.js';
import { createAccount } from './account.js';
import { createCallbackSet } from './callback-set.js';
import { createPulseControl } from './control.js';
import { createClientFiles } from './client-file.js';
import { createHistory } from './history.js';
import { createInbound } from './inbound.js';
import { createMessages } from './messages.js';
import { refuse } from './refuse.js';
import { countSend, createSchedule } from './schedule.js';
import { createStatusReporter } from './statuses.js';
import { createSubjects, type Subject } from './subjects.js';
import { createTemplateNews } from './template-news.js';
import { createWindows } from './windows.js';

export interface PulseParts {
  settings: Settings;
  timers: Timers;
  ledger: Ledger;
  calls: Calls;
  faults: FaultSwitch;
  callbacks: Callbacks;
}

/** edna Pulse: what an integration calls, what steers the account, and how a client writes. */
export interface Pulse {
  provider: Hono<Http>;
  control: Hono<Http>;
  receiveInbound: ReceiveInbound;
}

export function createPulse({ settings, callbacks, ...parts }: PulseParts): Pulse {
  const { timers, calls, faults } = parts;
  const subjects = createSubjects();
  const messages = createMessages();
  const windows = createWindows();
  const keyOf = ({ webhookKey = settings.webhookKey }: Subject): string => webhookKey;
  const reporter = createStatusReporter(messages, callbacks, keyOf);
  const silenceMs = settings.pulseSilenceMs;
  const schedule = createSchedule({ ...parts, subjects, messages, windows, reporter, silenceMs });

  const files = createClientFiles();
  const provider = new Hono<Http>();
  provider.route('/', files.routes); // without a key: the address is all that a fetch needs
  provider.use(delayAnswer(faults, timers));
  provider.use(async (c, next) => {
    if (c.req.header('X-API-KEY')) return next();
    return refuse(c, { title: 'error-unauthorized', detail: 'X-API-KEY is missing' }, 401);
  });
  provider.post('/api/cascade/schedule', countSend(calls), spoilAnswer(faults), schedule);
  provider.post('/api/messages/history', createHistory(messages));
  provider.post('/api/callback/set', createCallbackSet(subjects));
  provider.route('/', createAccount(subjects));
  provider.all('*', (c) => refuse(c, { title: 'error-not-found', detail: 'No such method' }, 404));

  return {
    provider,
    control: createPulseControl(subjects, createTemplateNews(callbacks, keyOf)),
    receiveInbound: createInbound({ files, subjects, messages, windows, callbacks, keyOf }),
  };
}
