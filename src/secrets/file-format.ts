import { createHash } from 'node:crypto';
import { isObject } from '../shared/json.ts';
import { corruptFile, damagedFile, newerFile } from './file-errors.ts';

const VERSION = 1;

/**
 * Cost parameters of scrypt. N and r determine the memory (128·N·r bytes); N, r and p determine the
 * time.
 */
export interface ScryptCost {
  N: number;
  r: number;
  p: number;
}

export interface Header {
  version: typeof VERSION;
  kdf: ScryptCost & { name: 'scrypt'; salt: string };
  check: string;
}

/** The encrypted file. Bytes are in base64, the checksum in hexadecimal. */
export interface EncryptedFile extends Header {
  cipher: { name: 'aes-256-gcm'; iv: string; tag: string };
  data: string;
  /** SHA-256 of the other fields. It distinguishes a damaged file from a wrong passphrase. */
  checksum: string;
}

/** Returns the file's text, in a canonical form, so that any changed byte is detected. */
export function serialize(file: Omit<EncryptedFile, 'checksum'>): string {
  const ordered = orderFields(file);
  const checksum = createHash('sha256').update(JSON.stringify(ordered)).digest('hex');
  return `${JSON.stringify({ ...ordered, checksum }, null, 2)}\n`;
}

/** Returns the header as bytes, which are authenticated along with the ciphertext. */
export function authenticatedData({ version, kdf, check }: Header): Buffer {
  const { name, N, r, p, salt } = kdf;
  return Buffer.from(JSON.stringify({ version, kdf: { name, N, r, p, salt }, check }), 'utf8');
}

function orderFields({ version, kdf, check, cipher, data }: Omit<EncryptedFile, 'checksum'>) {
  const { name, N, r, p, salt } = kdf;
  const { iv, tag } = cipher;
  return {
    version,
    kdf: { name, N, r, p, salt },
    check,
    cipher: { name: cipher.name, iv, tag },
    data,
  };
}

/**
 * Parses and checks the file's text, without decrypting it.
 *
 * @throws ChannelctlError `storage` if the file is corrupt, damaged or from a newer version
 */
export function parseEncryptedFile(text: string, path: string): EncryptedFile {
  const value = parseObject(text, path);
  const { version } = value;
  if (typeof version === 'number' && version > VERSION) throw newerFile(path, version, VERSION);
  if (!isEncryptedFile(value)) throw corruptFile(path, 'A field is missing or invalid.');
  if (text !== serialize(value)) throw damagedFile(path);
  return value;
}

function parseObject(text: string, path: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw corruptFile(path, 'It is not valid JSON.');
  }
  if (!isObject(value)) throw corruptFile(path, 'It does not contain a JSON object.');
  return value;
}

function isEncryptedFile(value: Record<string, unknown>): value is EncryptedFile & typeof value {
  const { version, kdf, check, cipher, data, checksum } = value;
  return (
    version === VERSION &&
    isKdf(kdf) &&
    isBytes(check, 32) &&
    isObject(cipher) &&
    cipher.name === 'aes-256-gcm' &&
    isBytes(cipher.iv, 12) &&
    isBytes(cipher.tag, 16) &&
    isBytes(data) &&
    typeof checksum === 'string'
  );
}

/**
 * Whether `kdf` is valid. Its cost is limited, so that a malicious file cannot use more than 256
 * MiB or a few seconds.
 */
function isKdf(kdf: unknown): boolean {
  if (!isObject(kdf) || kdf.name !== 'scrypt' || !isBytes(kdf.salt, 16)) return false;
  const { N, r, p } = kdf;
  const isCost = isWithin(N, 2, 2 ** 18) && r === 8 && isWithin(p, 1, 4);
  return isCost && Number.isInteger(Math.log2(Number(N)));
}

function isWithin(value: unknown, min: number, max: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}

function isBytes(value: unknown, length?: number): boolean {
  if (typeof value !== 'string') return false;
  const bytes = Buffer.from(value, 'base64');
  return bytes.toString('base64') === value && (length === undefined || bytes.length === length);
}
