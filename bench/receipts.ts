/** Which receipts the provider sends: what ends the send, or all that a messenger has. */
export type Receipts = 'delivered' | 'all';

/** After the provider's answer, in ms. */
export const DELIVERED_AFTER = 150;

const NEVER = 3_600_000; // ms, the longest that the simulator knows
const DELAYS = {
  delivered: { sent: NEVER, delivered: DELIVERED_AFTER, read: NEVER },
  all: { sent: 60, delivered: DELIVERED_AFTER, read: 400 },
} as const;

export async function setReceipts(simulator: string, receipts: Receipts): Promise<void> {
  const body = JSON.stringify({ receiptDelaysMs: DELAYS[receipts] });
  const response = await fetch(`${simulator}/_faults`, { method: 'PUT', body });
  if (!response.ok) throw new Error(`the simulator refuses its delays: ${response.status} ${await response.text()}`);
}
