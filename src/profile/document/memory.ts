import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../../shared/errors.ts';
import { fileError } from '../../shared/file-errors.ts';
import { makeFolder } from '../../shared/files.ts';

/** The newest document that this machine has seen. */
export interface Seen {
  revision: number;
  lineage: string;
  /** SHA-256 of the document. */
  hash: string;
}

const NAME = /^(\d{16})-([0-9a-f-]{36})-([0-9a-f]{64})\.sealed$/;

/**
 * Keeps the newest document of a profile that this machine has read or written, as it is on the
 * server. The file's name contains the revision, so that processes need no lock: the highest one
 * counts.
 */
export class Memory {
  readonly #folder: string;

  /**
   * @param folder the profile's folder
   * @param location the address of the server
   */
  constructor(folder: string, location: string) {
    const address = createHash('sha256').update(location).digest('hex').slice(0, 16);
    this.#folder = join(folder, 'shared', address);
  }

  /** @throws ChannelctlError `storage` if the folder is unreadable */
  async seen(): Promise<Seen | null> {
    const [name] = await this.#names();
    const [, revision, lineage, hash] = NAME.exec(name ?? '') ?? [];
    if (lineage === undefined || hash === undefined) return null;
    return { revision: Number(revision), lineage, hash };
  }

  /** Returns the copy of the newest document; null if there is none. */
  async copy(): Promise<Buffer | null> {
    const [name] = await this.#names();
    if (name === undefined) return null;
    try {
      return await readFile(join(this.#folder, name));
    } catch (error) {
      throw fileError('read', join(this.#folder, name), error);
    }
  }

  /**
   * Remembers a document. A failure is ignored: commands must work in a folder that is not
   * writable.
   */
  async remember({ revision, lineage, hash }: Seen, sealed: Buffer): Promise<void> {
    const name = `${String(revision).padStart(16, '0')}-${lineage}-${hash}.sealed`;
    const draft = join(this.#folder, `${randomBytes(8).toString('hex')}.new`);
    try {
      const names = await this.#names();
      if ((names[0] ?? '') >= name) return;
      await makeFolder(this.#folder);
      await writeFile(draft, sealed, { mode: 0o600, flag: 'wx' });
      await rename(draft, join(this.#folder, name));
      for (const old of names) await rm(join(this.#folder, old), { force: true });
    } catch {
      await rm(draft, { force: true }).catch(() => undefined);
    }
  }

  /** @throws ChannelctlError `storage` */
  async forget(): Promise<void> {
    try {
      await rm(this.#folder, { recursive: true, force: true });
    } catch (error) {
      throw fileError('written', this.#folder, error);
    }
  }

  /** Returns the names of the documents, newest first. */
  async #names(): Promise<string[]> {
    try {
      const names = await readdir(this.#folder);
      return names
        .filter((name) => NAME.test(name))
        .sort()
        .reverse();
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw fileError('read', this.#folder, error);
    }
  }
}
