import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { z } from 'zod';
import { type Behaviour, behaviourOf, isSilent, temporaryRefusals } from '../behaviour.js';
import type { Calls } from '../calls.js';
import { complaints } from '../complaints.js';
import type { FaultSwitch } from '../faults.js';
import { type Http, hangUp, jsonOf } from '../http.js';
import type { Ledger } from '../ledger.js';
import type { Timers } from '../timers.js';
import { visibleContent } from './content.js';
import type { Messages, PulseMessage } from './messages.js';
import { type PulseRefusal, refuse } from './refuse.js';
import { addressRefusal, contentRefusal, isRefusal, partFor, ScheduleRequest } from './schedule-request.js';
import { type Fate, type StatusReporter, statusesOf } from './statuses.js';
import type { Subject, Subjects } from './subjects.js';
import { matchesTemplate } from './template.js';
import type { Windows } from './windows.js';

export interface ScheduleParts {
  subjects: Subjects;
  messages: Messages;
  windows: Windows;
  reporter: StatusReporter;
  ledger: Ledger;
  calls: Calls;
  faults: FaultSwitch;
  timers: Timers;
  silenceMs: number;
}

const notValid = (detail: string): PulseRefusal => ({ title: 'cascade-scheduling-request-is-not-valid', detail });

/** Counts every attempt, whatever becomes of it. */
export const countSend = (calls: Calls) =>
  createMiddleware<Http>(async (c, next) => {
    calls.count('PULSE');
    const named = z.looseObject({ requestId: z.string() }).safeParse(await jsonOf(c));
    if (named.success) calls.countKey(named.data.requestId);
    await next();
  });

/** Takes a send by cascade, as the last four digits of the phone script it. */
export function createSchedule(parts: ScheduleParts): (c: Context<Http>) => Promise<Response> {
  const { subjects, messages, windows, reporter, ledger, faults, timers, silenceMs } = parts;
  const refusedSoFar = new Map<string, number>();

  async function keepSilent(c: Context<Http>): Promise<Response> {
    await timers.wait(silenceMs);
    return hangUp(c);
  }

  function refuseForNow(c: Context<Http>, requestId: string, behaviour: Behaviour): Response | undefined {
    const refused = refusedSoFar.get(requestId) ?? 0;
    if (refused >= temporaryRefusals(behaviour)) return undefined;
    refusedSoFar.set(requestId, refused + 1);
    return behaviour === 'RATE_LIMITED_ONCE' ? c.body(null, 429, { 'Retry-After': '1' }) : c.body(null, 503);
  }

  function fateOf({ subject, address, content }: PulseMessage, isRepeat: boolean): Fate {
    if (isRepeat) return 'CANCELLED';
    if (subject.type !== 'WHATSAPP' || content.text === undefined) return 'FORWARDED';
    const isFree = windows.isOpen(subject.subjectId, address);
    return isFree || matchesTemplate({ ...content, text: content.text }, subject.templates) ? 'FORWARDED' : 'UNMATCHED';
  }

  async function reportStatuses(message: PulseMessage, behaviour: Behaviour, isRepeat: boolean): Promise<void> {
    const fate = fateOf(message, isRepeat);
    const delays = faults.current.receiptDelaysMs;
    for (const status of statusesOf({ behaviour, fate, type: message.subject.type, delays })) {
      if (behaviour === 'RECEIPTS_FIRST') await reporter.report(message, status);
      else timers.after(status.afterMs, () => void reporter.report(message, status));
    }
  }

  function accept(request: ScheduleRequest, subject: Subject, part: Parameters<typeof visibleContent>[0]) {
    const { requestId, comment, subscriberFilter } = request;
    const { address } = subscriberFilter;
    const content = visibleContent(part);
    ledger.add({ provider: 'PULSE', to: address, content, key: requestId });
    const contentType = part.contentType ?? 'TEXT';
    const hidden = behaviourOf(address) === 'SILENT';
    return messages.accept({ requestId, comment: comment ?? null, subject, address, content, contentType, hidden });
  }

  return async (c) => {
    const parsed = ScheduleRequest.safeParse(await jsonOf(c));
    if (!parsed.success) return refuse(c, notValid(complaints(parsed.error).join('; ')));
    const { requestId, cascadeId, subscriberFilter, content } = parsed.data;
    const behaviour = behaviourOf(subscriberFilter.address);

    const subject = subjects.ofCascade(cascadeId);
    if (!subject) return refuse(c, { title: 'cascade-not-found', detail: `Cascade ${cascadeId} is not found` });
    const part = partFor(subject.type, content);
    if (isRefusal(part)) return refuse(c, part);
    const refusal = addressRefusal(subscriberFilter.address) ?? contentRefusal(subject.type, part);
    if (refusal) return refuse(c, refusal);
    if (behaviour === 'REFUSED') return refuse(c, notValid('The number scripts a refusal'));

    if (messages.isAccepted(requestId)) {
      if (behaviour === 'SILENT') return keepSilent(c);
      return refuse(c, { title: 'requestId-is-not-unique', detail: `Request ${requestId} was accepted before` });
    }
    const refusedForNow = refuseForNow(c, requestId, behaviour);
    if (refusedForNow) return refusedForNow;

    const { message, isRepeat } = accept(parsed.data, subject, part);
    await reportStatuses(message, behaviour, isRepeat);
    return isSilent(behaviour) ? keepSilent(c) : c.json({ requestId });
  };
}
