import { ChannelctlError, type ErrorParts, storageError } from './errors.ts';

/** Where secrets can be stored. `env` stores none: it only reads environment variables. */
export const SECRET_STORES = ['keychain', 'file', 'env'] as const;
export type SecretStoreName = (typeof SECRET_STORES)[number];

/**
 * Stores secrets by item name. An item is written once under a fresh name and never overwritten, so
 * that the state can switch from one item to the next in one atomic write.
 */
export interface SecretStore {
  readonly name: SecretStoreName;
  read(items: readonly string[]): Promise<Map<string, string>>;
  /**
   * Returns the names of all items. Absent if the store cannot list them, or if listing might hang.
   */
  list?(): Promise<string[]>;
  write(change: { put: ReadonlyMap<string, string>; remove: readonly string[] }): Promise<void>;
  /** Fails if `write` would fail. Leaves the store unchanged. */
  assertWritable(): Promise<void>;
  /**
   * Whether the store can be used without a passphrase prompt or a dialog, as after
   * `assertWritable`. Absent if that is always so.
   */
  opensSilently?(): boolean;
  /** Whether the passphrase is easy to guess. Absent if the store has none. */
  hasShortPassphrase?(): Promise<boolean>;
  /** Returns the origin of the passphrase, in words. Absent if the store has none. */
  passphraseOrigin?(): Promise<string>;
  /**
   * Encrypts the existing secrets with another passphrase. Absent if the store has none. Only one
   * process at a time may call this method.
   *
   * @param beforeCommit called with the new content of the file before it replaces the old one
   */
  changePassphrase?(
    passphrase: string,
    beforeCommit: (content: string) => Promise<void>,
  ): Promise<void>;
}

/** An error for a store that this machine does not have. */
export class MissingStoreError extends ChannelctlError {
  constructor(message: string, parts: ErrorParts) {
    super('storage', message, parts);
  }
}

/** Matches every key whose value is a secret, and some other keys. */
const SECRET_ENDING = /(?:secret|token|password|passphrase|pin|key)[_.-]*$/iu;

/**
 * Whether the value of a key is a secret, judging by the end of the key: `apiToken`,
 * `smtp.password`.
 */
export function isSecretKey(key: string): boolean {
  // This check must be fast: it runs for every key of thousands of accounts.
  if (!SECRET_ENDING.test(key)) return false;
  const words = key
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1_$2')
    .toLowerCase()
    .split(/[_.-]+/)
    .filter((word) => word !== '');
  const last = words.at(-1) ?? '';
  return (
    ['secret', 'token', 'password', 'passphrase', 'pin'].includes(last) ||
    /(?:private|api)_key$/.test(words.join('_'))
  );
}

const MASK = '********';

/**
 * Returns the last four characters of a secret of at least 12 characters; null for a shorter one.
 */
export function lastFour(secret: string): string | null {
  const characters = [...secret];
  return characters.length >= 12 ? characters.slice(-4).join('') : null;
}

export function maskOf(last4: string | null): string {
  return MASK + (last4 ?? '');
}

export function looksMasked(value: string): boolean {
  return value.startsWith(MASK);
}

export function envStoreError() {
  return storageError('The secret was not stored.', {
    reason:
      'With CHANNELCTL_SECRETS=env, channelctl does not store secrets; it reads them from CHANNELCTL_SECRET_… variables.',
    hint: 'Set CHANNELCTL_SECRETS to keychain or file, or pass the secret in its variable.',
  });
}

/**
 * Returns a value without the byte order mark and the final line break that files or variables may
 * add.
 */
export function withoutLineEnd(value: string): string {
  return value.replace(/^\ufeff/, '').replace(/\r?\n$/, '');
}

/**
 * Returns why a value cannot be one of Meta's tokens, secrets or IDs; undefined if it can. Valid
 * values are printable ASCII without spaces or quotation marks.
 */
export function metaValueProblem(value: string): string | undefined {
  if (/^Bearer\b/i.test(value)) return 'starts with "Bearer"; pass only the token';
  if (/^\$\w+$|^\$\{/.test(value)) return 'is the name of a variable, not its value';
  if (/^\*+$/.test(value)) return 'is a placeholder, not a value';
  if (/["'`]/.test(value)) return 'contains a quotation mark';
  if (/[^\x21-\x7e]/.test(value)) {
    return 'contains a space, a line break or another character that is not allowed';
  }
  return undefined;
}
