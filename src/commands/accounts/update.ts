import { ACCOUNT_FIELDS, accountView } from '../../accounts/account-view.ts';
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
import { CHANNELS, channelNamed } from '../../channels/index.ts';
import type { StoredAccount } from '../../profile/types.ts';
import { usageError } from '../../shared/errors.ts';
import { ACCOUNT_ARGUMENT } from '../shared/account-argument.ts';
import { defineCommand } from '../shared/command.ts';
import {
  activeOption,
  isEmptyChange,
  UNSET_OPTION,
  updatedText,
} from '../shared/config-options.ts';
import { viewOptions } from '../shared/view-options.ts';
import { ACCOUNT_OPTIONS, describeKeys, mergeAccountConfig } from './account-options.ts';

export const update = defineCommand({
  name: 'update',
  summary: 'Update an account',
  role: 'admin',
  examples: [
    {
      line: 'accounts update support --config imap_port=993',
      about: 'Change one configuration key',
    },
    {
      line: 'accounts update fb-1065 --config page_access_token=@token.txt',
      about: 'Store a new token',
    },
    {
      line: 'accounts update support --inactive --display-name "Support, closed"',
      about: 'Deactivate and rename an account',
    },
  ],
  notes: describeKeys(CHANNELS),
  result: { fields: ACCOUNT_FIELDS },
  arguments: ACCOUNT_ARGUMENT,
  options: { ...ACCOUNT_OPTIONS, ...UNSET_OPTION },
  async run(options, context) {
    const view = viewOptions(context);
    const { account: name, ...changes } = options;
    if (isEmptyChange(changes)) {
      throw usageError('Nothing to change: pass at least one option.', {
        hint: 'Run: channelctl accounts update --help',
      });
    }
    const is_active = activeOption(options);
    const { id } = findAccount(await context.profile.read(), name);
    const { readConfigOptions } = await import('../shared/read-config-options.ts');
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
  },
});

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
