import { accountView } from '../../accounts/account-view.ts';
import {
  accountName,
  applyChanges,
  assertKeyAvailable,
  checkAccountKey,
  findAccount,
  makeDefault,
} from '../../accounts/accounts.ts';
import type { ConfigChange } from '../../accounts/config.ts';
import { dropPending, pendingSecrets } from '../../accounts/pending-connections.ts';
import { ownerName } from '../../accounts/secrets.ts';
import { channelNamed } from '../../channels/index.ts';
import type { StoredAccount } from '../../profile/types.ts';
import { usageError } from '../../shared/errors.ts';
import type { ACCOUNT_ARGUMENT } from '../shared/account-argument.ts';
import type { CommandContext } from '../shared/command-context.ts';
import { activeOption, isEmptyChange, updatedText } from '../shared/config-options.ts';
import type { OptionsOf } from '../shared/options.ts';
import { readConfigOptions } from '../shared/read-config-options.ts';
import { viewOptions } from '../shared/view-options.ts';
import { mergeAccountConfig } from './account-config.ts';
import type { UPDATE_OPTIONS } from './account-options.ts';

type Options = OptionsOf<typeof UPDATE_OPTIONS, typeof ACCOUNT_ARGUMENT>;

export async function updateAccount(options: Options, context: CommandContext) {
  const view = viewOptions(context);
  const { account: name, ...changes } = options;
  if (isEmptyChange(changes)) {
    throw usageError('Nothing to change: pass at least one option.', {
      hint: 'Run: channelctl accounts update --help',
    });
  }
  const is_active = activeOption(options);
  const { id } = findAccount(await context.profile.read(), name);
  const change = await readConfigOptions(options, context);
  const stored = await context.profile.change((draft, secrets) => {
    const account = findAccount(draft, id);
    const channel = channelNamed(account.channel);
    const account_key = updatedKey(account, options.accountKey, change);
    if (account_key !== account.account_key) assertKeyAvailable(draft, channel.name, account_key);
    const owner = { channel: channel.name, account_key };
    // A new secret replaces the one from a connection attempt whose outcome is unknown.
    const pending = Object.keys(pendingSecrets(draft, account));
    if (pending.some((field) => change.set[field] !== undefined)) dropPending(draft, account);
    secrets.confirm(ownerName(owner), [
      ...Object.keys(change.set),
      ...(options.accountKey === undefined ? [] : ['account_key']),
    ]);
    const merged = mergeAccountConfig(channel, owner, account, change, secrets, context);
    const changes = {
      ...merged,
      account_key,
      display_name: updatedText(options.displayName, account.display_name),
      is_active: is_active ?? account.is_active,
      is_default: options.default === true || account.is_default,
      division_id: updatedText(options.divisionId, account.division_id),
    };
    applyChanges(account, changes, context.now());
    if (options.default === true) makeDefault(draft, account);
    return account;
  });
  return { data: accountView(view, stored) };
}

/** Returns the account key after the change. A key derived from the configuration cannot change. */
function updatedKey(
  account: StoredAccount,
  wanted: string | undefined,
  change: ConfigChange,
): string {
  const { derivedAccountKey, label } = channelNamed(account.channel);
  if (derivedAccountKey === undefined) {
    if (wanted !== undefined) checkAccountKey(wanted);
    return wanted ?? account.account_key;
  }
  const { from } = derivedAccountKey;
  const id = change.set[from] ?? account.config[from];
  const keyStays = wanted === undefined || wanted === account.account_key;
  if (keyStays && id === account.config[from] && !change.unset.includes(from)) {
    return account.account_key;
  }
  throw usageError(`The key of ${accountName(account)} cannot be changed.`, {
    reason: `The key of a ${label} account is derived from its ${from}, which is fixed.`,
    hint: `To create another account, run: channelctl accounts create --channel ${account.channel} …`,
  });
}
