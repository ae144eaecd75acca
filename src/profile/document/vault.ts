import { type Kdf, newKdf, type ScryptCost } from '../../secrets/key-derivation.ts';
import type { Passphrase, PassphraseSource } from '../../secrets/passphrase-source.ts';
import { missingKey } from './document-errors.ts';
import { type DocumentKey, deriveDocumentKey, type OpenedDocument, open } from './sealed.ts';

/** The cost of deriving the key of a document from a passphrase: 32 MiB, about 270 ms. */
const COST: ScryptCost = { N: 2 ** 15, r: 8, p: 3 };

/** Opens documents with the user's passphrase. Each key is derived once. */
export class Vault {
  readonly #location: string;
  readonly #source: PassphraseSource;
  readonly #cost: ScryptCost;
  readonly #keys = new Map<string, Promise<DocumentKey>>();

  constructor(location: string, source: PassphraseSource, cost: ScryptCost = COST) {
    this.#location = location;
    this.#source = source;
    this.#cost = cost;
  }

  open(sealed: Buffer): Promise<OpenedDocument> {
    const passphrase = () => this.passphrase('open');
    return open(sealed, this.#location, passphrase, (value, kdf) => this.#keyFor(value, kdf));
  }

  /** Returns a new key, for the first document of a profile. */
  async create(): Promise<DocumentKey> {
    const { value } = await this.passphrase('create');
    return this.#keyFor(value, newKdf(value, this.#cost));
  }

  /** @throws ChannelctlError `storage` if there is no passphrase */
  async passphrase(purpose: 'open' | 'create'): Promise<Passphrase> {
    const found = await this.#source(purpose);
    if (found === null) throw missingKey(this.#location);
    return found;
  }

  #keyFor(passphrase: string, kdf: Kdf): Promise<DocumentKey> {
    const id = JSON.stringify(kdf);
    const key = this.#keys.get(id) ?? deriveDocumentKey(passphrase, kdf);
    this.#keys.set(id, key);
    return key;
  }
}
