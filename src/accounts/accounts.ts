import { isDeepStrictEqual } from 'node:util';
import { channelNamed } from '../channels/index.ts';
import type { ProfileState, StoredAccount, StoredConfig } from '../profile/types.ts';
import { ChannelctlError, usageError } from '../shared/errors.ts';

/** `messenger/fb-1065`: an account's name, for messages. */
export function accountName({ channel, account_key }: StoredAccount): string {
  return `${channel}/${account_key}`;
}

/**
 * The account that a person named: by id, by a unique prefix of the id of four characters or more,
 * by `channel/account_key`, or by `account_key` where that is unique.
 *
 * @param channel the channel that the command works on, where it works on one
 * @throws ChannelctlError `not_found`, or `usage` where it is ambiguous or of another channel
 */
export function findAccount(state: ProfileState, name: string, channel?: string): StoredAccount {
  const [account, ...others] = candidates(state, name);
  if (account === undefined) {
    throw new ChannelctlError('not_found', `There is no account "${name}".`, {
      reason: 'No id, beginning of an id, or account key is like it.',
      hint: 'Run: channelctl accounts list',
    });
  }
  if (others.length > 0) {
    const names = [account, ...others].map((one) => `${accountName(one)} (${one.id})`);
    throw usageError(
      `"${name}" could be any of ${names.length} accounts.`,
      `They are ${names.join(', ')}.`,
      'Name it by its id or by channel/account_key.',
    );
  }
  if (channel !== undefined && account.channel !== channel) {
    const { label } = channelNamed(channel);
    throw usageError(
      `${accountName(account)} is not ${/^[AEIOU]/.test(label) ? 'an' : 'a'} ${label} account.`,
      `It is an account of ${channelNamed(account.channel).label}, and this command works on ${label}.`,
      `Run: channelctl accounts list --channel ${channel}`,
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

/** Puts changes into what is stored. It counts as updated where something becomes different. */
export function amend<Stored extends { updated_at: string }>(
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

/** What a new account is made of. */
export interface NewAccount extends StoredConfig {
  channel: string;
  account_key: string;
  display_name: string | null;
  is_active: boolean;
  /** Whether it is to be the default even where there is one. The first of a channel always is. */
  is_default: boolean;
  division_id: string | null;
}

/** What making an account needs of the world. */
export interface Making {
  now(): Date;
  randomBytes(bytes: number): Buffer;
}

/** Adds an account to the state, with a verify token of its own. */
export function addAccount(
  state: ProfileState,
  account: NewAccount,
  making: Making,
): StoredAccount {
  requireFreeKey(state, account.channel, account.account_key);
  const time = making.now().toISOString();
  const added: StoredAccount = {
    id: uuid(making.randomBytes(16)),
    ...account,
    is_default: false,
    created_at: time,
    updated_at: time,
    verify_token: making.randomBytes(16).toString('hex'),
  };
  const first = !state.accounts.some(({ channel }) => channel === account.channel);
  state.accounts.push(added);
  if (first || account.is_default) makeDefault(state, added);
  return added;
}

/** Makes an account the default of its channel, and no other. */
export function makeDefault(state: ProfileState, account: StoredAccount): void {
  for (const other of state.accounts) {
    if (other.channel === account.channel) other.is_default = other.id === account.id;
  }
}

/** @throws ChannelctlError `conflict` where the channel has an account with that key */
export function requireFreeKey(state: ProfileState, channel: string, key: string): void {
  const holder = accountByKey(state, channel, key);
  if (holder === undefined) return;
  throw new ChannelctlError('conflict', `${channel}/${key} exists already.`, {
    reason: `It is the account ${holder.id}.`,
    hint: `Change it with: channelctl accounts update ${channel}/${key} …`,
  });
}

/** @throws ChannelctlError `usage` where a key has characters that it can't have */
export function checkAccountKey(key: string): void {
  // An address that ends in one or two dots means another address.
  if (/^(?!\.{1,2}$)[A-Za-z0-9._@+-]{1,128}$/.test(key)) return;
  throw usageError(
    `"${key}" can't be an account key.`,
    'A key is made of A-Z a-z 0-9 . _ @ + and -, is at most 128 characters long, and is not . or .. alone.',
    'Pass another with --account-key.',
  );
}

/** A random UUID (version 4) from 16 random bytes. */
export function uuid(bytes: Buffer): string {
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
