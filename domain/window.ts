// The window after a client's message in which free text is taken (A15, A17).

export interface Window {
  open: boolean;
  /** When an open window closes, in ms since the epoch. */
  closesAt?: number;
}

/** Open while now - last inbound < the window; at exactly its length it is closed (A17). All times in ms. */
export function windowAt(now: number, lastInboundAt: number | undefined, windowSeconds: number): Window {
  if (lastInboundAt === undefined) return { open: false };
  const closesAt = lastInboundAt + windowSeconds * 1000;
  return now < closesAt ? { open: true, closesAt } : { open: false };
}
