import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import {
  type MessageTemplate,
  TemplateObstacle,
  type TemplateVariable,
} from '../../domain/contracts/message-template.js';
import { fill, isSelectable, obstaclesOf, variableProblems, withAllVariables } from '../../domain/message-template.js';
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

describe('why a template cannot be chosen (R19, R23, A14)', () => {
  const obstacles: Record<TemplateObstacle, Partial<MessageTemplate>> = {
    KIND_OPERATOR: { kind: 'OPERATOR' },
    NOT_APPROVED: { status: 'PENDING' },
    LOCKED: { locked: true },
    HEADER_NOT_TEXT: { header: { type: 'DOCUMENT' } },
    HAS_BUTTONS: { buttons: [{ kind: 'QUICK_REPLY', text: 'Yes' }] },
  };

  it.each(TemplateObstacle.options)('%s alone is said alone', (obstacle) => {
    expect(obstaclesOf(aTemplate(obstacles[obstacle]))).toEqual([obstacle]);
  });

  test.prop([fc.subarray([...TemplateObstacle.options])])('of several none hides another', (some) => {
    const template = aTemplate(Object.assign({}, ...some.map((obstacle) => obstacles[obstacle])));

    expect(obstaclesOf(template)).toEqual(some);
    expect(isSelectable(template)).toBe(some.length === 0);
  });
});

describe('the variables of a registered template', () => {
  it('a placeholder that nobody has described is typed text, in the header and in the body (R21)', () => {
    const template = aTemplate({
      header: { type: 'TEXT', text: 'Order {{1}}' },
      body: '{{1}}, {{name}}',
      variables: [],
    });

    expect(withAllVariables(template).variables).toEqual([
      { name: 'header.1', kind: 'TEXT' },
      { name: '1', kind: 'TEXT' },
      { name: 'name', kind: 'TEXT' },
    ]);
  });

  it('described ones keep their kind and their order, and stand before the others (R21)', () => {
    const described = [
      aVariable({ name: '2', kind: 'CHOICE', options: ['Harbour'] }),
      aVariable({ name: 'header.1', kind: 'DATE', format: 'dd.MM.' }),
    ];
    const template = aTemplate({
      header: { type: 'TEXT', text: '{{1}} {{2}}' },
      body: '{{1}} {{2}}',
      variables: described,
    });

    expect(withAllVariables(template).variables).toEqual([
      ...described,
      { name: 'header.2', kind: 'TEXT' },
      { name: '1', kind: 'TEXT' },
    ]);
  });

  it('a placeholder that stands twice is one variable (R22)', () => {
    expect(withAllVariables(aTemplate({ body: '{{1}} {{1}}', variables: [] })).variables).toEqual([
      { name: '1', kind: 'TEXT' },
    ]);
  });

  it('what looks like a placeholder in the footer is none (R20)', () => {
    const template = aTemplate({ body: 'Ready.', footer: 'Northwind {{1}}', variables: [] });

    expect(withAllVariables(template).variables).toEqual([]);
    expect(fill(withAllVariables(template), {}).signature).toBe('Northwind {{1}}');
  });

  it('nothing but its variables is changed, and a complete template not at all (R20)', () => {
    const template = aTemplate({ header: { type: 'TEXT', text: 'Order' }, footer: 'Northwind' });

    expect(withAllVariables(template)).toEqual(template);
    expect(withAllVariables({ ...template, variables: [] })).toEqual({ ...template, variables: [aVariable()] });
  });

  const placeholders = fc.array(fc.constantFrom('1', '2', '12', 'name', 'NAME', 'a_b', 'constructor', '__proto__'));
  const inText = (names: string[]) => ['-', ...names.map((name) => `{{${name}}}`)].join(' ');

  test.prop([placeholders, placeholders, fc.subarray(['1', 'header.1', 'name'])])(
    'once each variable is filled no placeholder is left (R22)',
    (header, body, described) => {
      const template = withAllVariables(
        aTemplate({
          header: { type: 'TEXT', text: inText(header) },
          body: inText(body),
          variables: described.map((name) => aVariable({ name })),
        }),
      );
      const values = Object.fromEntries(template.variables.map(({ name }) => [name, 'x']));

      expect(variableProblems(template, values, 'PULSE')).toEqual([]);
      expect(fill(template, values)).toEqual({
        title: ['-', ...header.map(() => 'x')].join(' '),
        text: ['-', ...body.map(() => 'x')].join(' '),
      });
    },
  );
});

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
  const problems = variableProblems(aTemplate({ variables: [aVariable(variable)] }), { 1: value }, 'PULSE');

  expect(problems).toEqual(isTaken ? [] : [{ code: 'VARIABLE_INVALID', name: '1' }]);
});

it('all that is missing, unknown and wrong is said at once (R22)', () => {
  const variables = [aVariable(), aVariable({ name: '2', kind: 'DATE' }), aVariable({ name: 'header.1' })];

  const problems = variableProblems(aTemplate({ variables }), { 2: 'soon', 'header.1': '  ', 9: 'x' }, 'PULSE');

  expect(problems).toEqual([
    { code: 'VARIABLES_MISSING', names: ['1', 'header.1'] },
    { code: 'VARIABLE_INVALID', name: '9' },
    { code: 'VARIABLE_INVALID', name: '2' },
  ]);
});

it.each(['constructor', 'toString', '__proto__'])('a variable named %s is missing until it is filled (R22)', (name) => {
  const template = aTemplate({ variables: [aVariable({ name })] });

  expect(variableProblems(template, {}, 'PULSE')).toEqual([{ code: 'VARIABLES_MISSING', names: [name] }]);
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
  { format: 'dd/MM/yy', shown: '04/11/26' },
  { format: 'dd.MM.yyyy', shown: '04.11.2026' },
  { format: 'MM/dd/yyyy', shown: '11/04/2026' },
  { format: 'dd.MM.', shown: '04.11.' },
])('a date reads $shown in the format $format (R21)', ({ format, shown }) => {
  const variable = aVariable({ kind: 'DATE', ...(format !== undefined && { format }) });

  expect(fill(aTemplate({ body: '{{1}}', variables: [variable] }), { 1: '2026-11-04' }).text).toBe(shown);
});

it.each([{ words: '' }, { words: ' ' }])(
  'the header or footer $words is none: the body alone is filled (R25)',
  ({ words }) => {
    const template = aTemplate({ header: { type: 'TEXT', text: words }, footer: words });

    expect(fill(template, { 1: '18:00' })).toEqual({ text: 'Ready until 18:00.' });
  },
);

/** What a careless rendering would interpret, cut or turn round; no more than fits into a line. */
const trickyValue = fc
  .array(
    fc.oneof(
      fc.constantFrom('{{1}}', '{{2}}', '{{header.1}}', '{{', '}}', '{', '}', '$&', '$1', '$$', "$'", '$`', '$<name>'),
      fc.constantFrom('\\', '\\1', '.*', '(?:', '[^', '^', '|', '+', '%s', '%1$s', '${x}', '<b>', '&amp;'),
      fc.constantFrom('🙂', '👨‍👩‍👧‍👦', '\u200f', '\u202e', '\u200b', '\u2066', 'e\u0301', '😀\ufe0f'),
      fc.string({ unit: 'grapheme' }),
    ),
    { minLength: 1 },
  )
  .map((pieces) => pieces.join(''));

test.prop([trickyValue, trickyValue, trickyValue])(
  'a value stands in the text as it was entered, and nothing in it is interpreted (R20)',
  (first, second, third) => {
    const template = aTemplate({
      header: { type: 'TEXT', text: '[{{1}}]' },
      body: '[{{1}}|{{2}}|{{1}}]',
      variables: [aVariable(), aVariable({ name: '2' }), aVariable({ name: 'header.1' })],
    });

    const [one, two, three] = [first.trim(), second.trim(), third.trim()];

    expect(fill(template, { 1: first, 2: second, 'header.1': third })).toEqual({
      title: `[${three}]`,
      text: `[${one}|${two}|${one}]`,
    });
  },
);

const fixedText = trickyValue.filter((text) => !text.includes('{{'));

test.prop([fixedText, fixedText, fixedText])(
  'nothing but its placeholders changes in a template (R20)',
  (before, between, after) => {
    const template = aTemplate({
      header: { type: 'TEXT', text: `Order ${before}` },
      body: `${before}{{1}}${between}{{unknown}} {{ 1 }} {1}${after}`,
      footer: `${after} Northwind`,
    });

    expect(fill(template, { 1: 'x' })).toEqual({
      title: `Order ${before}`,
      text: `${before}x${between}{{unknown}} {{ 1 }} {1}${after}`,
      signature: `${after} Northwind`,
    });
  },
);

it('an ampersand in a value is refused for Pulse, and for Pulse alone (R21, http-api 10)', () => {
  const problems = (['PULSE', 'WHATSAPP_CLOUD'] as const).map((kind) =>
    variableProblems(aTemplate(), { 1: 'A & B' }, kind),
  );

  expect(problems).toEqual([[{ code: 'VARIABLE_INVALID', name: '1' }], []]);
});
