// The demo's voice: one line per thing that happened; colour only where a person looks.
import type { HistoryEntry } from '../../domain/contracts/history.js';
import { eventInWords } from './words.js';

const isTerminal = process.stdout.isTTY;
const coloured = (code: number, text: string) => (isTerminal ? `\u001b[${code}m${text}\u001b[0m` : text);
const line = (text: string) => void process.stdout.write(`${text}\n`);

export const print = {
  title: (text: string) => line(`\n${coloured(1, text)}`),
  step: (text: string) => line(`  ${text}`),
  good: (text: string) => line(`  ${coloured(32, 'ok')}: ${text}`),
  bad: (text: string) => line(`  ${coloured(31, 'WRONG')}: ${text}`),
  history(entries: readonly HistoryEntry[]) {
    line('  chat history, newest first:');
    for (const entry of entries) line(`    ${entryLine(entry)}`);
  },
};

function entryLine({ at, direction, text, delivery, event }: HistoryEntry): string {
  const time = at.slice(11, 19);
  if (event !== undefined) {
    return `${time}  system  ${eventInWords(event)}`;
  }
  const status = delivery === undefined ? '' : `  [${delivery.status.toLowerCase()}]`;
  return `${time}  ${direction === 'OUT' ? 'agent ' : 'client'}  "${text ?? ''}"${status}`;
}
