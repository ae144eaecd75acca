import { createHash } from 'node:crypto';
import { isObject } from '../shared/json.ts';
import { corruptFile, damagedFile, newerFile } from './file-errors.ts';
import { isBase64, isKdf, type Kdf } from './key-derivation.ts';

/** The version of a file that is encrypted with a generated key; with a passphrase, it is 1. */
const NEWEST_VERSION = 2;

export interface Header {
  version: number;
  kdf: Kdf;
  check: string;
}

/** @param check the second half of the derived bytes */
export function headerOf(kdf: Kdf, check: Buffer): Header {
  return { version: versionOf(kdf), kdf, check: check.toString('base64') };
}

function versionOf({ name }: Kdf): number {
  return name === 'scrypt' ? 1 : NEWEST_VERSION;
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
export function authenticatedData(header: Header): Buffer {
  return Buffer.from(JSON.stringify(orderHeader(header)), 'utf8');
}

function orderFields({ cipher, data, ...header }: Omit<EncryptedFile, 'checksum'>) {
  const { name, iv, tag } = cipher;
  return { ...orderHeader(header), cipher: { name, iv, tag }, data };
}

function orderHeader({ version, kdf, check }: Header): Header {
  if (kdf.name === 'hkdf-sha256')
    return { version, kdf: { name: kdf.name, salt: kdf.salt }, check };
  const { name, N, r, p, salt } = kdf;
  return { version, kdf: { name, N, r, p, salt }, check };
}

/**
 * Parses and checks the file's text, without decrypting it.
 *
 * @throws ChannelctlError `storage` if the file is corrupt, damaged or from a newer version
 */
export function parseEncryptedFile(text: string, path: string): EncryptedFile {
  const value = parseObject(text, path);
  const { version } = value;
  if (typeof version === 'number' && version > NEWEST_VERSION) {
    throw newerFile(path, version, NEWEST_VERSION);
  }
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
    isObject(kdf) &&
    isKdf(kdf) &&
    version === versionOf(kdf) &&
    isBase64(check, 32) &&
    isObject(cipher) &&
    cipher.name === 'aes-256-gcm' &&
    isBase64(cipher.iv, 12) &&
    isBase64(cipher.tag, 16) &&
    isBase64(data) &&
    typeof checksum === 'string'
  );
}
