import { isBase64, isKdf, type Kdf } from '../../secrets/key-derivation.ts';
import { isObject } from '../../shared/json.ts';
import { corruptDocument, newerDocument } from './document-errors.ts';

const FORMAT = 1;

/** More than any header has: its names are short, and its texts limited. */
const MAX_HEADER_BYTES = 16 * 1024;

/**
 * The first line of a document, as JSON. It is not encrypted, but every byte of it is authenticated.
 */
export interface Header {
  format: typeof FORMAT;
  kdf: Kdf;
  /** 16 bytes from the key derivation, in base64. A wrong passphrase has another one. */
  key_id: string;
  /** The UUID of this sequence of revisions; see `state init`. */
  lineage: string;
  profile: string;
  revision: number;
  /** SHA-256 of the previous document in hexadecimal; null for the first. */
  previous: string | null;
  write_id: string;
  /** ISO 8601. */
  at: string;
  user: string;
  host: string;
  /** The command's name, such as `accounts update`, without arguments. */
  command: string;
  /** 12 bytes in base64. */
  iv: string;
}

export interface SealedParts {
  header: Header;
  /** The header as it was written, with its line break. */
  headerBytes: Buffer;
  ciphertext: Buffer;
}

export function serializeHeader(header: Header): Buffer {
  return Buffer.from(`${JSON.stringify(header)}\n`, 'utf8');
}

/**
 * Splits a document, and checks its header without opening it.
 *
 * @param location where the document is, for errors
 * @throws ChannelctlError `storage` if the document is corrupt or from a newer version
 */
export function parseSealed(sealed: Buffer, location: string): SealedParts {
  const end = sealed.subarray(0, MAX_HEADER_BYTES).indexOf('\n') + 1;
  const headerBytes = sealed.subarray(0, end);
  let header: unknown;
  try {
    header = JSON.parse(headerBytes.toString('utf8'));
  } catch {
    throw corruptDocument(location, 'Its first line is not JSON.');
  }
  if (!isObject(header)) throw corruptDocument(location, 'Its first line is not a JSON object.');
  const { format } = header;
  if (typeof format === 'number' && format > FORMAT) throw newerDocument(location, format, FORMAT);
  if (!isHeader(header)) throw corruptDocument(location, 'Its header is invalid.');
  return { header, headerBytes, ciphertext: sealed.subarray(end) };
}

function isHeader(value: Record<string, unknown>): value is Header & typeof value {
  const { kdf, revision, previous } = value;
  const texts = ['lineage', 'profile', 'write_id', 'at', 'user', 'host', 'command'];
  return (
    value.format === FORMAT &&
    isObject(kdf) &&
    isKdf(kdf) &&
    isBase64(value.key_id, 16) &&
    isBase64(value.iv, 12) &&
    typeof revision === 'number' &&
    Number.isSafeInteger(revision) &&
    revision >= 1 &&
    (previous === null || typeof previous === 'string') &&
    texts.every((name) => typeof value[name] === 'string')
  );
}
