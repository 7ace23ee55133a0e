// Web chat and mobile app. The message stands in our own store when it is dispatched, and that is its delivery.
import type { Channel } from '../activities/ports.js';

export const internalTraits = { isKeyed: true, expectsReceipts: false };

/** @param timeout in ms */
export const createInternal = (timeout: number): Channel => ({
  ...internalTraits,
  timeout,
  deliver: () => Promise.resolve({ outcome: 'accepted' }),
});
