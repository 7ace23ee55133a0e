// What may be chosen of the registered templates, and how one is filled. Its text is never changed (R20).
import type { ProviderKind } from './contracts/channel.js';
import type {
  MessageTemplate,
  MessageTemplateBody,
  TemplateObstacle,
  TemplateVariable,
} from './contracts/message-template.js';
import type { Refusal } from './contracts/refusal.js';
import { isBlank } from './text.js';

/** R19, R23, A14: approved, not locked, text alone, and of a kind that Pulse sends itself. */
export const isSelectable = (template: MessageTemplateBody): boolean => obstaclesOf(template).length === 0;

/** Everything because of which a template cannot be chosen. */
export function obstaclesOf({ kind, status, locked, header, buttons }: MessageTemplateBody): TemplateObstacle[] {
  const found: TemplateObstacle[] = [];
  if (kind === 'OPERATOR') found.push('KIND_OPERATOR');
  if (status !== 'APPROVED') found.push('NOT_APPROVED');
  if (locked) found.push('LOCKED');
  if (header !== undefined && header.type !== 'TEXT') found.push('HEADER_NOT_TEXT');
  if (buttons.length > 0) found.push('HAS_BUTTONS');
  return found;
}

const PLACEHOLDER = /\{\{([A-Za-z0-9_]{1,32})\}\}/g;

/** With a variable for every placeholder: one that nobody has described is typed text (R21, R22). */
export function withAllVariables<T extends MessageTemplateBody>(template: T): T {
  const known = new Set(template.variables.map(({ name }) => name));
  const found = [
    ...placeholdersOf(template.header?.text ?? '').map((name) => `header.${name}`),
    ...placeholdersOf(template.body),
  ];
  const missing = [...new Set(found)].filter((name) => !known.has(name));
  return {
    ...template,
    variables: [...template.variables, ...missing.map((name) => ({ name, kind: 'TEXT' as const }))],
  };
}

const placeholdersOf = (text: string): string[] => [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name);

/** The text that the client will read: a title and a signature stand apart where the template has them. */
export interface MessageText {
  title?: string;
  text: string;
  signature?: string;
}

/** Values are trimmed; blank is missing (R22). An unknown name is invalid. All problems at once. */
export function variableProblems(
  { variables }: MessageTemplate,
  values: Readonly<Record<string, string>>,
  provider: ProviderKind,
): Refusal[] {
  const known = new Map(variables.map((variable) => [variable.name, variable]));
  const missing = variables.map(({ name }) => name).filter((name) => isBlank(valueOf(values, name)));
  const unknown = Object.keys(values).filter((name) => !known.has(name));
  const wrong = variables.filter((variable) => {
    const value = valueOf(values, variable.name);
    return value !== undefined && !isBlank(value) && !isValid(variable, value.trim(), provider);
  });
  return [
    ...(missing.length > 0 ? [{ code: 'VARIABLES_MISSING', names: missing } as const] : []),
    ...[...unknown, ...wrong.map(({ name }) => name)].map((name) => ({ code: 'VARIABLE_INVALID', name }) as const),
  ];
}

// Own fields alone: a variable may be named `constructor`.
const valueOf = (values: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(values, name) ? values[name] : undefined;

// Providers refuse a value with a line break, a tab or five spaces in a row; Pulse an ampersand too.
const FORBIDDEN_IN_VALUE = /[\p{Cc}\u2028\u2029]| {5}/u;

function isValid({ kind, options }: TemplateVariable, value: string, provider: ProviderKind): boolean {
  if (FORBIDDEN_IN_VALUE.test(value) || (provider === 'PULSE' && value.includes('&'))) return false;
  switch (kind) {
    case 'TEXT':
      return true;
    case 'DATE':
      return isDay(value);
    case 'CHOICE':
      return (options ?? []).includes(value);
  }
}

function isDay(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const day = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value);
}

/** The finished text of a template whose variables have no problems. */
export function fill(template: MessageTemplate, values: Readonly<Record<string, string>>): MessageText {
  const texts = new Map(template.variables.map((variable) => [variable.name, rendered(variable, values)]));
  const inBody = substitute(template.body, '', texts);
  const { header, footer } = template;
  return {
    text: inBody,
    ...(isBlank(header?.text) ? {} : { title: substitute(header?.text ?? '', 'header.', texts) }),
    ...(isBlank(footer) ? {} : { signature: footer ?? '' }),
  };
}

// One pass, so that a placeholder inside a value stays what it is.
const substitute = (text: string, prefix: string, values: ReadonlyMap<string, string>): string =>
  text.replace(PLACEHOLDER, (placeholder, name: string) => values.get(`${prefix}${name}`) ?? placeholder);

const DEFAULT_FORMAT = 'yyyy-MM-dd';

function rendered({ name, kind, format }: TemplateVariable, values: Readonly<Record<string, string>>): string {
  const value = (valueOf(values, name) ?? '').trim();
  if (kind !== 'DATE') return value;
  const [yyyy = '', MM = '', dd = ''] = value.split('-');
  const parts: Record<string, string> = { yyyy, yy: yyyy.slice(-2), MM, dd };
  return (format ?? DEFAULT_FORMAT).replace(/yyyy|yy|MM|dd/g, (part) => parts[part] ?? part);
}
