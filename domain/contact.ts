// Phone numbers and mail addresses as the chat center takes them.

/** A10: the digits of a phone, or undefined when it breaks the grammar (7 to 15 digits beside `+ ( ) - .` and spaces). */
export function phoneDigits(entered: string): string | undefined {
  const digits = entered.replace(/[+().\s-]/g, '');
  return /^\d{7,15}$/.test(digits) ? digits : undefined;
}

// R29, A11: narrower than RFC 5321 on purpose; a+b@x.io and a@b.c.d.io are refused though legal elsewhere.
const MAIL_ADDRESS = /^[A-Za-z0-9._-]{1,64}@(?:[A-Za-z0-9-]+\.){1,2}[A-Za-z]+$/;

export const isMailAddress = (address: string): boolean => address.length <= 254 && MAIL_ADDRESS.test(address);

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

/** SEC05: an id that gives away its client's phone or address would leak it into ids and search attributes. */
export function revealsContact(
  id: string,
  { phone, email }: { phone?: string | undefined; email?: string | undefined },
): boolean {
  const plain = id.toLowerCase();
  const login = email
    ?.toLowerCase()
    .split('@')[0]
    ?.replace(/[^a-z0-9_-]/g, '');
  const digits = phone === undefined ? undefined : phoneDigits(phone);
  return (
    (digits !== undefined && plain.replace(/\D/g, '').includes(digits)) ||
    (login !== undefined && login.length >= 5 && plain.includes(login))
  );
}
