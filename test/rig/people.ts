// Clients for tests, each with a phone and an address that nobody else has; the last four digits script the simulator.
import type { ClientBody } from '../../domain/contracts/client.js';
import type { SendRequest } from '../../client/chat-center.js';
import type { Service } from './service.js';

let counter = 100_000 + Math.floor(Date.now() % 800_000);

export interface Person {
  clientId: string;
  phone: string;
  email: string;
}

/** @param ending of the phone and of the address' login, e.g. `0001`: not on the messenger */
export async function aPerson(
  { operator }: Service,
  ending = '1234',
  changes: Partial<ClientBody> = {},
): Promise<Person> {
  counter += 1;
  const person = {
    clientId: `client-x${counter}`,
    phone: `38${counter}${ending}`,
    email: `mila.${counter}.${ending}@client.example`,
  };
  await operator.putClient(person.clientId, {
    name: 'Mila',
    phone: person.phone,
    email: person.email,
    blocked: false,
    identities: [],
    ...changes,
  });
  return person;
}

type ToClient = SendRequest & { clientId: string };

/** A template that the provider knows, to a client of WhatsApp. */
export const aTemplateSend = (clientId: string, changes: Partial<SendRequest> = {}): ToClient => ({
  agentId: 'anna',
  channelId: 'wa-main',
  content: {
    kind: 'TEMPLATE',
    templateId: 'order-ready',
    variables: { 'header.1': 'A-1042', '1': `18:00 ${clientId}` },
  },
  action: { kind: 'CLOSE' },
  ...changes,
  clientId,
});

export const aMail = (clientId: string, changes: Partial<SendRequest> = {}): ToClient => ({
  agentId: 'anna',
  channelId: 'mail-main',
  content: { kind: 'EMAIL', subject: 'Your order', text: 'It is ready.' },
  ...changes,
  clientId,
});
