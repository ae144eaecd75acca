import { createCipheriv, createDecipheriv, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '../shared/errors.ts';
import { checkWritable, fileError, replaceFile } from '../shared/files.ts';
import type { SecretStore } from '../shared/secrets.ts';
import { noPassphrase, tamperedFile, wrongPassphrase } from './file-errors.ts';
import {
  authenticatedData,
  type EncryptedFile,
  type Header,
  parseEncryptedFile,
  type ScryptCost,
  serialize,
} from './file-format.ts';
import { KeyDerivation } from './key-derivation.ts';

/** 32 MiB, and about 90 ms where it was measured (Node 20, 2 cores). */
const DEFAULT_COST: ScryptCost = { N: 2 ** 15, r: 8, p: 1 };

export interface FileStoreOptions {
  path: string;
  /** The value of CHANNELCTL_PASSPHRASE. */
  passphrase: string | undefined;
  randomBytes(bytes: number): Buffer;
  /** What a new file is derived with. */
  cost?: ScryptCost | undefined;
}

/** A file that was decrypted, or the beginnings of one. */
interface DecryptedFile {
  header: Header;
  key: Buffer;
  secrets: Map<string, string>;
}

/**
 * Secrets in one file, encrypted with AES-256-GCM under a key that scrypt derives from the
 * passphrase. Only one process at a time may write. `probe` and `read` make the costly
 * derivation, which a later `write` to the same store does not repeat.
 */
export function openFileStore(options: FileStoreOptions): SecretStore {
  const { path, passphrase, randomBytes, cost = DEFAULT_COST } = options;
  const keys = new KeyDerivation(passphrase ?? '');
  const newKdf = { name: 'scrypt', ...cost, salt: randomBytes(16).toString('base64') } as const;

  async function open(file: EncryptedFile | null): Promise<DecryptedFile> {
    if (!passphrase) throw noPassphrase(path);
    const { key, check } = await keys.derive(file?.kdf ?? newKdf);
    if (file === null) {
      const header: Header = { version: 1, kdf: newKdf, check: check.toString('base64') };
      return { header, key, secrets: new Map() };
    }
    if (!timingSafeEqual(check, Buffer.from(file.check, 'base64'))) throw wrongPassphrase(path);
    return { header: file, key, secrets: decrypt(file, key, path) };
  }

  return {
    name: 'file',
    async read(items) {
      const file = await load(path);
      if (file === null) return new Map();
      const { secrets } = await open(file);
      return new Map([...secrets].filter(([item]) => items.includes(item)));
    },
    async list() {
      const file = await load(path);
      return file === null ? [] : [...(await open(file)).secrets.keys()];
    },
    async write({ put, remove }) {
      const { header, key, secrets } = await open(await load(path));
      for (const [item, value] of put) secrets.set(item, value);
      for (const item of remove) secrets.delete(item);
      await replaceFile(path, encrypt(header, key, randomBytes(12), secrets));
    },
    async assertWritable() {
      await open(await load(path));
      await checkWritable(dirname(path));
    },
  };
}

async function load(path: string): Promise<EncryptedFile | null> {
  try {
    return parseEncryptedFile(await readFile(path, 'utf8'), path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw systemCode(error) === undefined ? error : fileError('read', path, error);
  }
}

/** @param iv never used before with this key: 12 random bytes */
function encrypt(header: Header, key: Buffer, iv: Buffer, secrets: Map<string, string>): string {
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(authenticatedData(header));
  const plain = JSON.stringify([...secrets]);
  const data = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]).toString('base64');
  const tag = cipher.getAuthTag().toString('base64');
  return serialize({
    ...header,
    cipher: { name: 'aes-256-gcm', iv: iv.toString('base64'), tag },
    data,
  });
}

/** @throws ChannelctlError of kind `storage` where the content is not what was encrypted */
function decrypt(file: EncryptedFile, key: Buffer, path: string): Map<string, string> {
  const { cipher, data } = file;
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(cipher.iv, 'base64'))
    .setAAD(authenticatedData(file))
    .setAuthTag(Buffer.from(cipher.tag, 'base64'));
  try {
    const bytes = [decipher.update(Buffer.from(data, 'base64')), decipher.final()];
    return new Map(parseEntries(Buffer.concat(bytes).toString('utf8')));
  } catch {
    throw tamperedFile(path);
  }
}

function parseEntries(text: string): [string, string][] {
  const value: unknown = JSON.parse(text);
  if (Array.isArray(value) && value.every(isEntry)) return value;
  throw new TypeError('The decrypted secrets are no list of pairs.');
}

function isEntry(value: unknown): value is [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((v) => typeof v === 'string');
}
