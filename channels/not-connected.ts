// Provider kinds that can be configured and have no adapter in this version: a send is rejected at once (A31).
import type { Channel } from '../activities/ports.js';
import type { ProviderKind } from '../domain/contracts/channel.js';

export const notConnectedTraits = { isKeyed: true, expectsReceipts: false }; // keyed: nothing ever leaves

/** @param timeout in ms */
export const createNotConnected = (kind: ProviderKind, timeout: number): Channel => ({
  ...notConnectedTraits,
  timeout,
  deliver: () =>
    Promise.resolve({
      outcome: 'final',
      failure: { code: 'SENDER_ACCOUNT_PROBLEM', detail: `this version cannot send through ${kind} yet` },
    }),
});
