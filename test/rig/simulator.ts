import type { Service } from './service.js';
import { tell } from '../../scripts/simulator.js';

export interface LedgerItem {
  provider: string;
  to: string;
  content: Record<string, unknown>;
  key: string;
}

/** What the providers have accepted for this address. */
export async function ledgerOf({ simulator }: Service, to: string): Promise<LedgerItem[]> {
  const { items } = (await tell(simulator, 'GET', `/_ledger?to=${encodeURIComponent(to)}`)) as { items: LedgerItem[] };
  return items;
}

/** The client writes through the provider's webhook. */
export const clientWrites = ({ simulator }: Service, from: string, text: string, subjectId = 3391) =>
  tell(simulator, 'POST', '/_inbound', { provider: 'PULSE', subjectId, from, text });

export interface ClientFile {
  name: string;
  bytes: Uint8Array;
}

/** The client sends a file, with a caption if there is a text. */
export const clientSendsFile = (
  { simulator }: Service,
  from: string,
  { name, bytes }: ClientFile,
  text?: string,
): Promise<unknown> =>
  tell(simulator, 'POST', '/_inbound', {
    provider: 'PULSE',
    subjectId: 3391,
    from,
    ...(text !== undefined && { text }),
    file: { name, base64: Buffer.from(bytes).toString('base64') },
  });
