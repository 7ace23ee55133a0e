import { expect, it, onTestFinished, vi } from 'vitest';
import { matchesTemplate, Template } from '../../../simulator/pulse/template.js';
import { aTemplate, aText, startRig, WHATSAPP } from '../rig.js';

const full = {
  header: { headerType: 'TEXT', text: 'Order {{1}}' },
  text: 'Ready until {{1}}.',
  footer: { text: 'NW' },
};
const body = { text: 'Ready until {{1}}.' };
const fullSent = { title: 'Order A-1042', text: 'Ready until 18:00.', signature: 'NW' };
const sent = { text: 'Ready until 18:00.' };

it.each([
  { fact: 'a filled placeholder matches', template: body, sent, matches: true },
  { fact: 'a value may have several lines', template: body, sent: { text: 'Ready until\n18:00.' }, matches: false },
  { fact: 'a line break inside a value matches', template: body, sent: { text: 'Ready until 1\n2.' }, matches: true },
  { fact: 'an empty value does not match', template: body, sent: { text: 'Ready until .' }, matches: false },
  { fact: 'text after the end does not match', template: body, sent: { text: 'Ready until 6. Bye' }, matches: false },
  { fact: 'a value may repeat the end', template: body, sent: { text: 'Ready until 6. Bye.' }, matches: true },
  { fact: 'marks of a pattern are plain text', template: { text: 'a.c' }, sent: { text: 'abc' }, matches: false },
  {
    fact: 'two placeholders side by side need two',
    template: { text: '{{1}}{{2}}' },
    sent: { text: 'x' },
    matches: false,
  },
  {
    fact: 'the words between must come in order',
    template: { text: '{{1}} b {{2}} c {{3}}' },
    sent: { text: '1 c 2 b 3' },
    matches: false,
  },
  { fact: 'title and signature match theirs', template: full, sent: fullSent, matches: true },
  { fact: 'a missing title does not match', template: full, sent: { ...sent, signature: 'NW' }, matches: false },
  { fact: 'a missing signature does not match', template: full, sent: { ...sent, title: 'Order 1' }, matches: false },
  { fact: 'a title too many does not match', template: body, sent: { ...sent, title: 'Order 1' }, matches: false },
  { fact: 'a signature too many does not match', template: body, sent: { ...sent, signature: 'NW' }, matches: false },
  {
    fact: 'a title of 60 matches',
    template: full,
    sent: { ...fullSent, title: `Order ${'😀'.repeat(54)}` },
    matches: true,
  },
  {
    fact: 'a title of 61 does not',
    template: full,
    sent: { ...fullSent, title: `Order ${'x'.repeat(55)}` },
    matches: false,
  },
])('$fact', ({ template, sent: text, matches }) => {
  expect(matchesTemplate(text, [Template.parse(aTemplate(template))])).toBe(matches);
});

it.each([
  { rest: { type: 'CUSTOM' }, matches: true },
  { rest: { type: 'OPERATOR' }, matches: false },
  { rest: { locked: true }, matches: false },
  { rest: { status: 'PAUSED' }, matches: false },
  { rest: { contentType: 'IMAGE' }, matches: false },
])('a template with $rest counts: $matches', ({ rest, matches }) => {
  expect(matchesTemplate(sent, [Template.parse(aTemplate(body, rest))])).toBe(matches);
});

it('free text without a window is reported as matching no template', async () => {
  const rig = await startRig();
  await rig.listenTo(WHATSAPP.subjectId);

  const reply = await rig.schedule(aText({ address: '38970123456', cascadeId: WHATSAPP.cascadeId }));
  await rig.untilStatuses(1);

  expect(reply.status).toBe(200);
  expect(rig.webhook.received[0]?.body).toMatchObject({ status: 'NO-MATCH-TEMPLATE', error: 'no-match-template' });
});

it('text that equals a registered template needs no window', async () => {
  const rig = await startRig();
  await rig.listenTo(WHATSAPP.subjectId);
  await rig.call('PUT', '/_subjects/3391/templates', [aTemplate(full)]);

  await rig.schedule(aText({ address: '38970123456', cascadeId: WHATSAPP.cascadeId, ...fullSent }));
  await rig.untilStatuses(3);

  expect(rig.statuses()).toEqual(['SENT', 'DELIVERED', 'READ']);
});

it('the window that a client opens by writing closes after 24 hours', async () => {
  const rig = await startRig();
  await rig.listenTo(WHATSAPP.subjectId);
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const start = Date.now();
  const send = (text: string) => rig.schedule(aText({ address: '38970123456', cascadeId: WHATSAPP.cascadeId, text }));

  await rig.call('POST', '/_inbound', { provider: 'PULSE', subjectId: 3391, from: '38970123456', text: 'Hello' });
  vi.setSystemTime(start + 23 * 3_600_000);
  await send('Inside');
  await rig.untilStatuses(4);
  vi.setSystemTime(start + 25 * 3_600_000);
  await send('Outside');
  await rig.untilStatuses(5);

  expect(rig.statuses().slice(1)).toEqual(['SENT', 'DELIVERED', 'READ', 'NO-MATCH-TEMPLATE']);
});
