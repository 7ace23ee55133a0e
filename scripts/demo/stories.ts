// The stories of the source text, each a conversation with the HTTP API.
import { randomUUID } from 'node:crypto';
import type { ChatCenter, SendReply } from '../../client/index.js';
import type { Send } from '../../domain/contracts/outgoing-send.js';
import { tell } from '../simulator.js';
import { must, until } from './expect.js';
import { print } from './print.js';
import { channelInWords } from './words.js';

interface Stage {
  chatCenter: ChatCenter;
  /** URL */
  simulator: string;
}

export interface Story {
  title: string;
  play(stage: Stage): Promise<void>;
}

const orderReady = (order: string) => ({
  kind: 'TEMPLATE' as const,
  templateId: 'order-ready',
  variables: { 'header.1': order, '1': '2026-12-01' },
});

function made(reply: SendReply): Send {
  must(reply.outcome === 'made', reply.outcome === 'refused' ? `refused: ${reply.problem.detail}` : 'no send');
  return reply.send;
}

const untilStatus = ({ chatCenter }: Stage, sendId: string, status: Send['delivery']['status']): Promise<Send> =>
  until(
    `status ${status}`,
    () => chatCenter.findSend(sendId),
    ({ delivery }) => delivery.status === status,
  );

/** How many messages the providers took for this address. */
async function ledgerSize({ simulator }: Stage, to: string): Promise<number> {
  const response = await fetch(`${simulator}/_ledger?to=${to}`);
  const { items } = (await response.json()) as { items: unknown[] };
  return items.length;
}

const delivered: Story = {
  title: 'A template is sent by WhatsApp and delivered; the thread is assigned to the agent (R15b)',
  async play(stage) {
    const { chatCenter } = stage;
    const request = {
      agentId: 'anna',
      clientId: 'mila',
      channelId: 'wa-main',
      content: orderReady('A-1042'),
      action: { kind: 'ASSIGN_TO_ME' as const },
    };
    const { sendId, verdict, threadId } = made(await chatCenter.send(request, randomUUID()));
    print.step(`anna sends "order-ready" to mila: ${verdict}, thread ${threadId}`);
    const { delivery } = await untilStatus(stage, sendId, 'READ');
    print.step(`the receipts come: ${delivery.status}`);
    const { state, minimised } = await chatCenter.findThread(threadId ?? '');
    print.step(`her thread: ${state}, minimised: ${minimised}`);
    must(
      verdict === 'ACCEPTED' && state === 'WAITING' && minimised,
      'expected ACCEPTED and a minimised thread WAITING',
    );
  },
};

const mailBesideThread: Story = {
  title: 'An e-mail to the same client, who has an active thread now (R3, R30)',
  async play({ chatCenter }) {
    const content = { kind: 'EMAIL' as const, subject: 'Your order A-1042', text: 'It is ready.' };
    const reply = await chatCenter.send(
      { agentId: 'boris', clientId: 'mila', channelId: 'mail-main', content },
      randomUUID(),
    );
    const { state, threadId } = made(reply);
    print.step(`boris sends an e-mail to mila: ${state}, thread ${threadId ?? 'none'}`);
    must(state === 'sent' && threadId === null, 'expected state sent and no thread');
  },
};

const race: Story = {
  title: 'Two agents write to one client at the same instant (R31, A21, E3)',
  async play(stage) {
    const { chatCenter } = stage;
    const before = await ledgerSize(stage, '38970123457');
    const replies = await Promise.all(
      ['anna', 'boris'].map((agentId) =>
        chatCenter.send(
          {
            agentId,
            clientId: 'ivo',
            channelId: 'wa-main',
            content: orderReady(`for-${agentId}`),
            action: { kind: 'ASSIGN_TO_ME' },
          },
          randomUUID(),
        ),
      ),
    );
    const winner = replies.flatMap((reply) => (reply.outcome === 'made' ? [reply.send] : []));
    const losers = replies.flatMap((reply) => (reply.outcome === 'refused' ? reply.refusals : []));
    print.step(`${winner[0]?.agentId} has won: ${winner[0]?.verdict}`);
    const [refusal] = losers;
    must(winner.length === 1 && refusal?.code === 'THREAD_ACTIVE', 'expected one winner and one THREAD_ACTIVE');
    print.step(`the other is told: ${refusal.code}, held by ${refusal.holder.agentId} since ${refusal.holder.since}`);
    must(refusal.holder.agentId === winner[0]?.agentId, 'expected the holder to be the winner');
    must((await ledgerSize(stage, '38970123457')) - before === 1, 'expected exactly one message at the provider');
  },
};

const lateFailure: Story = {
  title: 'Manual text outside the 24 h window is accepted, and fails late (R25, R35, A23)',
  async play(stage) {
    const { chatCenter } = stage;
    const content = { kind: 'TEXT' as const, text: 'Hello Petra, shall we talk about your order?' };
    const request = {
      agentId: 'anna',
      clientId: 'no-template-fits',
      channelId: 'wa-no-templates',
      content,
      action: { kind: 'CLOSE' as const },
    };
    const { sendId, verdict, threadId } = made(await chatCenter.send(request, randomUUID()));
    print.step(`anna writes by hand where no template can be chosen: ${verdict}`);
    const { failure } = await untilStatus(stage, sendId, 'FAILED');
    print.step(`the receipt says: ${failure?.code} (${failure?.providerCode})`);
    const { items } = await chatCenter.history('no-template-fits');
    print.history(items);
    const { state } = await chatCenter.findThread(threadId ?? '');
    print.step(`the thread stays as it was: ${state}`);
    const [entry] = items;
    must(
      entry?.event?.code === 'DELIVERY_FAILED' && state === 'CLOSED',
      'expected DELIVERY_FAILED and the thread CLOSED',
    );
  },
};

const twice: Story = {
  title: 'The same request twice under one idempotency key (INV12)',
  async play(stage) {
    const { chatCenter } = stage;
    const key = randomUUID();
    const request = {
      agentId: 'anna',
      clientId: 'not-on-whatsapp',
      channelId: 'viber-main',
      content: { kind: 'TEXT' as const, text: 'Hello' },
      action: { kind: 'CLOSE' as const },
    };
    const first = await chatCenter.send(request, key);
    const second = await chatCenter.send(request, key);
    print.step(`the first answer: send ${made(first).sendId}`);
    print.step(`the second answer: send ${made(second).sendId}, given again: ${second.isReplay}`);
    must(made(first).sendId === made(second).sendId && second.isReplay, 'expected one send and a replay');
    must((await ledgerSize(stage, '38970120001')) === 1, 'expected exactly one message at the provider');
  },
};

const channelList: Story = {
  title: 'Where a client can be written to, in four situations (R4, R8, R37, E4)',
  async play(stage) {
    const { chatCenter } = stage;
    const situations = [
      { who: 'ivo', what: 'has never written' },
      { who: 'mila', what: 'has an active thread' },
      { who: 'blocked-in-viber', what: 'is blocked in Viber' },
      { who: 'only-logged-in', what: 'has only logged in to the web chat' },
    ];
    const available: Record<string, string[]> = {};
    for (const { who, what } of situations) {
      const channels = await chatCenter.channelsOf(who, 'anna');
      print.step(`${who} ${what}:`);
      for (const channel of channels) print.step(`  ${channelInWords(channel)}`);
      available[who] = channels.filter((one) => one.available).map(({ channelId }) => channelId);
    }
    must(
      available['ivo']?.length === 4 &&
        available['mila']?.join() === 'mail-main' &&
        available['blocked-in-viber']?.includes('viber-main') === false &&
        available['only-logged-in']?.join() === 'web-chat',
      `expected other channels to be available: ${JSON.stringify(available)}`,
    );
  },
};

const newClient: Story = {
  title: 'A new client by phone, found again however the phone is written, written to with a file (R7, R27, A27, A33)',
  async play(stage) {
    const { chatCenter } = stage;
    const { clientId } = await chatCenter.clientOf({ type: 'PHONE', value: '+389 (70) 123-460' });
    const again = await chatCenter.clientOf({ type: 'PHONE', value: '38970123460' });
    const { items } = await chatCenter.search('123460');
    print.step(
      `created ${clientId}; asked again: the same client ${again.clientId === clientId}; found: ${items.length}`,
    );
    const file = await chatCenter.upload('price list.txt', new TextEncoder().encode('A lamp: 40 EUR'));
    const request = {
      agentId: 'anna',
      clientId,
      channelId: 'viber-main',
      content: { kind: 'TEXT' as const, text: '', responseTemplateId: 'opening-hours' },
      attachmentIds: [file.attachmentId],
      action: { kind: 'CLOSE' as const },
    };
    const { sendId } = made(await chatCenter.send(request, randomUUID()));
    const { delivery } = await untilStatus(stage, sendId, 'READ');
    print.step(`sent a response template with "${file.name}" (${file.type}): ${delivery.parts.length} parts, all READ`);
    must(
      again.clientId === clientId && items[0]?.clientId === clientId && delivery.parts.length === 2,
      'expected one client and two parts',
    );
    must((await ledgerSize(stage, '38970123460')) === 2, 'expected exactly two messages at the provider');
  },
};

const handedOver: Story = {
  title: 'A message is handed to a department; an agent takes it, the client answers, the thread is closed (R15c, A26)',
  async play({ chatCenter, simulator }) {
    const { clientId, phone = '' } = await chatCenter.findClient('ivo');
    const target = { kind: 'DEPARTMENT' as const, id: 'returns' };
    const reply = await chatCenter.send(
      {
        agentId: 'anna',
        clientId,
        channelId: 'viber-main',
        content: { kind: 'TEXT', text: 'Your parcel has come back to us.' },
        action: { kind: 'TRANSFER', target, comment: 'asks for a refund' },
      },
      randomUUID(),
    );
    const threadId = made(reply).threadId ?? '';
    const { items } = await chatCenter.queue('DEPARTMENT', 'returns');
    print.step(`anna writes to ivo and hands the thread to returns: ${items[0]?.state}, in its queue: ${items.length}`);
    await chatCenter.take(threadId, 'boris');
    const { state: opened } = await chatCenter.open(threadId, 'boris');
    print.step(`boris takes and opens it: ${opened}`);
    await tell(simulator, 'POST', '/_inbound', { provider: 'PULSE', subjectId: 3392, from: phone, text: 'And now?' });
    const asked = await until(
      'the client waits',
      () => chatCenter.findThread(threadId),
      ({ state }) => state === 'ANSWER_NEEDED',
    );
    const content = { kind: 'TEXT' as const, text: 'You have your money back on Friday.' };
    made(await chatCenter.reply(threadId, { agentId: 'boris', content }, randomUUID()));
    const { waitingForClient } = await chatCenter.queueOf('boris');
    print.step(`ivo writes: ${asked.state}; boris answers: ${waitingForClient[0]?.state}, in his queue`);
    const closed = await chatCenter.close(threadId, { agentId: 'boris', reason: 'refunded' });
    print.step(`boris closes it: ${closed.closeReason}`);
    print.history((await chatCenter.history(clientId)).items);
    must(
      items[0]?.threadId === threadId && opened === 'IN_PROGRESS' && closed.closeReason === 'OPERATOR_CLOSED',
      'expected the thread in the queue of returns, then with boris, then closed by him',
    );
  },
};

export const stories: readonly Story[] = [
  delivered,
  channelList,
  handedOver,
  mailBesideThread,
  race,
  lateFailure,
  newClient,
  twice,
];
