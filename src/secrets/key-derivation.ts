import { hkdfSync, randomBytes, scrypt } from 'node:crypto';
import { countJob } from '../shared/thread-pool.ts';
import { isGeneratedKey, keyBytes } from './generated-key.ts';

/**
 * Cost parameters of scrypt. N and r determine the memory (128·N·r bytes); N, r and p determine the
 * time.
 */
export interface ScryptCost {
  N: number;
  r: number;
  p: number;
}

/** How a key is derived. The salt is 16 bytes in base64. */
export type Kdf =
  | (ScryptCost & { name: 'scrypt'; salt: string })
  | { name: 'hkdf-sha256'; salt: string };

/** More than any file can require, because `isKdf` limits N and r. */
const MAX_MEMORY = 512 * 2 ** 20;

const SALT_BYTES = 16;

/** The two halves of the derived bytes; neither reveals anything about the other. */
export interface DerivedKey {
  key: Buffer;
  check: Buffer;
}

/**
 * Returns new parameters with a random salt: HKDF for a generated key, which cannot be guessed, and
 * scrypt for any other passphrase.
 */
export function newKdf(passphrase: string, cost: ScryptCost): Kdf {
  const salt = randomBytes(SALT_BYTES).toString('base64');
  return isGeneratedKey(passphrase)
    ? { name: 'hkdf-sha256', salt }
    : { name: 'scrypt', ...cost, salt };
}

/**
 * Whether a key is derived from this passphrase in this way. The form of the passphrase decides, so
 * that a changed header cannot choose a function that is easier to attack.
 */
export function fitsKdf(passphrase: string, kdf: Kdf): boolean {
  return isGeneratedKey(passphrase) === (kdf.name === 'hkdf-sha256');
}

export async function deriveKey(passphrase: string, kdf: Kdf): Promise<DerivedKey> {
  const salt = Buffer.from(kdf.salt, 'base64');
  const bytes =
    kdf.name === 'scrypt'
      ? await deriveWithScrypt(passphrase, salt, kdf)
      : Buffer.from(hkdfSync('sha256', keyBytes(passphrase), salt, 'channelctl', 64));
  return { key: bytes.subarray(0, 32), check: bytes.subarray(32) };
}

function deriveWithScrypt(passphrase: string, salt: Buffer, { N, r, p }: ScryptCost) {
  const normal = passphrase.normalize('NFC'); // macOS may encode é as two code points.
  const options = { N, r, p, maxmem: MAX_MEMORY };
  const derived = new Promise<Buffer>((resolve, reject) => {
    scrypt(normal, salt, 64, options, (error, bytes) => {
      if (error === null) resolve(bytes);
      else reject(error);
    });
  });
  return countJob(derived);
}

/**
 * Whether `value` is a valid description of a key derivation. Its cost is limited, so that a
 * malicious file cannot use more than 256 MiB or a few seconds.
 */
export function isKdf(value: Record<string, unknown>): value is Kdf & typeof value {
  if (!isBase64(value.salt, SALT_BYTES)) return false;
  if (value.name === 'hkdf-sha256') return true;
  const { N, r, p } = value;
  const isCost = isWithin(N, 2, 2 ** 18) && r === 8 && isWithin(p, 1, 4);
  return value.name === 'scrypt' && isCost && Number.isInteger(Math.log2(Number(N)));
}

function isWithin(value: unknown, min: number, max: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}

/** @param length the number of bytes; any if omitted */
export function isBase64(value: unknown, length?: number): boolean {
  if (typeof value !== 'string') return false;
  const bytes = Buffer.from(value, 'base64');
  return bytes.toString('base64') === value && (length === undefined || bytes.length === length);
}
