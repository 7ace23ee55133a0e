// The life of one send, from the claim of the client's thread to the provider's last word (design 3.2).
// Before `send.settled` the caller waits for the verdict; afterwards every "no" is a late failure (A23).
import { assign, setup } from 'xstate';
import type { DeliveryStatus } from '../domain/contracts/delivery.js';
import type { FailureCode } from '../domain/contracts/failure.js';
import type { Verdict } from '../domain/contracts/outgoing-send.js';
import type { Refusal } from '../domain/contracts/refusal.js';
import { isAtLeast, isTerminal } from '../domain/receipt.js';
import type { Claim } from '../domain/thread.js';

/** All in ms. */
interface SendTimeouts {
  /** After this the verdict is QUEUED (A32). */
  verdict: number;
  /** How long an unknown outcome is reconciled (A32). */
  unknown: number;
  /** How long a receipt is waited for. */
  receipt: number;
}

export interface SendInput {
  sendId: string;
  timeouts: SendTimeouts;
}

type Answer = 'ACCEPTED' | 'REJECTED' | 'SILENT' | 'EXHAUSTED';

interface SendContext extends SendInput {
  claim: Claim | undefined;
  /** How long one attempt may take, in ms; the provider call's own limit is shorter. */
  dispatchTimeout: number;
  /** Whether the provider reports what becomes of the message; without it SENT is the last that is known. */
  expectsReceipts: boolean;
  refusals: Refusal[];
  verdict?: Verdict;
  isSettled: boolean;
  /** What the provider said so far; absent while it is still being tried. */
  answer?: Answer;
  /** What the receipts say, once they say something final. */
  receipt?: DeliveryStatus;
  failureCode?: FailureCode | undefined;
}

export type SendEvent =
  | { type: 'claim.won'; claim: Claim | undefined; expectsReceipts: boolean; dispatchTimeout: number }
  | { type: 'claim.refused'; refusals: Refusal[] }
  | { type: 'provider.accepted' }
  | { type: 'provider.rejected'; failureCode: FailureCode }
  /** Perhaps accepted, and not to be repeated (INV7). */
  | { type: 'provider.fellSilent' }
  /** Tried until the deadline; what that means our own record of the attempts tells. */
  | { type: 'dispatch.exhausted' }
  /** With what the receipts that came before say (W28). */
  | { type: 'send.settled'; status: DeliveryStatus; failureCode?: FailureCode }
  /** A fact from outside: the receipts fold to a final status. */
  | { type: 'receipt.arrived'; status: DeliveryStatus; failureCode?: FailureCode }
  | { type: 'outcome.concluded'; status: DeliveryStatus; failureCode?: FailureCode };

type Recorded<T extends SendEvent['type']> = Extract<SendEvent, { type: T }>;

const ofReceipt = ({ event }: { event: Recorded<'receipt.arrived'> }) => event;
const answered = (answer: Answer) => ({ type: 'recordAnswer', params: { answer } }) as const;
const rejection = {
  type: 'recordAnswer',
  params: ({ event }: { event: Recorded<'provider.rejected'> }) =>
    ({ answer: 'REJECTED', failureCode: event.failureCode }) as const,
} as const;
const given = (verdict: Verdict) => ({ type: 'recordVerdict', params: { verdict } }) as const;

export const outgoingSendMachine = setup({
  types: {
    context: {} as SendContext,
    events: {} as SendEvent,
    input: {} as SendInput,
    tags: {} as 'atRest',
  },
  delays: {
    verdictTimeout: ({ context }) => context.timeouts.verdict, // A32
    unknownTimeout: ({ context }) => context.timeouts.unknown, // A32
    receiptTimeout: ({ context }) => context.timeouts.receipt,
  },
  guards: {
    isRejected: ({ context }) => context.verdict === 'REJECTED',
    isAccepted: ({ context }) => context.answer === 'ACCEPTED' || context.receipt !== undefined,
    isSilent: ({ context }) => context.answer === 'SILENT',
    isStillTried: ({ context }) => context.answer === undefined,
    isDelivered: ({ context }) => context.receipt === 'DELIVERED' || context.receipt === 'READ',
    isFailed: ({ context }) => context.receipt === 'FAILED',
    expectsNoReceipt: ({ context }) => !context.expectsReceipts,
    isFinal: (_, status: DeliveryStatus) => isTerminal(status),
    wasAcceptedAfterAll: ({ context }, status: DeliveryStatus) =>
      context.answer !== 'ACCEPTED' && (status === 'QUEUED' || status === 'SENT'),
  },
  actions: {
    recordClaim: assign((_, { claim, expectsReceipts, dispatchTimeout }: Recorded<'claim.won'>) => ({
      claim,
      expectsReceipts,
      dispatchTimeout,
    })),
    recordRefusals: assign((_, refusals: Refusal[]) => ({ refusals })),
    recordAnswer: assign((_, answer: { answer: Answer; failureCode?: FailureCode }) => answer),
    recordVerdict: assign((_, params: { verdict: Verdict }) => params),
    recordSettlement: assign({ isSettled: true }),
    // A status that was folded earlier may come later; it undoes nothing (INV8).
    recordStatus: assign(
      ({ context }, { status, failureCode }: { status: DeliveryStatus; failureCode?: FailureCode }) =>
        isAtLeast(status, context.receipt)
          ? { receipt: status, ...(failureCode === undefined ? {} : { failureCode }) }
          : {},
    ),
    recordDelivery: assign({ failureCode: undefined }),
    requestClaim: () => {},
    requestDispatch: (_, _job: { claim: Claim | undefined; timeout: number }) => {},
    requestSettlement: (_, _verdict: Verdict) => {},
    requestConclusion: (_, _waitedFor: 'DISPATCH' | 'RECEIPT') => {},
  },
}).createMachine({
  id: 'outgoingSend',
  context: ({ input }) => ({
    ...input,
    claim: undefined,
    dispatchTimeout: 0,
    expectsReceipts: true,
    refusals: [],
    isSettled: false,
  }),
  initial: 'claiming',
  on: {
    'receipt.arrived': { actions: { type: 'recordStatus', params: ofReceipt } },
  },
  states: {
    claiming: {
      description: "Checks every rule again and claims the client's thread.",
      entry: 'requestClaim',
      on: {
        'claim.won': { target: 'dispatching', actions: { type: 'recordClaim', params: ({ event }) => event } },
        'claim.refused': {
          target: 'refused',
          actions: { type: 'recordRefusals', params: ({ event }) => event.refusals },
        },
      },
    },
    dispatching: {
      description: 'Hands the message to the provider. Its silence is not a "no" (INV7).',
      entry: {
        type: 'requestDispatch',
        params: ({ context }) => ({ claim: context.claim, timeout: context.dispatchTimeout }),
      },
      after: { verdictTimeout: { target: 'settling', actions: given('QUEUED') } },
      on: {
        'provider.accepted': { target: 'settling', actions: [answered('ACCEPTED'), given('ACCEPTED')] },
        'provider.rejected': { target: 'settling', actions: [rejection, given('REJECTED')] },
        'provider.fellSilent': { target: 'settling', actions: [answered('SILENT'), given('QUEUED')] },
        'dispatch.exhausted': { target: 'settling', actions: [answered('EXHAUSTED'), given('QUEUED')] },
        // A receipt proves that the provider has the message, whatever becomes of its answer (E6).
        'receipt.arrived': {
          target: 'settling',
          actions: [{ type: 'recordStatus', params: ofReceipt }, given('ACCEPTED')],
        },
      },
    },
    settling: {
      description: 'Records the verdict and tells the thread what becomes of it.',
      entry: { type: 'requestSettlement', params: ({ context }) => context.verdict ?? 'QUEUED' },
      on: {
        'provider.accepted': { actions: answered('ACCEPTED') },
        'provider.rejected': { actions: rejection },
        'provider.fellSilent': { actions: answered('SILENT') },
        'dispatch.exhausted': { actions: answered('EXHAUSTED') },
        'send.settled': [
          { guard: 'isRejected', target: 'rejected', actions: 'recordSettlement' },
          {
            guard: { type: 'isFinal', params: ({ event }) => event.status },
            target: 'awaitingReceipt',
            actions: ['recordSettlement', { type: 'recordStatus', params: ({ event }) => event }],
          },
          { guard: 'isAccepted', target: 'awaitingReceipt', actions: 'recordSettlement' },
          { guard: 'isStillTried', target: 'queued', actions: 'recordSettlement' },
          { guard: 'isSilent', target: 'reconciling', actions: 'recordSettlement' },
          { target: 'concluding', actions: 'recordSettlement' },
        ],
      },
    },
    queued: {
      description: 'The provider has not taken the message yet; it is tried until its deadline (A32).',
      tags: 'atRest',
      on: {
        'provider.accepted': { target: 'awaitingReceipt', actions: answered('ACCEPTED') },
        'provider.rejected': { target: 'concluding', actions: rejection },
        'provider.fellSilent': { target: 'reconciling', actions: answered('SILENT') },
        'dispatch.exhausted': { target: 'concluding', actions: answered('EXHAUSTED') },
        'receipt.arrived': { target: 'awaitingReceipt', actions: { type: 'recordStatus', params: ofReceipt } },
      },
    },
    reconciling: {
      description: 'Nobody knows whether the provider has the message; a receipt decides, it is never repeated (E7).',
      tags: 'atRest',
      after: { unknownTimeout: 'concluding' },
      on: {
        'receipt.arrived': { target: 'awaitingReceipt', actions: { type: 'recordStatus', params: ofReceipt } },
      },
    },
    awaitingReceipt: {
      description: 'The provider has the message; its word on the delivery is awaited.',
      tags: 'atRest',
      always: [
        { guard: 'isDelivered', target: 'delivered' },
        { guard: 'isFailed', target: 'failed' },
        { guard: 'expectsNoReceipt', target: 'sent' },
      ],
      after: { receiptTimeout: 'concluding' },
    },
    concluding: {
      description: 'Asks our own record of attempts and receipts for the last time and writes down the outcome.',
      entry: {
        type: 'requestConclusion',
        params: ({ context }) => (context.answer === 'ACCEPTED' ? 'RECEIPT' : 'DISPATCH'),
      },
      on: {
        'outcome.concluded': [
          // A receipt that came while we asked says more than what we read (W31).
          { guard: 'isDelivered', target: 'delivered' },
          { guard: 'isFailed', target: 'failed' },
          {
            guard: { type: 'isFinal', params: ({ event }) => event.status },
            target: 'awaitingReceipt',
            actions: { type: 'recordStatus', params: ({ event }) => event },
          },
          {
            guard: { type: 'wasAcceptedAfterAll', params: ({ event }) => event.status },
            target: 'awaitingReceipt',
            actions: answered('ACCEPTED'),
          },
          { target: 'unconfirmed', actions: { type: 'recordStatus', params: ({ event }) => event } },
        ],
      },
    },
    sent: { description: 'The provider has the message and will report nothing more.', type: 'final', tags: 'atRest' },
    delivered: {
      description: 'The client has the message, whatever was said before.',
      type: 'final',
      tags: 'atRest',
      entry: 'recordDelivery',
    },
    failed: { description: 'The message was not delivered; the history says why.', type: 'final', tags: 'atRest' },
    unconfirmed: { description: 'It will not be known whether the message arrived.', type: 'final', tags: 'atRest' },
    refused: { description: 'Our rules forbid the send; nothing left.', type: 'final', tags: 'atRest' },
    rejected: {
      description: 'The provider refused at once; the claim is released (A31).',
      type: 'final',
      tags: 'atRest',
    },
  },
});
