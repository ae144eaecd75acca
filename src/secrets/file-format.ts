import { createHash } from 'node:crypto';
import { isObject } from '../shared/json.ts';
import { brokenFile, damagedFile, newerFile } from './file-errors.ts';

const VERSION = 1;

/** Cost parameters of scrypt: N and r decide about memory (128·N·r bytes), all three about time. */
export interface ScryptCost {
  N: number;
  r: number;
  p: number;
}

/** What the key was derived with, and what shows that a passphrase is the right one. */
export interface Header {
  version: typeof VERSION;
  kdf: ScryptCost & { name: 'scrypt'; salt: string };
  /** The half of the derived bytes that is no key. */
  check: string;
}

/** The encrypted file. Its bytes are in base64, its checksum in hexadecimal. */
export interface EncryptedFile extends Header {
  cipher: { name: 'aes-256-gcm'; iv: string; tag: string };
  data: string;
  /** SHA-256 over the rest: tells a damaged file from a wrong passphrase without the key. */
  checksum: string;
}

/** The file's text. It has one form only, so that any other byte is a fault. */
export function serialize(sealed: Omit<EncryptedFile, 'checksum'>): string {
  const text = inFixedOrder(sealed);
  const checksum = createHash('sha256').update(JSON.stringify(text)).digest('hex');
  return `${JSON.stringify({ ...text, checksum }, null, 2)}\n`;
}

/** The header as it is authenticated along with the ciphertext. */
export function authenticatedData({ version, kdf, check }: Header): Buffer {
  const { name, N, r, p, salt } = kdf;
  return Buffer.from(JSON.stringify({ version, kdf: { name, N, r, p, salt }, check }), 'utf8');
}

function inFixedOrder({ version, kdf, check, cipher, data }: Omit<EncryptedFile, 'checksum'>) {
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
 * Reads the file's text as far as that is possible without the passphrase.
 *
 * @throws ChannelctlError of kind `storage` for a text that is broken, newer or damaged
 */
export function parseEncryptedFile(text: string, path: string): EncryptedFile {
  const value = parseObject(text, path);
  const { version } = value;
  if (typeof version === 'number' && version > VERSION) throw newerFile(path, version, VERSION);
  if (!isEncryptedFile(value)) throw brokenFile(path, "It lacks a part, or has one that can't be.");
  if (text !== serialize(value)) throw damagedFile(path);
  return value;
}

function parseObject(text: string, path: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw brokenFile(path, 'It is not JSON.');
  }
  if (!isObject(value)) throw brokenFile(path, 'It does not hold a JSON object.');
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

/** Bounded, so that a file made to do harm can't take more than 256 MiB or a few seconds. */
function isKdf(kdf: unknown): boolean {
  if (!isObject(kdf) || kdf.name !== 'scrypt' || !isBytes(kdf.salt, 16)) return false;
  const { N, r, p } = kdf;
  const isCost = isWithin(N, 2, 2 ** 18) && r === 8 && isWithin(p, 1, 4);
  return isCost && Number.isInteger(Math.log2(Number(N)));
}

function isWithin(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
}

function isBytes(value: unknown, length?: number): boolean {
  if (typeof value !== 'string') return false;
  const bytes = Buffer.from(value, 'base64');
  return bytes.toString('base64') === value && (length === undefined || bytes.length === length);
}
