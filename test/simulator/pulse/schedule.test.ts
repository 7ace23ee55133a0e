import { expect, it, onTestFinished, vi } from 'vitest';
import { aText, startRig, VIBER, WHATSAPP } from '../rig.js';

const PHONE = '38970123456';
const withPart = (part: object) => ({ ...aText({ address: PHONE }), content: { viberContent: part } });

it('a request id that was accepted is not accepted again', async () => {
  const rig = await startRig();
  const message = aText({ address: PHONE, requestId: 'r' });

  await rig.schedule(message);
  const repeat = await rig.schedule({ ...message, comment: 'another' });

  expect(repeat).toMatchObject({ status: 400, body: { title: 'requestId-is-not-unique', status: 400 } });
  expect(await rig.ledger()).toHaveLength(1);
  expect((await rig.call('GET', '/_calls?key=r')).body).toEqual({ count: 2 });
});

it('a request without a key is not authorised', async () => {
  const rig = await startRig();

  const reply = await fetch(`${rig.base}/pulse/api/cascade/get-all`, { method: 'POST', body: '{}' });

  expect(reply.status).toBe(401);
});

const refusals: { title: string; body: object }[] = [
  { title: 'cascade-scheduling-request-is-not-valid', body: { cascadeId: 4108 } },
  { title: 'cascade-not-found', body: aText({ address: PHONE, cascadeId: 1 }) },
  { title: 'error-address-format', body: aText({ address: `+${PHONE}` }) },
  { title: 'error-address-not-specified', body: aText({ address: '' }) },
  { title: 'content-not-specified', body: { ...aText({ address: PHONE }), content: {} } },
  { title: 'contentType-not-specified', body: withPart({ text: 'Hello' }) },
  { title: 'error-content-type-format', body: withPart({ contentType: 'POEM', text: 'Hello' }) },
  { title: 'text-not-specified', body: aText({ address: PHONE, text: '' }) },
  { title: 'error-content-format', body: aText({ address: PHONE, text: 'x'.repeat(1001) }) },
  { title: 'error-attachment-url-not-specified', body: withPart({ contentType: 'IMAGE' }) },
  { title: 'attachmentName-not-specified', body: withPart({ contentType: 'IMAGE', attachment: { url: 'http://f' } }) },
  {
    title: 'attachmentName-is-too-long',
    body: withPart({ contentType: 'IMAGE', attachment: { url: 'http://f', name: 'n'.repeat(71) } }),
  },
  {
    title: "request-doesn't-contain-content-for-all-cascade-stages",
    body: { ...aText({ address: PHONE, cascadeId: 4107 }), cascadeId: 4108 },
  },
];

it.each(refusals)('a request that does not fit is refused as $title', async ({ title, body }) => {
  const rig = await startRig();

  const reply = await rig.schedule(body);

  expect(reply).toMatchObject({ status: 400, body: { title, status: 400, detail: expect.any(String) } });
  expect(await rig.ledger()).toEqual([]);
});

it('an attachment drops the text, the title and the signature', async () => {
  const rig = await startRig();
  const attachment = { url: 'https://files.northwind.example/a/81', name: 'offer.pdf', size: 48 };

  await rig.schedule(withPart({ contentType: 'DOCUMENT', text: 'Our offer', footer: { text: 'N' }, attachment }));

  const [item] = await rig.ledger(`?to=${PHONE}&provider=PULSE`);
  expect(item?.content).toEqual({ attachment: { contentType: 'DOCUMENT', ...attachment } });
});

it('an equal message within 20 minutes is accepted and cancelled, a later one is delivered', async () => {
  const rig = await startRig();
  await rig.listenTo(VIBER.subjectId);
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const start = Date.now();

  await rig.schedule(aText({ address: PHONE }));
  await rig.untilStatuses(3);
  vi.setSystemTime(start + 19 * 60_000);
  const repeat = await rig.schedule(aText({ address: PHONE }));
  await rig.untilStatuses(4);
  vi.setSystemTime(start + 21 * 60_000);
  await rig.schedule(aText({ address: PHONE }));
  await rig.untilStatuses(7);

  expect(repeat.status).toBe(200);
  expect(rig.statuses().slice(3)).toEqual(['CANCELLED', 'SENT', 'DELIVERED', 'READ']);
  expect(await rig.ledger()).toHaveLength(3);
});

it('another text, another phone and another sender are not equal messages', async () => {
  const rig = await startRig();
  await rig.listenTo(VIBER.subjectId);
  await rig.speedUp();

  await rig.schedule(aText({ address: PHONE }));
  await rig.schedule(aText({ address: PHONE, text: 'Ready until 19:00.' }));
  await rig.schedule(aText({ address: '38970123457' }));
  await rig.schedule(aText({ address: PHONE, cascadeId: WHATSAPP.cascadeId }));
  await rig.untilStatuses(9);

  expect(rig.statuses()).not.toContain('CANCELLED');
});
