// Phone numbers and mail addresses as the chat center takes them.
import type { ChannelType } from './contracts/channel.js';
import type { Contact } from './contracts/client.js';

/** By which kind of contact a channel type reaches somebody who has never written (R4, A3). */
export function contactTypeOf(type: ChannelType): Contact['type'] | undefined {
  switch (type) {
    case 'WHATSAPP':
    case 'VIBER':
      return 'PHONE';
    case 'EMAIL':
      return 'EMAIL';
    case 'WEB_CHAT':
    case 'MOBILE_APP':
    case 'APPLE_MESSAGES':
    case 'TELEGRAM':
      return undefined;
  }
}

/** A10: the digits of a phone, or undefined when it breaks the grammar (7 to 15 digits beside `+ ( ) - .` and spaces). */
export function phoneDigits(entered: string): string | undefined {
  const digits = stripped(entered);
  return /^\d{7,15}$/.test(digits) ? digits : undefined;
}

const stripped = (phone: string): string => phone.replace(/[+().\p{Zs}-]/gu, '');

// R29, A11: narrower than RFC 5321 on purpose; a+b@x.io and a@b.c.d.io are refused though legal elsewhere.
const MAIL_ADDRESS = /^[A-Za-z0-9._-]{1,64}@(?:[A-Za-z0-9-]+\.){1,2}[A-Za-z]+$/;

export const isMailAddress = (address: string): boolean => address.length <= 254 && MAIL_ADDRESS.test(address);

/** Equal values are one contact (A27): a phone as digits, a mail address without case. */
export const contactKey = ({ type, value }: Contact): string => (type === 'PHONE' ? value : value.toLowerCase());

/** The address of an identity as it is kept, so that one address is one identity (R37): a phone as digits, mail in small letters. */
export function identityAddress(type: ChannelType, address: string): string {
  switch (contactTypeOf(type)) {
    case 'PHONE':
      return phoneDigits(address) ?? address; // WhatsApp also knows people by an id of its own
    case 'EMAIL':
      return address.trim().toLowerCase();
    case undefined:
      return address;
  }
}

interface Reachable {
  phone?: string | undefined;
  email?: string | undefined;
  identities: readonly { channelId: string; address: string }[];
}

/** Every phone and mail address by which this client alone is known (A27), each once, in the form that is compared. */
export function contactsOf(
  { phone, email, identities }: Reachable,
  channelTypes: ReadonlyMap<string, ChannelType>,
): Contact[] {
  const entered: Contact[] = [
    ...(phone === undefined ? [] : [{ type: 'PHONE' as const, value: phone }]),
    ...(email === undefined ? [] : [{ type: 'EMAIL' as const, value: email }]),
    ...identities.flatMap(({ channelId, address }) => {
      const channelType = channelTypes.get(channelId);
      const type = channelType && contactTypeOf(channelType);
      return type === undefined ? [] : [{ type, value: address }];
    }),
  ];
  const read = entered.map(readContact).flatMap((one) => (one.isValid ? [one.contact] : []));
  const byKey = new Map(read.map((contact) => [`${contact.type} ${contactKey(contact)}`, contact]));
  return [...byKey.values()].map((contact) => ({ ...contact, value: contactKey(contact) }));
}

export type ReadContact =
  | { isValid: true; contact: Contact }
  /** `rule` is the one that the entry breaks. */
  | { isValid: false; rule: 'R27' | 'A10' | 'R29' | 'A11'; detail: string };

/** R27, R29: what was entered as the contact of a client, as it is kept. */
export const readContact = ({ type, value }: Contact): ReadContact =>
  type === 'PHONE' ? readPhone(value) : readMailAddress(value.trim());

function readPhone(entered: string): ReadContact {
  const value = phoneDigits(entered);
  if (value !== undefined) return { isValid: true, contact: { type: 'PHONE', value } };
  return /^\d{0,6}$/.test(stripped(entered))
    ? { isValid: false, rule: 'R27', detail: 'a phone has at least 7 digits' }
    : { isValid: false, rule: 'A10', detail: 'a phone has 7 to 15 digits, and beside them + ( ) - . and spaces' };
}

function readMailAddress(value: string): ReadContact {
  if (isMailAddress(value)) return { isValid: true, contact: { type: 'EMAIL', value } };
  const isTooLong = value.length > 254 || value.indexOf('@') > 64;
  return isTooLong
    ? { isValid: false, rule: 'A11', detail: 'an address has at most 64 characters before the @ and 254 in all' }
    : {
        isValid: false,
        rule: 'R29',
        detail: 'an address is <login>@<text>.<text2> or <login>@<text>.<text>.<text2> of Latin letters and digits',
      };
}

/** Blind copies as they go into the envelope (A12): doubles and the To address dropped, without case. */
export function blindCopies(bcc: readonly string[], to: string): string[] {
  const seen = new Set([to.toLowerCase()]);
  return bcc
    .map((address) => address.trim())
    .filter((address) => {
      const known = seen.has(address.toLowerCase());
      seen.add(address.toLowerCase());
      return !known;
    });
}

/** A12: at most this many blind copies. */
export const BCC_LIMIT = 20;

const lettersOf = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');

/** SEC05: an id that gives away its client's phone or address would leak it into ids and search attributes. */
export function revealsContact(
  id: string,
  { phone, email }: { phone?: string | undefined; email?: string | undefined },
): boolean {
  const digits = phone === undefined ? undefined : phoneDigits(phone);
  return (
    (digits !== undefined && id.replace(/\D/g, '').includes(digits)) ||
    (email !== undefined && email !== '' && lettersOf(id).includes(lettersOf(email)))
  );
}
