// What can happen to a send, and where it leads: the vocabulary of the tests of its machine.
import { initialTransition, type SnapshotFrom, transition } from 'xstate';
import type { DeliveryStatus } from '../../domain/contracts/delivery.js';
import { outgoingSendMachine, type SendEvent, type SendInput } from '../../machines/outgoing-send.js';

export type SendSnapshot = SnapshotFrom<typeof outgoingSendMachine>;
/** The events of the domain, and those of the machine's own timers. */
export type Happening = SendEvent | { type: `xstate.after.${string}` };

export const input: SendInput = {
  sendId: 's-1',
  timeouts: { verdict: 5_000, unknown: 900_000, receipt: 2_592_000_000 },
};
const claim = { threadId: 't-1', runId: 'r-1' };

export const wonIn = (parts: number): SendEvent => ({
  type: 'claim.won',
  claim,
  expectsReceipts: true,
  dispatchTimeout: 40_000,
  parts,
});
export const won = wonIn(1);
export const wonMail: SendEvent = {
  type: 'claim.won',
  claim: undefined,
  expectsReceipts: false,
  dispatchTimeout: 40_000,
  parts: 1,
};
export const refused: SendEvent = { type: 'claim.refused', refusals: [{ code: 'CLIENT_BLOCKED' }] };
export const accepted: SendEvent = { type: 'provider.accepted' };
export const rejected: SendEvent = { type: 'provider.rejected', failureCode: 'CONTENT_REJECTED' };
export const silent: SendEvent = { type: 'provider.fellSilent' };
export const exhausted: SendEvent = { type: 'dispatch.exhausted' };
export const settled: SendEvent = { type: 'send.settled', status: 'QUEUED' };
export const delivered: SendEvent = { type: 'receipt.arrived', status: 'DELIVERED' };
export const read: SendEvent = { type: 'receipt.arrived', status: 'READ' };
export const failed: SendEvent = {
  type: 'receipt.arrived',
  status: 'FAILED',
  failureCode: 'RECIPIENT_BLOCKED_BUSINESS',
};
export const concluded = (status: DeliveryStatus): SendEvent => ({
  type: 'outcome.concluded',
  status,
  ...(status === 'FAILED' && { failureCode: 'EXPIRED' }),
});
export const verdictTimeout: Happening = { type: 'xstate.after.verdictTimeout.outgoingSend.dispatching' };
export const unknownTimeout: Happening = { type: 'xstate.after.unknownTimeout.outgoingSend.reconciling' };
export const receiptTimeout: Happening = { type: 'xstate.after.receiptTimeout.outgoingSend.awaitingReceipt' };

export const answers = [accepted, rejected, silent, exhausted];
export const timers = [verdictTimeout, unknownTimeout, receiptTimeout] as unknown as SendEvent[];

export const after = (snapshot: SendSnapshot, event: Happening) =>
  transition(outgoingSendMachine, snapshot, event as SendEvent);

export const sendAfter = (...events: Happening[]): SendSnapshot =>
  events.reduce<SendSnapshot>((send, event) => after(send, event)[0], initialTransition(outgoingSendMachine, input)[0]);

export const isRejecting = ({ context }: SendSnapshot): boolean => context.verdict === 'REJECTED';

/** Goes on as the world is at its worst: no answer, no further receipt, nothing known at the end. */
export function endWithoutNews(send: SendSnapshot): SendSnapshot {
  const next: Partial<Record<string, Happening>> = {
    claiming: won,
    dispatching: exhausted,
    settling: settled,
    queued: exhausted,
    completing: exhausted,
    reconciling: unknownTimeout,
    awaitingReceipt: receiptTimeout,
    concluding: concluded('UNCONFIRMED'),
  };
  let current = send;
  for (let step = 0; current.status === 'active' && step < 20; step += 1) {
    current = after(current, next[current.value]!)[0];
  }
  return current;
}
