import { isDeepStrictEqual } from 'node:util';
import type {
  ProfileState,
  StoredAccount,
  StoredConfig,
  StoredIntegration,
} from '../profile/types.ts';
import { ChannelctlError, usageError } from '../shared/errors.ts';
import type { Json } from '../shared/json.ts';

export function accountName({ channel, account_key }: StoredAccount): string {
  return `${channel}/${account_key}`;
}

/**
 * Finds an account by its ID, a unique ID prefix of at least four characters,
 * `channel/account_key`, or a unique `account_key`.
 *
 * @param channel the channel that the account must belong to; any if omitted
 * @throws ChannelctlError `not_found`, or `usage` if several accounts match or the account belongs
 *   to another channel
 */
export function findAccount(
  state: ProfileState,
  name: string,
  channel?: { name: string; label: string },
): StoredAccount {
  const { accounts } = state;
  const [account, ...others] = candidates(state, name);
  if (account === undefined) {
    throw new ChannelctlError('not_found', `No account matches "${name}".`, {
      misspelt: {
        word: name,
        known: accounts.map((one) => (name.includes('/') ? accountName(one) : one.account_key)),
      },
      hint: 'To list all accounts, run: channelctl accounts list',
    });
  }
  if (others.length > 0) {
    const names = [account, ...others].map((one) => `${accountName(one)} (${one.id})`);
    throw usageError(`"${name}" matches ${names.length} accounts.`, {
      reason: `Matching accounts: ${names.join(', ')}.`,
      hint: 'Specify the account by its ID or as channel/account_key.',
    });
  }
  if (channel !== undefined && account.channel !== channel.name) {
    const { label } = channel;
    const article = /^[AEIOU]/.test(label) ? 'an' : 'a';
    throw usageError(`${accountName(account)} is not ${article} ${label} account.`, {
      hint: `Run: channelctl accounts list --channel ${channel.name}`,
    });
  }
  return account;
}

function candidates({ accounts }: ProfileState, name: string): StoredAccount[] {
  const exact = accounts.filter((account) => account.id === name);
  if (exact.length > 0) return exact;
  return accounts.filter(
    (account) =>
      account.account_key === name ||
      accountName(account) === name ||
      (name.length >= 4 && account.id.startsWith(name)),
  );
}

/** Applies changes to a stored object; `updated_at` changes only if something else does. */
export function applyChanges<Stored extends { updated_at: string }>(
  stored: Stored,
  changes: Partial<Stored>,
  now: Date,
): Stored {
  if (isDeepStrictEqual({ ...stored, ...changes }, stored)) return stored;
  return Object.assign(stored, changes, { updated_at: now.toISOString() });
}

export function accountByKey(
  state: ProfileState,
  channel: string,
  key: string,
): StoredAccount | undefined {
  return state.accounts.find(
    (account) => account.channel === channel && account.account_key === key,
  );
}

export interface IdSource {
  now(): Date;
  /** The bytes must be cryptographically secure. */
  randomBytes(bytes: number): Buffer;
}

export interface AccountInput {
  channel: string;
  account_key: string;
  /** Values to merge into the configuration; undefined removes a key. */
  config?: Readonly<Record<string, Json | undefined>>;
  secrets?: StoredConfig['secrets'];
  /** The name to set, unless the account already has one. */
  display_name?: string | null;
  /** Values for a new account only. By default, it is active and has no division. */
  initial?: Partial<Pick<StoredAccount, 'is_active' | 'is_default' | 'division_id'>>;
}

/**
 * Updates the account with this channel and key, or adds it with a new ID and verify token. The
 * first account of a channel becomes its default.
 */
export function upsertAccount(
  state: ProfileState,
  {
    channel,
    account_key,
    config = {},
    secrets = {},
    display_name = null,
    initial = {},
  }: AccountInput,
  source: IdSource,
): StoredAccount {
  const existing = accountByKey(state, channel, account_key);
  const account = existing ?? createAccount(channel, account_key, initial, source);
  account.config = definedEntries({ ...account.config, ...config });
  account.secrets = { ...account.secrets, ...secrets };
  account.display_name ??= display_name;
  if (existing !== undefined) {
    account.updated_at = source.now().toISOString();
    return account;
  }
  const isFirst = !state.accounts.some((other) => other.channel === channel);
  state.accounts.push(account);
  if (isFirst || initial.is_default === true) makeDefault(state, account);
  return account;
}

export function createAccount(
  channel: string,
  account_key: string,
  { is_active = true, division_id = null }: NonNullable<AccountInput['initial']>,
  source: IdSource,
): StoredAccount {
  const time = source.now().toISOString();
  return {
    id: uuid(source.randomBytes(16)),
    channel,
    account_key,
    display_name: null,
    is_active,
    is_default: false,
    config: {},
    secrets: {},
    created_at: time,
    updated_at: time,
    division_id,
    verify_token: source.randomBytes(16).toString('hex'),
  };
}

function definedEntries(config: Readonly<Record<string, Json | undefined>>): Record<string, Json> {
  const isDefined = (entry: [string, Json | undefined]): entry is [string, Json] =>
    entry[1] !== undefined;
  return Object.fromEntries(Object.entries(config).filter(isDefined));
}

export function ensureIntegration(
  state: ProfileState,
  channel: string,
  division_id: string | null,
  source: IdSource,
): StoredIntegration {
  const existing = state.integrations.find((one) => one.channel === channel);
  if (existing !== undefined) return existing;
  const time = source.now().toISOString();
  const added: StoredIntegration = {
    id: uuid(source.randomBytes(16)),
    channel,
    is_active: true,
    config: {},
    secrets: {},
    created_at: time,
    updated_at: time,
    division_id,
  };
  state.integrations.push(added);
  return added;
}

export function makeDefault(state: ProfileState, account: StoredAccount): void {
  for (const other of state.accounts) {
    if (other.channel === account.channel) other.is_default = other.id === account.id;
  }
}

/** @throws ChannelctlError `conflict` if the channel already has an account with this key */
export function assertKeyAvailable(state: ProfileState, channel: string, key: string): void {
  const existing = accountByKey(state, channel, key);
  if (existing === undefined) return;
  throw new ChannelctlError('conflict', `The account ${channel}/${key} already exists.`, {
    reason: `Its ID is ${existing.id}.`,
    hint: `To change it, run: channelctl accounts update ${channel}/${key} …`,
  });
}

/** @throws ChannelctlError `usage` if the key is invalid */
export function checkAccountKey(key: string): void {
  // The key is a path segment of the webhook URL, in which `.` and `..` would be resolved.
  if (/^(?!\.{1,2}$)[A-Za-z0-9._@+-]{1,128}$/.test(key)) return;
  throw usageError(`"${key}" is not a valid account key.`, {
    reason:
      'A key must consist of 1 to 128 characters from A-Z a-z 0-9 . _ @ + - and must not be "." or "..".',
    hint: 'Pass another key with --account-key.',
  });
}

function uuid(bytes: Buffer): string {
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
