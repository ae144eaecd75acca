import { createHash } from 'node:crypto';
import { usageError } from '../shared/errors.ts';

const PREFIX = 'cck1_';
const KEY_BYTES = 32;
const CHECKSUM_BYTES = 4;
const KEY_LENGTH = PREFIX.length + ((KEY_BYTES + CHECKSUM_BYTES) * 4) / 3;

/**
 * Returns a key that can be used wherever a passphrase is accepted: `cck1_`, 256 random bits and a
 * checksum in base64url, 53 characters that need no quotes in a shell or in YAML.
 *
 * @param random 32 random bytes
 */
export function formatKey(random: Uint8Array): string {
  return PREFIX + Buffer.concat([random, checksumOf(random)]).toString('base64url');
}

export function isGeneratedKey(passphrase: string): boolean {
  return passphrase.startsWith(PREFIX);
}

/** Returns the 32 bytes of a generated key, which must be complete. */
export function keyBytes(key: string): Buffer {
  return Buffer.from(key.slice(PREFIX.length), 'base64url').subarray(0, KEY_BYTES);
}

/**
 * Checks a passphrase that looks like a generated key; any other passphrase is valid.
 *
 * @throws ChannelctlError `usage` if the length or the checksum is wrong; the message begins with
 *   `name`
 */
export function checkKey(passphrase: string, name: string): void {
  if (!isGeneratedKey(passphrase) || formatKey(keyBytes(passphrase)) === passphrase) return;
  throw usageError(`${name} is not a complete generated key.`, {
    reason: `A value that begins with ${PREFIX} must be a key from channelctl secrets generate-key: ${KEY_LENGTH} characters with a valid checksum.`,
    hint: 'Copy the whole key again.',
  });
}

function checksumOf(random: Uint8Array): Buffer {
  return createHash('sha256').update(PREFIX).update(random).digest().subarray(0, CHECKSUM_BYTES);
}
