import { scrypt } from 'node:crypto';
import { countJob } from '../shared/thread-pool.ts';
import type { Header } from './file-format.ts';

type Kdf = Header['kdf'];

/** More than any file can require, because `parseEncryptedFile` limits N and r. */
const MAX_MEMORY = 512 * 2 ** 20;

/** The two halves of the derived bytes; neither reveals anything about the other. */
export interface DerivedKey {
  key: Buffer;
  check: Buffer;
}

export function deriveKey(passphrase: string, { salt, N, r, p }: Kdf): Promise<DerivedKey> {
  const normal = passphrase.normalize('NFC'); // macOS may encode é as two code points.
  const options = { N, r, p, maxmem: MAX_MEMORY };
  const derived = new Promise<DerivedKey>((resolve, reject) => {
    scrypt(normal, Buffer.from(salt, 'base64'), 64, options, (error, bytes) => {
      if (error !== null) reject(error);
      else resolve({ key: bytes.subarray(0, 32), check: bytes.subarray(32) });
    });
  });
  return countJob(derived);
}
