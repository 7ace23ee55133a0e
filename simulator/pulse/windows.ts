const WINDOW = 24 * 60 * 60 * 1000; // ms

/** When a client last wrote to a sender account; for 24 hours after that free text may be sent. */
export interface Windows {
  open(subjectId: number, address: string): void;
  isOpen(subjectId: number, address: string): boolean;
}

export function createWindows(): Windows {
  const lastInbound = new Map<string, number>();
  return {
    open: (subjectId, address) => void lastInbound.set(`${subjectId} ${address}`, Date.now()),
    isOpen(subjectId, address) {
      const at = lastInbound.get(`${subjectId} ${address}`);
      return at !== undefined && Date.now() - at < WINDOW;
    },
  };
}
