import { expect, it } from 'vitest';
import { composeMode, hasTemplates } from '../../domain/compose.js';
import { ChannelType, TemplatePolicy } from '../../domain/contracts/channel.js';
import { aTemplate } from '../builders.js';

const OPEN = { open: true };
const CLOSED = { open: false };

it.each([
  { templatePolicy: 'ALWAYS', window: OPEN, templates: [aTemplate()], mode: 'TEMPLATE_REQUIRED' },
  { templatePolicy: 'ALWAYS', window: OPEN, templates: [], mode: 'HINT' },
  { templatePolicy: 'OUTSIDE_WINDOW', window: CLOSED, templates: [aTemplate()], mode: 'TEMPLATE_REQUIRED' },
  { templatePolicy: 'OUTSIDE_WINDOW', window: CLOSED, templates: [], mode: 'HINT' },
  { templatePolicy: 'OUTSIDE_WINDOW', window: OPEN, templates: [aTemplate()], mode: 'TEMPLATE_OPTIONAL' },
  { templatePolicy: 'OUTSIDE_WINDOW', window: OPEN, templates: [], mode: 'TEXT' },
  { templatePolicy: 'NEVER', window: CLOSED, templates: [aTemplate()], mode: 'TEMPLATE_OPTIONAL' },
  { templatePolicy: 'NEVER', window: CLOSED, templates: [], mode: 'TEXT' },
] as const)('$templatePolicy, $window, $templates.length templates: $mode (A15, A16)', (row) => {
  expect(composeMode({ type: 'WHATSAPP', templatePolicy: row.templatePolicy }, row.window, row.templates)).toBe(
    row.mode,
  );
});

it('message templates exist on WhatsApp and Viber alone (R5)', () => {
  expect(ChannelType.options.filter(hasTemplates)).toEqual(['WHATSAPP', 'VIBER']);
});

it.each(ChannelType.options.filter((type) => !hasTemplates(type)))('%s is composed as text, always (R5)', (type) => {
  const modes = TemplatePolicy.options.map((templatePolicy) =>
    composeMode({ type, templatePolicy }, CLOSED, [aTemplate()]),
  );

  expect(modes).toEqual(['TEXT', 'TEXT', 'TEXT']);
});
