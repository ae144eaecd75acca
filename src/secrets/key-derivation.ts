import { scrypt } from 'node:crypto';
import type { Header } from './file-format.ts';

type Kdf = Header['kdf'];

/** More than any file can require, because `parseEncryptedFile` limits N and r. */
const MAX_MEMORY = 512 * 2 ** 20;

/** The two halves of the derived bytes; neither reveals anything about the other. */
export interface DerivedKey {
  key: Buffer;
  check: Buffer;
}

/** Derives keys from a passphrase and caches them. */
export class KeyDerivation {
  readonly #passphrase: string;
  readonly #derived = new Map<string, Promise<DerivedKey>>();

  constructor(passphrase: string) {
    this.#passphrase = passphrase.normalize('NFC'); // macOS may encode é as two code points.
  }

  derive(kdf: Kdf): Promise<DerivedKey> {
    const name = [kdf.salt, kdf.N, kdf.r, kdf.p].join(':');
    const derived = this.#derived.get(name) ?? derive(this.#passphrase, kdf);
    this.#derived.set(name, derived);
    return derived;
  }
}

function derive(passphrase: string, { salt, N, r, p }: Kdf): Promise<DerivedKey> {
  const options = { N, r, p, maxmem: MAX_MEMORY };
  return new Promise((resolve, reject) => {
    scrypt(passphrase, Buffer.from(salt, 'base64'), 64, options, (error, bytes) => {
      if (error !== null) reject(error);
      else resolve({ key: bytes.subarray(0, 32), check: bytes.subarray(32) });
    });
  });
}
