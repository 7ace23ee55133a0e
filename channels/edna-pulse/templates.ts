// The templates that are registered in an account of Pulse.
import type { Failure } from '../../domain/contracts/failure.js';
import { ask, bodyOf, type PulseAccount } from './ask.js';
import { failureOf, isInconclusive, readAnswer } from './failure.js';
import { readTemplate, type RegisteredTemplate } from './registered-template.js';

export interface TemplateSettings extends PulseAccount {
  subjectId: number;
}

export type TemplateList =
  /** `unreadable`: how many elements of the list are no templates that we could keep. */
  | { outcome: 'listed'; templates: RegisteredTemplate[]; unreadable: number }
  /** Pulse said no: a repeat would be refused too. */
  | { outcome: 'refused'; failure: Failure }
  /** No usable answer; nothing is known of the list. */
  | { outcome: 'away'; failure: Failure };

const LIST_LIMIT = 4 * 1024 * 1024; // bytes

export async function listTemplates({ subjectId, ...account }: TemplateSettings): Promise<TemplateList> {
  const query = { subjectId, matcherTypes: ['OPERATOR', 'USER', 'CUSTOM'] };
  const response = await ask(account, '/api/message-matchers/get-by-request', query).catch(() => undefined);
  return response === undefined ? away('no answer') : classify(response.status, await bodyOf(response, LIST_LIMIT));
}

function classify(status: number, body: string | undefined): TemplateList {
  if (status >= 200 && status < 300) return listIn(body) ?? away('the answer is no list of templates');
  const answer = readAnswer(body);
  const outcome = status === 429 || isInconclusive(status, answer) ? 'away' : 'refused';
  return { outcome, failure: failureOf(status, answer) };
}

function listIn(body: string | undefined): TemplateList | undefined {
  const elements = elementsOf(body);
  if (elements === undefined) return undefined;
  const templates = elements.flatMap((element) => readTemplate(element) ?? []);
  return { outcome: 'listed', templates, unreadable: elements.length - templates.length };
}

function elementsOf(body: string | undefined): unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(body ?? '');
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const away = (detail: string): TemplateList => ({ outcome: 'away', failure: { code: 'PROVIDER_ERROR', detail } });
