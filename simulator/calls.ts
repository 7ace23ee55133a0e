import type { Provider } from './ledger.js';

/** How often each provider was asked to send, in all and per key, whatever it answered. */
export interface Calls {
  count(provider: Provider): void;
  countKey(key: string): void;
  perProvider(): Record<Provider, number>;
  ofKey(key: string): number;
}

export function createCalls(): Calls {
  const perProvider: Record<Provider, number> = { PULSE: 0, SMTP: 0 };
  const perKey = new Map<string, number>();
  return {
    count: (provider) => void perProvider[provider]++,
    countKey: (key) => void perKey.set(key, (perKey.get(key) ?? 0) + 1),
    perProvider: () => ({ ...perProvider }),
    ofKey: (key) => perKey.get(key) ?? 0,
  };
}
