// The life of one send, from the claim of the client's thread to the provider's last word (design 3.2).
// Before `send.settled` the caller waits for the verdict; afterwards every "no" is a late failure (A23).
// A message may leave in several parts: the first decides the verdict, then the others follow one by one (A33).
import { and, assign, not, setup } from 'xstate';
import type { DeliveryStatus } from '../domain/contracts/delivery.js';
import type { FailureCode } from '../domain/contracts/failure.js';
import type { Verdict } from '../domain/contracts/outgoing-send.js';
import type { Refusal } from '../domain/contracts/refusal.js';
import { hasArrived, isTerminal, lastWord } from '../domain/receipt.js';
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
  /** In how many parts the message leaves. */
  parts: number;
  /** How many of them were asked to leave so far; the last of these may still be tried. */
  begun: number;
  /** What the provider said of each, in their order. */
  answers: Answer[];
  /** What the receipts say of the whole message, once they say something. */
  receipt?: DeliveryStatus;
  failureCode?: FailureCode | undefined;
}

export type SendEvent =
  | { type: 'claim.won'; claim: Claim | undefined; expectsReceipts: boolean; dispatchTimeout: number; parts: number }
  | { type: 'claim.refused'; refusals: Refusal[] }
  | { type: 'provider.accepted' }
  | { type: 'provider.rejected'; failureCode: FailureCode }
  /** Perhaps accepted, and not to be repeated (INV7). */
  | { type: 'provider.fellSilent' }
  /** Tried until the deadline; what that means our own record of the attempts tells. */
  | { type: 'dispatch.exhausted' }
  /** With what the receipts that came before say (W28). */
  | ({ type: 'send.settled' } & Told)
  /** A fact from outside: what the receipts say of all parts, or of the first while it alone has left (A33). */
  | ({ type: 'receipt.arrived' } & Told)
  | ({ type: 'outcome.concluded' } & Told);

interface Told {
  status: DeliveryStatus;
  failureCode?: FailureCode;
}

type Recorded<T extends SendEvent['type']> = Extract<SendEvent, { type: T }>;

const told = ({ event }: { event: Recorded<'send.settled' | 'receipt.arrived' | 'outcome.concluded'> }) => event;
const receipt = { type: 'recordReceipt', params: told } as const;
const reading = { type: 'recordStatus', params: told } as const;
const answered = (answer: Answer) => ({ type: 'recordAnswer', params: { answer } }) as const;
const rejection = {
  type: 'recordAnswer',
  params: ({ event }: { event: Recorded<'provider.rejected'> }) =>
    ({ answer: 'REJECTED', failureCode: event.failureCode }) as const,
} as const;
const given = (verdict: Verdict) => ({ type: 'recordVerdict', params: { verdict } }) as const;
const dispatchOfNext = {
  type: 'requestDispatch',
  params: ({ context: { begun, claim, dispatchTimeout } }: { context: SendContext }) =>
    ({ part: begun, claim, timeout: dispatchTimeout }) as const,
} as const;

const allAccepted = ({ answers }: SendContext): Answer[] => answers.map(() => 'ACCEPTED');
const isAcceptedWhole = ({ parts, answers }: SendContext): boolean =>
  answers.length === parts && answers.every((answer) => answer === 'ACCEPTED');
const withStatus = ({ receipt: known }: SendContext, { status, failureCode }: Told): Partial<SendContext> =>
  lastWord(known, status) === status ? { receipt: status, ...(failureCode === undefined ? {} : { failureCode }) } : {};

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
    isAccepted: ({ context }) => context.answers[0] === 'ACCEPTED' || context.receipt !== undefined,
    isSilent: ({ context }) => context.answers.includes('SILENT'),
    isExhausted: ({ context }) => context.answers.includes('EXHAUSTED'),
    isAnswered: ({ context }) => context.answers.length === context.begun,
    hasMoreParts: ({ context }) => context.begun < context.parts,
    isDelivered: ({ context }) => hasArrived(context.receipt),
    isFailed: ({ context }) => context.receipt === 'FAILED',
    expectsNoReceipt: ({ context }) => !context.expectsReceipts,
    // FAILED may be the refusal of the first part, if that is still tried; its answer tells what follows (A31).
    isFinal: ({ context }, { status }: Told) =>
      isTerminal(status) && (context.parts === 1 || context.answers.length > 0),
    // Of several parts a receipt does not say which it speaks of, unless the first alone has left.
    endsDoubt: ({ context }, { status }: Told) => context.begun === 1 || hasArrived(status),
    isOutAfterAll: ({ context }, { status }: Told) =>
      !isAcceptedWhole(context) && (status === 'QUEUED' || status === 'SENT'),
    // A receipt that came while we asked says more than what we read (W31).
    endsDelivered: ({ context }, { status }: Told) => hasArrived(lastWord(context.receipt, status)),
    endsFailed: ({ context }, { status }: Told) => lastWord(context.receipt, status) === 'FAILED',
  },
  actions: {
    recordClaim: assign((_, { type: _type, ...claimed }: Recorded<'claim.won'>) => claimed),
    recordRefusals: assign((_, refusals: Refusal[]) => ({ refusals })),
    recordDispatch: assign({ begun: ({ context }) => context.begun + 1 }),
    recordAnswer: assign(({ context }, { answer, failureCode }: { answer: Answer; failureCode?: FailureCode }) => ({
      // A receipt proves that the provider has the first part, whatever becomes of its answer (E6).
      answers: [
        ...context.answers,
        context.answers.length === 0 && context.receipt !== undefined ? 'ACCEPTED' : answer,
      ],
      ...(failureCode !== undefined && context.receipt !== 'FAILED' && { failureCode }),
      ...(answer === 'REJECTED' && context.answers.length > 0 && { receipt: 'FAILED' as const }),
    })),
    recordAcceptance: assign({ answers: ({ context }) => allAccepted(context) }),
    recordVerdict: assign((_, params: { verdict: Verdict }) => params),
    recordSettlement: assign({ isSettled: true }),
    recordStatus: assign(({ context }, status: Told) => withStatus(context, status)),
    recordReceipt: assign(({ context }, status: Told) => ({
      ...withStatus(context, status),
      ...(context.begun === 1 && { answers: allAccepted(context) }),
    })),
    recordDelivery: assign({ failureCode: undefined }),
    requestClaim: () => {},
    requestDispatch: (_, _job: { part: number; claim: Claim | undefined; timeout: number }) => {},
    requestSettlement: (_, _verdict: Verdict) => {},
    requestConclusion: (_, _job: { waitedFor: 'DISPATCH' | 'RECEIPT'; begun: number }) => {},
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
    parts: 1,
    begun: 0,
    answers: [],
  }),
  initial: 'claiming',
  on: {
    'receipt.arrived': { actions: receipt }, // in every state (INV24)
    'provider.accepted': { actions: answered('ACCEPTED') },
    'provider.rejected': { actions: rejection },
    'provider.fellSilent': { actions: answered('SILENT') },
    'dispatch.exhausted': { actions: answered('EXHAUSTED') },
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
      entry: [dispatchOfNext, 'recordDispatch'],
      after: { verdictTimeout: { target: 'settling', actions: given('QUEUED') } },
      on: {
        'provider.accepted': { target: 'settling', actions: [answered('ACCEPTED'), given('ACCEPTED')] },
        'provider.rejected': { target: 'settling', actions: [rejection, given('REJECTED')] },
        'provider.fellSilent': { target: 'settling', actions: [answered('SILENT'), given('QUEUED')] },
        'dispatch.exhausted': { target: 'settling', actions: [answered('EXHAUSTED'), given('QUEUED')] },
        // A receipt proves that the provider has the message, whatever becomes of its answer (E6).
        'receipt.arrived': { target: 'settling', actions: [receipt, given('ACCEPTED')] },
      },
    },
    settling: {
      description: 'Records the verdict and tells the thread what becomes of it.',
      entry: { type: 'requestSettlement', params: ({ context }) => context.verdict ?? 'QUEUED' },
      exit: 'recordSettlement',
      on: {
        'send.settled': [
          { guard: 'isRejected', target: 'rejected' },
          { guard: { type: 'isFinal', params: told }, target: 'awaitingReceipt', actions: reading },
          { guard: 'isAccepted', target: 'awaitingReceipt' },
          { guard: not('isAnswered'), target: 'queued' },
          { guard: 'isSilent', target: 'reconciling' },
          { target: 'concluding' },
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
        'receipt.arrived': { target: 'awaitingReceipt', actions: receipt },
      },
    },
    completing: {
      description: 'The first part is out; the others follow, whatever becomes of them (A33).',
      tags: 'atRest',
      always: [
        { guard: 'isDelivered', target: 'delivered' },
        { guard: and(['isAnswered', 'hasMoreParts']), actions: [dispatchOfNext, 'recordDispatch'] },
        { guard: and(['isAnswered', 'isSilent']), target: 'reconciling' },
        { guard: and(['isAnswered', 'isExhausted']), target: 'concluding' },
        { guard: 'isAnswered', target: 'awaitingReceipt' },
      ],
    },
    reconciling: {
      description: 'Nobody knows whether the provider has the message; a receipt decides, it is never repeated (E7).',
      tags: 'atRest',
      after: { unknownTimeout: 'concluding' },
      on: {
        'receipt.arrived': { guard: { type: 'endsDoubt', params: told }, target: 'awaitingReceipt', actions: receipt },
      },
    },
    awaitingReceipt: {
      description: 'The provider has the message; its word on the delivery is awaited.',
      tags: 'atRest',
      always: [
        { guard: 'hasMoreParts', target: 'completing' },
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
        params: ({ context }) => ({
          waitedFor: isAcceptedWhole(context) ? ('RECEIPT' as const) : ('DISPATCH' as const),
          begun: context.begun,
        }),
      },
      on: {
        'outcome.concluded': [
          { guard: { type: 'isOutAfterAll', params: told }, target: 'awaitingReceipt', actions: 'recordAcceptance' },
          { guard: { type: 'endsDelivered', params: told }, target: 'delivered', actions: reading },
          { guard: { type: 'endsFailed', params: told }, target: 'failed', actions: reading },
          { target: 'unconfirmed', actions: reading },
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
