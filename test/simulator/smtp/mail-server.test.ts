import nodemailer from 'nodemailer';
import { expect, it, onTestFinished } from 'vitest';
import { type Rig, startRig } from '../rig.js';

function mailer({ smtpPort }: Rig, options: object = {}) {
  const transport = nodemailer.createTransport({ host: '127.0.0.1', port: smtpPort, ignoreTLS: true, ...options });
  onTestFinished(() => transport.close());
  return transport;
}

const aMail = (to: string, rest: object = {}) => ({
  from: 'Northwind <desk@northwind.example>',
  to,
  subject: 'Заказ готов',
  text: 'Ready until 18:00.',
  messageId: '<7c1e@northwind.example>',
  ...rest,
});

it('a mail is kept as its reader sees it, with envelope and bytes', async () => {
  const rig = await startRig();

  await mailer(rig).sendMail(aMail('mila@client.example', { bcc: 'boss@northwind.example', html: '<b>Ready</b>' }));

  const [item] = await rig.ledger('?to=mila@client.example&provider=SMTP');
  expect(item).toMatchObject({ provider: 'SMTP', to: 'mila@client.example', key: '<7c1e@northwind.example>' });
  expect(item?.content).toMatchObject({
    subject: 'Заказ готов',
    text: 'Ready until 18:00.',
    html: '<b>Ready</b>',
    headers: { to: 'mila@client.example', 'message-id': '<7c1e@northwind.example>' },
    envelope: { from: 'desk@northwind.example', recipients: ['mila@client.example', 'boss@northwind.example'] },
    raw: expect.stringContaining('Message-ID: <7c1e@northwind.example>'),
  });
});

it.each(['0001', '0002', '0003', '0008', '0010', '0011'])('a recipient ending with %s is accepted', async (ending) => {
  const rig = await startRig();

  await mailer(rig).sendMail(aMail(`mila${ending}@client.example`));

  expect(await rig.ledger()).toHaveLength(1);
});

it('a recipient ending with 0004 does not exist', async () => {
  const rig = await startRig();

  const sending = mailer(rig).sendMail(aMail('mila0004@client.example'));

  await expect(sending).rejects.toMatchObject({ responseCode: 550, command: 'RCPT TO' });
  expect(await rig.ledger()).toEqual([]);
});

it.each(['0005', '0006'])('a recipient ending with %s is accepted and never answered', async (ending) => {
  const rig = await startRig();

  const sending = mailer(rig).sendMail(aMail(`mila${ending}@client.example`));

  await expect(sending).rejects.toThrow('Connection closed unexpectedly');
  expect(await rig.ledger()).toHaveLength(1);
});

it.each([
  { ending: '0007', codes: [421, 421] },
  { ending: '0009', codes: [451] },
])('a recipient ending with $ending is refused with $codes, then accepted', async ({ ending, codes }) => {
  const rig = await startRig();
  const mail = aMail(`mila${ending}@client.example`);

  for (const responseCode of codes) await expect(mailer(rig).sendMail(mail)).rejects.toMatchObject({ responseCode });
  await mailer(rig).sendMail(mail);

  expect(await rig.ledger()).toHaveLength(1);
  expect((await rig.call('GET', `/_calls?key=mila${ending}@client.example`)).body).toEqual({ count: codes.length + 1 });
});

it('any login is taken', async () => {
  const rig = await startRig();

  await mailer(rig, { auth: { user: 'desk', pass: 'secret' } }).sendMail(aMail('mila@client.example'));

  expect(await rig.ledger()).toHaveLength(1);
});

it('one connection carries many mails', async () => {
  const rig = await startRig();
  const transport = mailer(rig, { pool: true, maxConnections: 1 });

  for (let index = 0; index < 20; index++) await transport.sendMail(aMail(`mila-${index}@client.example`));

  expect(await rig.ledger()).toHaveLength(20);
  expect((await rig.call('GET', '/_stats')).body).toMatchObject({ calls: { SMTP: 20 } });
});

it('a cleared ledger is empty', async () => {
  const rig = await startRig();
  await mailer(rig).sendMail(aMail('mila@client.example'));

  await rig.call('DELETE', '/_ledger');

  expect(await rig.ledger()).toEqual([]);
  expect(await rig.ledger('?to=mila@client.example')).toEqual([]);
});
