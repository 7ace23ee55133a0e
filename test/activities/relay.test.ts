import { expect, it, vi } from 'vitest';
import type { InboundFileAnswer, InboxRow } from '../../activities/ports.js';
import { relayOnce, type RelayPorts } from '../../activities/relay.js';
import type { MessageFact } from '../../domain/provider-fact.js';

const file = { url: 'https://files.example/1', name: 'offer.pdf' };
const aMessage = (changes: Partial<MessageFact> = {}): MessageFact => ({
  kind: 'MESSAGE',
  address: '38970123456',
  text: 'Look',
  files: [file],
  ...changes,
});

/** One row in the inbox, and ports that remember what was kept and what went wrong. */
function aRelay(fact: MessageFact, attempts: number, answers: InboundFileAnswer[]) {
  const row: InboxRow = {
    inboxId: 7,
    channelId: 'wa-main',
    identity: 'message:1',
    fact,
    receivedAt: new Date(0),
    attempts,
  };
  const received: MessageFact[] = [];
  const faults: string[] = [];
  const done = vi.fn(() => Promise.resolve());
  const places: object[] = [];
  const ports = {
    inbox: { take: () => Promise.resolve([row]), done },
    files: {
      fetch(place: object) {
        places.push(place);
        return Promise.resolve(answers.shift());
      },
    },
    messages: {
      receive(_: unknown, message: MessageFact) {
        received.push(message);
        return Promise.resolve({ clientId: 'c', entryId: 'e', threadId: 't', opensThread: false });
      },
    },
    onFault: (_: number, error: Error) => void faults.push(error.message),
  } as unknown as RelayPorts;
  return { ports, received, faults, done, places };
}

it('a message waits for a file whose provider is away, and stays in the inbox (INV10)', async () => {
  const { ports, received, faults, done } = aRelay(aMessage(), 10, [{ outcome: 'away', reason: 'answered 503' }]);

  await relayOnce(ports);

  expect({ received, faults }).toEqual({ received: [], faults: ['a file of the message is away: answered 503'] });
  expect(done).not.toHaveBeenCalled();
});

it('a message waits ten attempts and no longer: then the file is named in its text (INV10)', async () => {
  const { ports, received, done } = aRelay(aMessage(), 11, [{ outcome: 'away', reason: 'answered 503' }]);

  await relayOnce(ports);

  expect(received).toEqual([expect.objectContaining({ text: 'Look\n[file not taken: offer.pdf]', attachmentIds: [] })]);
  expect(done).toHaveBeenCalledWith(7);
});

it('of several files each is asked for at its own place, and what cannot be had is named after the text', async () => {
  const files = ['a', 'b', 'c'].map((name) => ({ ...file, name }));
  const { text: _, ...alone } = aMessage({ files, attachmentIds: ['ours'] });
  const { ports, received, places } = aRelay(alone, 1, [
    { outcome: 'refused' },
    { outcome: 'kept', attachmentId: 'theirs' },
    { outcome: 'refused' },
  ]);

  await relayOnce(ports);

  expect(places).toEqual([0, 1, 2].map((index) => ({ channelId: 'wa-main', identity: 'message:1', index })));
  expect(received).toEqual([
    {
      kind: 'MESSAGE',
      address: '38970123456',
      attachmentIds: ['ours', 'theirs'],
      text: '[file not taken: a]\n[file not taken: c]',
    },
  ]);
});
