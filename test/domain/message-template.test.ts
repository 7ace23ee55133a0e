import { fc, test } from '@fast-check/vitest';
import { expect, it } from 'vitest';
import type { MessageTemplate, TemplateVariable } from '../../domain/contracts/message-template.js';
import { fill, isSelectable, variableProblems } from '../../domain/message-template.js';
import { aTemplate, aVariable } from '../builders.js';

const selectable: { what: string; template: Partial<MessageTemplate>; canBeChosen: boolean }[] = [
  { what: 'approved text built by a user', template: {}, canBeChosen: true },
  { what: 'custom', template: { kind: 'CUSTOM' }, canBeChosen: true },
  {
    what: 'with a text header and a footer',
    template: { header: { type: 'TEXT', text: 'Order' }, footer: 'N' },
    canBeChosen: true,
  },
  { what: "the operator's own, which Pulse does not send", template: { kind: 'OPERATOR' }, canBeChosen: false },
  { what: 'locked', template: { locked: true }, canBeChosen: false },
  { what: 'with a button', template: { buttons: [{ kind: 'URL', text: 'Open' }] }, canBeChosen: false },
  ...(['IMAGE', 'VIDEO', 'DOCUMENT', 'LOCATION'] as const).map((type) => ({
    what: `with a header of type ${type}`,
    template: { header: { type } },
    canBeChosen: false,
  })),
  ...['REJECTED', 'PENDING', 'NOT_SENT', 'ARCHIVED', 'PAUSED', 'DISABLED'].map((status) => ({
    what: status,
    template: { status },
    canBeChosen: false,
  })),
];

it.each(selectable)(
  'a template that is $what can be chosen: $canBeChosen (R19, R23, A14)',
  ({ template, canBeChosen }) => {
    expect(isSelectable(aTemplate(template))).toBe(canBeChosen);
  },
);

const choice: Partial<TemplateVariable> = { kind: 'CHOICE', options: ['Main street', 'Harbour'] };

const values: { variable: Partial<TemplateVariable>; value: string; isTaken: boolean }[] = [
  { variable: { kind: 'TEXT' }, value: 'at noon', isTaken: true },
  { variable: { kind: 'TEXT' }, value: '  at noon\n', isTaken: true },
  { variable: { kind: 'TEXT' }, value: 'a    b', isTaken: true },
  { variable: { kind: 'TEXT' }, value: 'a     b', isTaken: false },
  { variable: { kind: 'TEXT' }, value: 'a\nb', isTaken: false },
  { variable: { kind: 'TEXT' }, value: 'a\rb', isTaken: false },
  { variable: { kind: 'TEXT' }, value: 'a\tb', isTaken: false },
  { variable: { kind: 'TEXT' }, value: 'a & b', isTaken: false },
  { variable: { kind: 'TEXT' }, value: 'a\u0000b', isTaken: false },
  { variable: { kind: 'DATE' }, value: '2026-11-24', isTaken: true },
  { variable: { kind: 'DATE' }, value: '2028-02-29', isTaken: true },
  { variable: { kind: 'DATE' }, value: '2026-02-29', isTaken: false },
  { variable: { kind: 'DATE' }, value: '2026-13-01', isTaken: false },
  { variable: { kind: 'DATE' }, value: '24.11.2026', isTaken: false },
  { variable: { kind: 'DATE' }, value: 'tomorrow', isTaken: false },
  { variable: choice, value: ' Harbour ', isTaken: true },
  { variable: choice, value: 'harbour', isTaken: false },
  { variable: { kind: 'CHOICE' }, value: 'Harbour', isTaken: false },
];

it.each(values)('a variable of kind $variable.kind takes $value: $isTaken (R21)', ({ variable, value, isTaken }) => {
  const problems = variableProblems(aTemplate({ variables: [aVariable(variable)] }), { 1: value });

  expect(problems).toEqual(isTaken ? [] : [{ code: 'VARIABLE_INVALID', name: '1' }]);
});

it('all that is missing, unknown and wrong is said at once (R22)', () => {
  const variables = [aVariable(), aVariable({ name: '2', kind: 'DATE' }), aVariable({ name: 'header.1' })];

  const problems = variableProblems(aTemplate({ variables }), { 2: 'soon', 'header.1': '  ', 9: 'x' });

  expect(problems).toEqual([
    { code: 'VARIABLES_MISSING', names: ['1', 'header.1'] },
    { code: 'VARIABLE_INVALID', name: '9' },
    { code: 'VARIABLE_INVALID', name: '2' },
  ]);
});

it.each(['constructor', 'toString', '__proto__'])('a variable named %s is missing until it is filled (R22)', (name) => {
  const template = aTemplate({ variables: [aVariable({ name })] });

  expect(variableProblems(template, {})).toEqual([{ code: 'VARIABLES_MISSING', names: [name] }]);
});

it('header and body have their own variables of the same number (R21)', () => {
  const template = aTemplate({
    header: { type: 'TEXT', text: 'Order {{1}}' },
    body: 'Ready until {{1}}.',
    footer: 'Northwind {{1}}',
    variables: [aVariable(), aVariable({ name: 'header.1' })],
  });

  expect(fill(template, { 1: ' 18:00', 'header.1': 'A-1042 ' })).toEqual({
    title: 'Order A-1042',
    text: 'Ready until 18:00.',
    signature: 'Northwind {{1}}',
  });
});

it.each([
  { format: undefined, shown: '2026-11-04' },
  { format: 'dd.MM.yyyy', shown: '04.11.2026' },
  { format: 'MM/dd/yyyy', shown: '11/04/2026' },
  { format: 'dd.MM.', shown: '04.11.' },
])('a date reads $shown in the format $format (R21)', ({ format, shown }) => {
  const variable = aVariable({ kind: 'DATE', ...(format !== undefined && { format }) });

  expect(fill(aTemplate({ body: '{{1}}', variables: [variable] }), { 1: '2026-11-04' }).text).toBe(shown);
});

const trickyValue = fc
  .array(fc.oneof(fc.constantFrom('{{1}}', '{{2}}', '{{', '}}', '$&', '$1', '\\'), fc.string()), { minLength: 1 })
  .map((pieces) => pieces.join(''));

test.prop([trickyValue, trickyValue])('a placeholder inside a value stays what it is (R20)', (first, second) => {
  const template = aTemplate({ body: '[{{1}}|{{2}}|{{1}}]', variables: [aVariable(), aVariable({ name: '2' })] });

  const [one, two] = [first.trim(), second.trim()];

  expect(fill(template, { 1: first, 2: second }).text).toBe(`[${one}|${two}|${one}]`);
});

const withoutPlaceholders = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('{{'));

test.prop([withoutPlaceholders, withoutPlaceholders])(
  'nothing but its variables changes in a template (R20)',
  (one, two) => {
    const template = aTemplate({ body: `${one}{{1}}${two}{{unknown}}` });

    expect(fill(template, { 1: 'x' }).text).toBe(`${one}x${two}{{unknown}}`);
  },
);
