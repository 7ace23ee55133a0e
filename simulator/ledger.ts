import { z } from 'zod';

const Provider = z.enum(['PULSE', 'SMTP']);
export type Provider = z.infer<typeof Provider>;

/** A message that a provider accepted, with the content as its client would see it. */
export interface LedgerItem {
  provider: Provider;
  to: string;
  content: object;
  /** `requestId` for Pulse, `Message-ID` for mail. */
  key: string;
  at: string;
}

export const LedgerFilter = z.strictObject({ to: z.string().optional(), provider: Provider.optional() });
export type LedgerFilter = z.infer<typeof LedgerFilter>;

export interface Ledger {
  /** @param recipients everyone under whose address the message is found; `to` alone when left out */
  add(item: Omit<LedgerItem, 'at'>, recipients?: string[]): void;
  list(filter: LedgerFilter): LedgerItem[];
  clear(): void;
}

export function createLedger(): Ledger {
  let items: LedgerItem[] = [];
  let byAddress = new Map<string, LedgerItem[]>();

  function index(address: string, item: LedgerItem): void {
    const known = byAddress.get(address);
    if (known) known.push(item);
    else byAddress.set(address, [item]);
  }

  return {
    add(accepted, recipients = [accepted.to]) {
      const item = { ...accepted, at: new Date().toISOString() };
      items.push(item);
      for (const address of new Set(recipients.map((recipient) => recipient.toLowerCase()))) index(address, item);
    },
    list({ to, provider }) {
      const found = to === undefined ? items : (byAddress.get(to.toLowerCase()) ?? []);
      return provider === undefined ? found : found.filter((item) => item.provider === provider);
    },
    clear() {
      items = [];
      byAddress = new Map();
    },
  };
}
