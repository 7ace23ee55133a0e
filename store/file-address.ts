// Addresses under which a provider fetches a file without a token: unguessable, for a day (SEC16).
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { Files } from '../activities/ports.js';
import type { KeyRing } from './sealing.js';

const LIFETIME = 24 * 3600; // s

/** @param publicUrl where providers reach the API, without a slash at the end */
export function createFileAddresses(ring: KeyRing, publicUrl: string): Pick<Files, 'urlOf'> {
  const [newest] = ring.values();
  if (newest === undefined) throw new Error('the key ring is empty');
  return {
    urlOf(attachmentId, askedAt) {
      const expires = String(Math.floor(Date.parse(askedAt) / 1000) + LIFETIME);
      const signature = sign(newest, attachmentId, expires).toString('hex');
      return `${publicUrl}/files/${attachmentId}?expires=${expires}&signature=${signature}`;
    },
  };
}

/** Whether the address is one of ours and not expired; under any key of the ring, compared in constant time. */
export function isSignedFile(
  ring: KeyRing,
  { attachmentId, expires, signature }: { attachmentId: string; expires: string; signature: string },
): boolean {
  if (!/^\d{1,12}$/.test(expires) || !/^[0-9a-f]{64}$/.test(signature)) return false;
  if (Number(expires) * 1000 <= Date.now()) return false;
  const given = Buffer.from(signature, 'hex');
  return [...ring.values()].some((key) => timingSafeEqual(given, sign(key, attachmentId, expires)));
}

const sign = (key: Buffer, attachmentId: string, expires: string): Buffer =>
  createHmac('sha256', Buffer.from(hkdfSync('sha256', key, '', 'file address', 32)))
    .update(`${attachmentId}\n${expires}`)
    .digest();
