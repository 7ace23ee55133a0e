// Attachments: taken for what their bytes are, stored once, given only to those who may see them (R5, R6).
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChatCenter } from '../../client/index.js';
import { parseKeyRing } from '../../store/sealing.js';
import { createFileAddresses } from '../../store/file-address.js';
import { aMail, aPerson } from '../rig/people.js';
import { make } from '../rig/sends.js';
import { type Service, startService } from '../rig/service.js';
import { until } from '../rig/until.js';

let service: Service;
let token: string;
beforeAll(async () => {
  service = await startService();
  ({ token } = await service.as('integrator'));
  await service.operator.putChannel('mail-files', {
    type: 'EMAIL',
    name: 'Mail with files',
    enabled: true,
    provider: (await mailProvider()) as never,
    templatePolicy: 'NEVER',
    attachments: { allowed: true, maxCount: 2, maxBytes: 2000, types: ['image/*', 'text/plain', 'application/pdf'] },
    maxText: 100_000,
  });
});
afterAll(() => service.stop());

async function mailProvider(): Promise<unknown> {
  const response = await fetch(`${service.api}/v1/channels/mail-main`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return ((await response.json()) as { provider: unknown }).provider;
}

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));
const PNG = new Uint8Array(
  Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
    'base64',
  ),
);
const EXE = new Uint8Array([0x4d, 0x5a, ...Array(100).fill(0)]);
const WORD = new Uint8Array(
  Buffer.concat([
    Buffer.from('d0cf11e0a1b11ae1', 'hex'),
    Buffer.alloc(70_000),
    Buffer.from('WordDocument', 'utf16le'),
    Buffer.alloc(500),
  ]),
);

const types = [
  { what: 'a picture', name: 'a.png', bytes: PNG, type: 'image/png' },
  { what: 'a picture that calls itself a text', name: 'a.txt', bytes: PNG, type: 'image/png' },
  { what: 'a PDF', name: 'offer.pdf', bytes: bytesOf('%PDF-1.7\n%\u00e2\n1 0 obj\n'), type: 'application/pdf' },
  { what: 'a text', name: 'note', bytes: bytesOf('Привет 🙂, see you\nat 18:00'), type: 'text/plain' },
  {
    what: 'HTML that calls itself a picture',
    name: 'a.png',
    bytes: bytesOf('<!-- x --> <html><script>1</script>'),
    type: 'text/html',
  },
  {
    what: 'an SVG with a script that calls itself a picture',
    name: 'a.png',
    bytes: bytesOf('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
    type: 'image/svg+xml',
  },
  { what: 'an SVG without prolog', name: 'a.svg', bytes: bytesOf('<svg onload="alert(1)"/>'), type: 'image/svg+xml' },
  { what: 'an old Word document', name: 'a.doc', bytes: WORD, type: 'application/msword' },
  {
    what: 'bytes that are nothing',
    name: 'a.bin',
    bytes: new Uint8Array([0, 1, 2, 255, 254, 0]),
    type: 'application/octet-stream',
  },
  {
    what: 'a text with half a character',
    name: 'a.txt',
    bytes: new Uint8Array([0x61, 0xd0]),
    type: 'application/octet-stream',
  },
];
it.each(types)('$what is $type (R6)', async ({ name, bytes, type }) => {
  const attachment = await service.crm.upload(name, bytes);

  expect(attachment).toEqual({
    attachmentId: expect.any(String),
    name,
    type,
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  });
});

const formerlyMistaken = [
  { what: 'a text of Windows', bytes: new Uint8Array(Buffer.from('\ufeffHello', 'utf16le')), type: 'text/plain' },
  { what: 'HTML of Windows', bytes: new Uint8Array(Buffer.from('\ufeff<html>', 'utf16le')), type: 'text/html' },
  {
    what: 'a script behind a comment of 5 kB',
    bytes: bytesOf(`<!--${'x'.repeat(5000)}--><script>1</script>`),
    type: 'text/html',
  },
];
it.each(formerlyMistaken)('$what is $type, though it is called a.png (R6)', async ({ bytes, type }) => {
  expect((await service.crm.upload('a.png', bytes)).type).toBe(type);
});

const names = [
  { given: '../../x', name: 'x' },
  { given: 'C:\\temp\\offer.pdf', name: 'offer.pdf' },
  { given: 'invoice\u202efdp.txt', name: 'invoicefdp.txt' },
  { given: '  ', name: 'file' },
  { given: '...', name: 'file' },
  { given: 'a"<b>|c?*.txt', name: 'a__b__c__.txt' },
  { given: `${'🙂'.repeat(300)}.txt`, name: `${'🙂'.repeat(251)}.txt` },
];
it.each(names)('the name $given becomes $name', async ({ given, name }) => {
  expect((await service.crm.upload(given, bytesOf('x'))).name).toBe(name);
});

const executables = [
  { what: 'a Windows program under another name', name: 'holiday.png', bytes: EXE },
  { what: 'a script by its first line', name: 'notes.txt', bytes: bytesOf('#!/bin/sh\nrm -rf /') },
  { what: 'a script by its name', name: 'invoice.PDF.vbs', bytes: bytesOf('MsgBox 1') },
];
it.each(executables)('$what is refused at upload', async ({ name, bytes }) => {
  await expect(service.crm.upload(name, bytes)).rejects.toMatchObject({
    problem: { status: 400, code: 'VALIDATION_FAILED', issues: [{ path: 'file', message: /executable/ }] },
  });
});

describe('a body that is not one file', () => {
  const upload = async (body: FormData | string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${service.api}/v1/attachments`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, ...headers },
      body,
    });
    return { status: response.status, problem: (await response.json()) as Record<string, unknown> };
  };
  const form = (...parts: [string, string | Blob][]) => {
    const data = new FormData();
    for (const [name, part] of parts) data.append(name, part);
    return data;
  };

  it.each([
    { what: 'no file', body: () => form(), path: 'file' },
    { what: 'a field beside it', body: () => form(['note', 'x'], ['file', new Blob(['x'])]), path: 'note' },
    { what: 'a file in another field', body: () => form(['image', new Blob(['x'])]), path: 'file' },
    { what: 'two files', body: () => form(['file', new Blob(['x'])], ['file', new Blob(['y'])]), path: 'file' },
    { what: 'an empty file', body: () => form(['file', new Blob([])]), path: 'file' },
  ])('$what is 400 and names the field $path', async ({ body, path }) => {
    expect(await upload(body())).toMatchObject({
      status: 400,
      problem: { code: 'VALIDATION_FAILED', issues: [{ path }] },
    });
  });

  it('JSON is 415, a multipart without boundary and one that breaks off are 400', async () => {
    const json = await upload('{}', { 'content-type': 'application/json' });
    const unbounded = await upload('x', { 'content-type': 'multipart/form-data' });
    const broken = await upload('--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc', {
      'content-type': 'multipart/form-data; boundary=b',
    });

    expect([json, unbounded, broken].map(({ status, problem }) => [status, problem['code']])).toEqual([
      [415, 'UNSUPPORTED_MEDIA_TYPE'],
      [400, 'VALIDATION_FAILED'],
      [400, 'VALIDATION_FAILED'],
    ]);
  });

  it('that is broken off leaves nothing behind', async () => {
    const folders = async () =>
      (await readdir(tmpdir())).filter((name) => name.startsWith('outgoing-messages-upload-'));
    const before = await folders();
    const { hostname, port } = new URL(service.api);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST /v1/attachments HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: 1000000\r\n` +
        'Content-Type: multipart/form-data; boundary=b\r\n\r\n' +
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhalf of it',
    );
    await until(folders, (found) => found.length > before.length);

    socket.destroy();

    expect(await until(folders, (found) => found.length === before.length)).toEqual(before);
  });

  it('more than 100 MiB is 413, and nothing of it stays', async () => {
    const chunk = new Uint8Array(1024 * 1024);
    const head = '--b\r\nContent-Disposition: form-data; name="file"; filename="big.bin"\r\n\r\n';
    let sent = 0;
    const stream = new ReadableStream({
      pull(controller) {
        if (sent === 0) controller.enqueue(new TextEncoder().encode(head));
        if (sent === 101) return controller.close();
        controller.enqueue(chunk);
        sent += 1;
      },
    });
    const { status } = await fetch(`${service.api}/v1/attachments`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'multipart/form-data; boundary=b' },
      body: stream,
      duplex: 'half',
    });

    expect(status).toBe(413);
    const { size } = await service.database
      .selectFrom('blobs')
      .select(({ fn }) => fn.max('size').as('size'))
      .executeTakeFirstOrThrow();
    expect(size).toBeLessThan(100_000);
  });
});

it('the same bytes are stored once, however often and by whom they are uploaded', async () => {
  const bytes = new Uint8Array(randomBytes(3_000_000));

  const uploads = await Promise.all(
    Array.from({ length: 5 }, (_, index) => service.crm.upload(`a-${index}.bin`, bytes)),
  );

  const [first] = uploads;
  const chunks = await service.database
    .selectFrom('blob_chunks')
    .select('index')
    .where('sha256', '=', first!.sha256)
    .execute();
  expect(new Set(uploads.map(({ attachmentId }) => attachmentId)).size).toBe(5);
  expect(new Set(chunks.map(({ index }) => index))).toEqual(new Set([0, 1, 2]));
  expect(chunks).toHaveLength(3);
  expect(Buffer.from(await service.crm.download(uploads[4]!.attachmentId)).equals(Buffer.from(bytes))).toBe(true);
});

describe('a download', () => {
  const get = (chatCenterToken: string, attachmentId: string) =>
    fetch(`${service.api}/v1/attachments/${attachmentId}`, { headers: { authorization: `Bearer ${chatCenterToken}` } });

  it('is never shown or run by a browser, whatever it is', async () => {
    const { attachmentId } = await service.crm.upload('страница "1".html', bytesOf('<html><script>alert(1)</script>'));

    const { headers } = await get(token, attachmentId);

    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="file"; filename*=UTF-8''${encodeURIComponent('страница _1_.html')}`,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
    });
  });

  it('is for the agent who uploaded it, and for others once it stands in a history (INV23)', async () => {
    const { clientId } = await aPerson(service);
    const anna = await service.as('agent', 'anna');
    const boris = await service.as('agent', 'boris');
    const { attachmentId } = await anna.chatCenter.upload('a.txt', bytesOf(`for ${clientId}`));
    const seenBy = async (who: { token: string }) => (await get(who.token, attachmentId)).status;

    const before = [await seenBy(anna), await seenBy(boris)];
    await make(service, aMail(clientId, { channelId: 'mail-files', attachmentIds: [attachmentId] }));
    const after = [await seenBy(anna), await seenBy(boris)];

    expect({ before, after }).toEqual({ before: [200, 404], after: [200, 200] });
  });

  it('without a token is for providers alone, under an address that we have signed and for a day (SEC16)', async () => {
    const { attachmentId } = await service.crm.upload('a.txt', bytesOf('for the provider'));
    const other = await service.crm.upload('b.txt', bytesOf('not for the provider'));
    const addresses = createFileAddresses(parseKeyRing(service.payloadKeys), service.api);
    const url = addresses.urlOf(attachmentId, new Date().toISOString());
    const statusOf = async (address: string) => (await fetch(address)).status;

    const signed = await fetch(url);
    const refused = await Promise.all([
      statusOf(url.replace(attachmentId, other.attachmentId)),
      statusOf(url.replace(/.$/, (last) => (last === '0' ? '1' : '0'))),
      statusOf(url.replace(/expires=(\d)/, 'expires=9')),
      statusOf(url.replace(/\?.*/, '')),
      statusOf(addresses.urlOf(attachmentId, new Date(Date.now() - 86_400_000 - 1000).toISOString())),
    ]);

    expect(await signed.text()).toBe('for the provider');
    expect(refused).toEqual([404, 404, 404, 404, 404]);
    expect(addresses.urlOf(attachmentId, '2026-11-24T09:13:00.000Z')).toBe(
      addresses.urlOf(attachmentId, '2026-11-24T09:13:00.000Z'),
    );
  });
});

describe('a send with files', () => {
  const send = (clientId: string, attachmentIds: string[], chatCenter: ChatCenter = service.crm) =>
    chatCenter.send(aMail(clientId, { channelId: 'mail-files', attachmentIds }), randomUUID());

  it('says of each file why it cannot go, and of their number, all at once (R6)', async () => {
    const { clientId } = await aPerson(service);
    const files = [
      await service.crm.upload('page.png', bytesOf('<html>')),
      await service.crm.upload('a.txt', bytesOf('a'.repeat(1500))),
      await service.crm.upload('b.txt', bytesOf('b'.repeat(600))),
    ];
    const [page, , second] = files.map(({ attachmentId }) => attachmentId);

    const reply = await send(
      clientId,
      files.map(({ attachmentId }) => attachmentId),
    );

    expect(reply).toMatchObject({ outcome: 'refused' });
    expect(reply.outcome === 'refused' && reply.refusals).toEqual([
      { code: 'ATTACHMENT_TYPE', attachmentId: page },
      { code: 'ATTACHMENT_TOO_LARGE', max: 2000, attachmentId: second },
      { code: 'TOO_MANY_ATTACHMENTS', max: 2 },
    ]);
  });

  it('an agent sends no file that another agent has uploaded and nobody has seen (INV23)', async () => {
    const { clientId } = await aPerson(service);
    const anna = await service.as('agent', 'anna');
    const boris = await service.as('agent', 'boris');
    const { attachmentId } = await anna.chatCenter.upload('a.txt', bytesOf('a draft'));
    const request = aMail(clientId, { channelId: 'mail-files', attachmentIds: [attachmentId] });

    const stolen = boris.chatCenter.send({ ...request, agentId: 'boris' }, randomUUID());

    await expect(stolen).rejects.toMatchObject({ problem: { code: 'NOT_FOUND', what: 'attachment' } });
    expect(await anna.chatCenter.send(request, randomUUID())).toMatchObject({ outcome: 'made' });
  });

  it.each(['nobody-has-this', randomUUID()])('an attachment that nobody has (%s) is 404', async (id) => {
    const { clientId } = await aPerson(service);

    await expect(send(clientId, [id])).rejects.toMatchObject({
      problem: { code: 'NOT_FOUND', what: 'attachment', id },
    });
  });

  it('shows them in the history, and keeps their bytes and names out of Temporal (INV19)', async () => {
    const { clientId } = await aPerson(service);
    const file = await service.crm.upload('secret-name.txt', bytesOf('secret-bytes'));

    const { sendId } = await make(
      service,
      aMail(clientId, { channelId: 'mail-files', attachmentIds: [file.attachmentId] }),
    );

    const { items } = await service.crm.history(clientId);
    expect(items).toMatchObject([{ sendId, attachments: [file] }]);
    const { events } = await service.temporal.workflow.getHandle(`send:${sendId}`).fetchHistory();
    const payloads = JSON.stringify(events, (_, value: unknown) =>
      value instanceof Uint8Array
        ? Buffer.from(value).toString('utf8')
        : typeof value === 'bigint'
          ? `${value}`
          : value,
    );
    expect(payloads).not.toMatch(/secret-(name|bytes)/);
  });
});
