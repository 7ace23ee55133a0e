// Secrets at rest: AES-256-GCM under a ring of keys, the newest first (SEC23, SEC30).
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Key ids and their 32 bytes; new values are sealed under the first. */
export type KeyRing = ReadonlyMap<string, Buffer>;

/** @param ring `<id>:<base64 of 32 bytes>`, several separated by commas */
export function parseKeyRing(ring: string): KeyRing {
  const keys = ring.split(',').map((entry) => {
    const [id = '', encoded = ''] = entry.trim().split(':');
    return [id, Buffer.from(encoded, 'base64')] as const;
  });
  const broken = keys.find(([id, key]) => !/^[A-Za-z0-9_-]{1,64}$/.test(id) || key.length !== 32);
  if (broken !== undefined) throw new Error('expected <id>:<base64 of 32 bytes>, several separated by commas');
  return new Map(keys);
}

export interface Sealing {
  seal(plain: string): string;
  /** @throws when the key is not in the ring or the value was changed */
  open(sealed: string): string;
}

export function createSealing(ring: KeyRing): Sealing {
  const [newest] = ring.keys();
  if (newest === undefined) throw new Error('the key ring is empty');
  return {
    seal(plain) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', keyOf(ring, newest), nonce);
      cipher.setAAD(Buffer.from(newest));
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return [newest, nonce.toString('base64'), cipher.getAuthTag().toString('base64'), body.toString('base64')].join(
        '.',
      );
    },
    open(sealed) {
      const [id = '', nonce = '', tag = '', body = ''] = sealed.split('.');
      const decipher = createDecipheriv('aes-256-gcm', keyOf(ring, id), Buffer.from(nonce, 'base64'));
      decipher.setAAD(Buffer.from(id));
      decipher.setAuthTag(Buffer.from(tag, 'base64'));
      return Buffer.concat([decipher.update(Buffer.from(body, 'base64')), decipher.final()]).toString('utf8');
    },
  };
}

function keyOf(ring: KeyRing, id: string): Buffer {
  const key = ring.get(id);
  if (key === undefined) throw new Error(`key ${id} is not in PAYLOAD_KEYS: add it to the ring again`);
  return key;
}
