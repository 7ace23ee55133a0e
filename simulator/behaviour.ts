/** What the last four digits of a phone, or of the local part of a mail address, script the provider to do. */
const SCRIPT = {
  '0001': 'NOT_ON_CHANNEL',
  '0002': 'BLOCKED',
  '0003': 'NO_TEMPLATE',
  '0004': 'REFUSED',
  '0005': 'SILENT_WITH_RECEIPTS',
  '0006': 'SILENT',
  '0007': 'UNAVAILABLE_TWICE',
  '0008': 'RECEIPTS_FIRST',
  '0009': 'RATE_LIMITED_ONCE',
  '0010': 'NO_RECEIPTS',
  '0011': 'FAILED_BETWEEN',
} as const;

export type Behaviour = (typeof SCRIPT)[keyof typeof SCRIPT] | 'ORDINARY';

const behaviours = new Map<string, Behaviour>(Object.entries(SCRIPT));

export function behaviourOf(address: string): Behaviour {
  const [localPart = ''] = address.split('@');
  return behaviours.get(localPart.slice(-4)) ?? 'ORDINARY';
}

/** How many attempts a number refuses for the time being, before it takes the message. */
export function temporaryRefusals(behaviour: Behaviour): number {
  if (behaviour === 'UNAVAILABLE_TWICE') return 2;
  return behaviour === 'RATE_LIMITED_ONCE' ? 1 : 0;
}

export const isSilent = (behaviour: Behaviour): boolean =>
  behaviour === 'SILENT' || behaviour === 'SILENT_WITH_RECEIPTS';
