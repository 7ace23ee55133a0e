import { readContact } from '../domain/contact.js';
import type { Contact } from '../domain/contracts/client.js';
import { ProblemError } from './problem.js';

/** What was entered, as it is kept (R27 to R29). @throws CONTACT_INVALID with the rule that it breaks */
export function contactFrom(entered: Contact): Contact {
  const read = readContact(entered);
  if (read.isValid) return read.contact;
  throw new ProblemError('CONTACT_INVALID', `contact.value: ${read.detail} (${read.rule})`, {
    rule: read.rule,
    issues: [{ path: 'contact.value', message: `${read.detail} (${read.rule})` }],
  });
}
