import { isDeepStrictEqual } from 'node:util';
import type {
  ProfileState,
  StoredAccount,
  StoredConfig,
  StoredIntegration,
} from '../profile/types.ts';
import { ChannelctlError, usageError } from '../shared/errors.ts';
import type { Json } from '../shared/json.ts';

/** `messenger/fb-1065`: an account's name, for messages. */
export function accountName({ channel, account_key }: StoredAccount): string {
  return `${channel}/${account_key}`;
}

/**
 * Finds an account by name: by ID, by a unique prefix of the ID of four characters or more, by
 * `channel/account_key`, or by `account_key` if that is unique.
 *
 * @param channel the only channel that the command works on, if it works on one only
 * @throws ChannelctlError `not_found`, or `usage` if the name is ambiguous or of another channel
 */
export function findAccount(
  state: ProfileState,
  name: string,
  channel?: { name: string; label: string },
): StoredAccount {
  const [account, ...others] = candidates(state, name);
  if (account === undefined) {
    throw new ChannelctlError('not_found', `There is no account "${name}".`, {
      reason: 'No id, beginning of an id, or account key is like it.',
      hint: 'Run: channelctl accounts list',
    });
  }
  if (others.length > 0) {
    const names = [account, ...others].map((one) => `${accountName(one)} (${one.id})`);
    throw usageError(`"${name}" could be any of ${names.length} accounts.`, {
      reason: `They are ${names.join(', ')}.`,
      hint: 'Name it by its id or by channel/account_key.',
    });
  }
  if (channel !== undefined && account.channel !== channel.name) {
    const { label } = channel;
    throw usageError(
      `${accountName(account)} is not ${/^[AEIOU]/.test(label) ? 'an' : 'a'} ${label} account.`,
      {
        reason: `Its channel is ${account.channel}, and this command works on ${label}.`,
        hint: `Run: channelctl accounts list --channel ${channel.name}`,
      },
    );
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

/** The account of that channel and key, if there is one. */
export function accountByKey(
  state: ProfileState,
  channel: string,
  key: string,
): StoredAccount | undefined {
  return state.accounts.find(
    (account) => account.channel === channel && account.account_key === key,
  );
}

/** The clock, and cryptographic random bytes, for the IDs and verify tokens of new accounts. */
export interface IdSource {
  now(): Date;
  randomBytes(bytes: number): Buffer;
}

/** An account as it is stored: changes of an existing one, or a new one. */
export interface AccountInput {
  channel: string;
  account_key: string;
  /** Merged into the configuration; undefined removes a key. */
  config?: Readonly<Record<string, Json | undefined>>;
  /** Merged into the secrets. */
  secrets?: StoredConfig['secrets'];
  /** Used only if the account has no name yet. */
  display_name?: string | null;
  /** For a new account only; by default active, not the default, and of no division. */
  initial?: Partial<Pick<StoredAccount, 'is_active' | 'is_default' | 'division_id'>>;
}

/**
 * Stores an account: updates the one with that key, or adds it with a new ID and verify token. The
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

/**
 * Creates an account with an ID and a verify token. It is not the default, and not yet part of a
 * state.
 */
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

/** The integration of a channel; a new, active one of that division if there is none. */
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

/** Makes an account the only default of its channel. */
export function makeDefault(state: ProfileState, account: StoredAccount): void {
  for (const other of state.accounts) {
    if (other.channel === account.channel) other.is_default = other.id === account.id;
  }
}

/** @throws ChannelctlError `conflict` if the channel has an account with that key */
export function assertKeyAvailable(state: ProfileState, channel: string, key: string): void {
  const existing = accountByKey(state, channel, key);
  if (existing === undefined) return;
  throw new ChannelctlError('conflict', `${channel}/${key} exists already.`, {
    reason: `It is the account ${existing.id}.`,
    hint: `Change it with: channelctl accounts update ${channel}/${key} …`,
  });
}

/** @throws ChannelctlError `usage` if the key has characters that are not allowed */
export function checkAccountKey(key: string): void {
  // A URL path segment of one or two dots is resolved away.
  if (/^(?!\.{1,2}$)[A-Za-z0-9._@+-]{1,128}$/.test(key)) return;
  throw usageError(`"${key}" can't be an account key.`, {
    reason:
      'A key is made of A-Z a-z 0-9 . _ @ + and -, is at most 128 characters long, and is not . or .. alone.',
    hint: 'Pass another with --account-key.',
  });
}

/** A random UUID (version 4) from 16 random bytes. */
function uuid(bytes: Buffer): string {
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
