import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { deriveKey, fitsKdf, type Kdf } from '../../secrets/key-derivation.ts';
import type { Passphrase } from '../../secrets/passphrase-source.ts';
import { corruptDocument, tamperedDocument, wrongKey } from './document-errors.ts';
import { type Header, parseSealed, serializeHeader } from './header.ts';

const CIPHER = 'aes-256-gcm';
const TAG_BYTES = 16;
const MAX_CONTENT_BYTES = 1024 ** 3;

/** The key of a document, and how it was derived. */
export interface DocumentKey {
  kdf: Kdf;
  key: Buffer;
  /** See `Header`. */
  id: string;
}

export interface OpenedDocument {
  header: Header;
  key: DocumentKey;
  content: Buffer;
}

export async function deriveDocumentKey(passphrase: string, kdf: Kdf): Promise<DocumentKey> {
  const { key, check } = await deriveKey(passphrase, kdf);
  return { kdf, key, id: check.subarray(0, 16).toString('base64') };
}

/** The parts of a header that the caller determines. */
export type HeaderParts = Omit<Header, 'format' | 'kdf' | 'key_id' | 'iv'>;

/** Returns the bytes of a document: its header, and its content compressed and encrypted. */
export function seal(content: string, parts: HeaderParts, key: DocumentKey): Buffer {
  const iv = randomBytes(12);
  const headerBytes = serializeHeader({
    format: 1,
    kdf: key.kdf,
    key_id: key.id,
    ...parts,
    iv: iv.toString('base64'),
  });
  const cipher = createCipheriv(CIPHER, key.key, iv).setAAD(headerBytes);
  const encrypted = cipher.update(gzipSync(content, { level: 1 }));
  return Buffer.concat([headerBytes, encrypted, cipher.final(), cipher.getAuthTag()]);
}

/**
 * Opens a document.
 *
 * @param keyFor returns the key for a way of derivation; it is called with valid parameters only
 * @param location where the document is, for errors
 * @throws ChannelctlError `storage` if the document is corrupt, damaged or from a newer version, or
 *   the passphrase is wrong
 */
export async function open(
  sealed: Buffer,
  location: string,
  passphrase: () => Promise<Passphrase>,
  keyFor: (passphrase: string, kdf: Kdf) => Promise<DocumentKey>,
): Promise<OpenedDocument> {
  const { header, headerBytes, ciphertext } = parseSealed(sealed, location);
  if (ciphertext.length < TAG_BYTES) throw corruptDocument(location, 'It is truncated.');
  const given = await passphrase();
  const { value } = given;
  if (!fitsKdf(value, header.kdf)) throw wrongKey(location, given);
  const key = await keyFor(value, header.kdf);
  if (key.id !== header.key_id) throw wrongKey(location, given);
  try {
    const decipher = createDecipheriv(CIPHER, key.key, Buffer.from(header.iv, 'base64'))
      .setAAD(headerBytes)
      .setAuthTag(ciphertext.subarray(-TAG_BYTES));
    const encrypted = ciphertext.subarray(0, -TAG_BYTES);
    const compressed = Buffer.concat([decipher.update(encrypted), decipher.final()]);
    const content = gunzipSync(compressed, { maxOutputLength: MAX_CONTENT_BYTES });
    return { header, key, content };
  } catch (cause) {
    throw tamperedDocument(location).with({ cause });
  }
}

export function hashOf(sealed: Buffer): string {
  return createHash('sha256').update(sealed).digest('hex');
}
