import {
  createCipheriv,
  createDecipheriv,
  createHash,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { whileBusy } from '../shared/busy-files.ts';
import { fileError } from '../shared/file-errors.ts';
import { checkWritable } from '../shared/files.ts';
import { isMissing } from '../shared/links.ts';
import { replaceFile } from '../shared/replace-file.ts';
import type { SecretStore } from '../shared/secrets.ts';
import { missingPassphrase, originOf, tamperedFile, wrongPassphrase } from './file-errors.ts';
import {
  authenticatedData,
  type EncryptedFile,
  type Header,
  headerOf,
  parseEncryptedFile,
  serialize,
} from './file-format.ts';
import {
  type DerivedKey,
  deriveKey,
  fitsKdf,
  type Kdf,
  newKdf,
  type ScryptCost,
} from './key-derivation.ts';
import { isShortPassphrase, SHORT_PASSPHRASE } from './passphrase.ts';
import type { Passphrase, PassphraseSource } from './passphrase-source.ts';

/**
 * One of the equivalent costs that OWASP recommends. Requires 32 MiB and about 270 ms (measured
 * with Node.js 20 on 2 cores).
 */
const DEFAULT_COST: ScryptCost = { N: 2 ** 15, r: 8, p: 3 };

export interface FileStoreOptions {
  path: string;
  passphrase: PassphraseSource;
  /** Whether `passphrase` may wait for the user, the keychain or a program; false if omitted. */
  mayWait?: boolean;
  /** Cost of deriving the key of a new file. An existing file is raised to it when it is written. */
  cost?: ScryptCost | undefined;
  warn?: ((message: string, hint: string) => void) | undefined;
}

interface DecryptedFile {
  header: Header;
  key: Buffer;
  secrets: ReadonlyMap<string, string>;
}

/**
 * Opens a store of secrets in one file, encrypted with AES-256-GCM under a key that is derived from
 * the passphrase. Only one process at a time may write.
 */
export function openFileStore(options: FileStoreOptions): SecretStore {
  return new FileStore(options);
}

class FileStore implements SecretStore {
  readonly name = 'file';
  readonly #options: FileStoreOptions;
  readonly #keys = new Map<string, Promise<DerivedKey>>();
  /**
   * The last content, and the digest of the text that it was decrypted from. The file is read every
   * time, because another process may have replaced it.
   */
  #last: { digest: string; content: Promise<DecryptedFile> } | null = null;
  #isPassphraseKnown = false;

  #newKdf: Kdf | null = null;

  constructor(options: FileStoreOptions) {
    this.#options = options;
  }

  async read(items: readonly string[]): Promise<Map<string, string>> {
    const text = await this.#load();
    const found = new Map<string, string>();
    if (text === null) return found;
    const { secrets } = await this.#open(text);
    for (const item of items) {
      const value = secrets.get(item);
      if (value !== undefined) found.set(item, value);
    }
    return found;
  }

  async list(): Promise<string[]> {
    const text = await this.#load();
    return text === null ? [] : [...(await this.#open(text)).secrets.keys()];
  }

  async write({ put, remove }: Parameters<SecretStore['write']>[0]): Promise<void> {
    const { path } = this.#options;
    const old = await this.#load();
    const content = await this.#open(old);
    const secrets = new Map(content.secrets);
    for (const [item, value] of put) secrets.set(item, value);
    for (const item of remove) secrets.delete(item);
    if (secrets.size === 0) return removeFile(path);
    const { header, key } = this.#isCheap(content) ? await this.#createFile() : content;
    await this.#replace({ header, key, secrets });
    if (old === null && (await this.hasShortPassphrase())) this.#warnOfShortPassphrase();
  }

  async #replace(
    content: DecryptedFile,
    beforeCommit: (text: string) => Promise<void> = async () => {},
  ): Promise<void> {
    const text = encrypt(content, randomBytes(12));
    await beforeCommit(text);
    await replaceFile(this.#options.path, text);
    this.#last = { digest: digestOf(text), content: Promise.resolve(content) };
  }

  async changePassphrase(
    passphrase: string,
    beforeCommit: (text: string) => Promise<void>,
  ): Promise<void> {
    const { secrets } = await this.#open(await this.#load());
    const kdf = newKdf(passphrase, this.#cost);
    const derived = deriveKey(passphrase, kdf);
    this.#keys.set(nameOf(kdf), derived);
    const { key, check } = await derived;
    await this.#replace({ header: headerOf(kdf, check), key, secrets }, beforeCommit);
    if (isShortPassphrase(passphrase)) this.#warnOfShortPassphrase();
  }

  #warnOfShortPassphrase(): void {
    this.#options.warn?.(SHORT_PASSPHRASE.message, SHORT_PASSPHRASE.hint);
  }

  opensSilently(): boolean {
    return this.#options.mayWait !== true || this.#isPassphraseKnown;
  }

  async hasShortPassphrase(): Promise<boolean> {
    const { value } = await this.#passphrase('open');
    return isShortPassphrase(value);
  }

  async passphraseOrigin(): Promise<string> {
    return originOf(await this.#passphrase('open'));
  }

  async assertWritable(): Promise<void> {
    const content = await this.#open(await this.#load());
    if (this.#isCheap(content)) await this.#createFile(); // Derives and caches the key that `write` will use.
    await checkWritable(dirname(this.#options.path));
  }

  get #cost(): ScryptCost {
    return this.#options.cost ?? DEFAULT_COST;
  }

  #isCheap({ header: { kdf } }: DecryptedFile): boolean {
    return isScrypt(kdf) && costOf(kdf) < costOf(this.#cost);
  }

  async #load(): Promise<string | null> {
    const { path } = this.#options;
    try {
      return await whileBusy(() => readFile(path, 'utf8'));
    } catch (error) {
      if (isMissing(error, path)) return null;
      throw fileError('read', path, error);
    }
  }

  async #open(text: string | null): Promise<DecryptedFile> {
    if (text === null) return this.#createFile();
    const digest = digestOf(text);
    if (this.#last?.digest !== digest) this.#last = { digest, content: this.#decrypt(text) };
    return this.#last.content;
  }

  async #createFile(): Promise<DecryptedFile> {
    const passphrase = await this.#passphrase('create');
    this.#newKdf ??= newKdf(passphrase.value, this.#cost);
    const { key, check } = await this.#derive(this.#newKdf, passphrase);
    return { header: headerOf(this.#newKdf, check), key, secrets: new Map() };
  }

  async #decrypt(text: string): Promise<DecryptedFile> {
    const { path } = this.#options;
    const file = parseEncryptedFile(text, path);
    const passphrase = await this.#passphrase('open');
    const { original } = passphrase;
    if (!fitsKdf(passphrase.value, file.kdf)) throw wrongPassphrase(path, passphrase);
    const expected = Buffer.from(file.check, 'base64');
    let { key, check } = await this.#derive(file.kdf, passphrase);
    if (!timingSafeEqual(check, expected) && original !== undefined && isScrypt(file.kdf)) {
      ({ key, check } = await deriveKey(original, file.kdf));
    }
    if (!timingSafeEqual(check, expected)) throw wrongPassphrase(path, passphrase);
    const { version, kdf } = file;
    return { header: { version, kdf, check: file.check }, key, secrets: decrypt(file, key, path) };
  }

  async #passphrase(purpose: 'open' | 'create'): Promise<Passphrase> {
    const { passphrase, path } = this.#options;
    const found = await passphrase(purpose);
    if (found === null) throw missingPassphrase(path);
    this.#isPassphraseKnown = true;
    return found;
  }

  #derive(kdf: Kdf, { value }: Passphrase): Promise<DerivedKey> {
    const name = nameOf(kdf);
    const derived = this.#keys.get(name) ?? deriveKey(value, kdf);
    this.#keys.set(name, derived);
    return derived;
  }
}

function isScrypt(kdf: Kdf): kdf is Extract<Kdf, { name: 'scrypt' }> {
  return kdf.name === 'scrypt';
}

function costOf({ N, r, p }: ScryptCost): number {
  return N * r * p;
}

function nameOf(kdf: Kdf): string {
  return Object.values(kdf).join(':');
}

/** A store that has become empty has no file, so that the next one can have another passphrase. */
async function removeFile(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
  } catch (error) {
    throw fileError('written', path, error);
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

/** @param iv 12 random bytes, never reused with the same key */
function encrypt({ header, key, secrets }: DecryptedFile, iv: Buffer): string {
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
  throw new TypeError('The decrypted secrets are not a list of pairs.');
}

function isEntry(value: unknown): value is [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((v) => typeof v === 'string');
}
