import { findAccount } from '../../accounts/accounts.ts';
import type { Channel } from '../../channels/channel.ts';
import type { ProfileState, StoredAccount } from '../../profile/types.ts';
import { usageError } from '../../shared/errors.ts';

interface AccountSelection {
  account?: string | undefined;
  all?: boolean | undefined;
  includeInactive?: boolean | undefined;
}

/**
 * Returns the specified account or, with `--all`, every active account; `--include-inactive` adds
 * the inactive accounts.
 *
 * @param channel limits the selection to one channel
 * @throws ChannelctlError `usage` unless either an account or `--all` is given, `not_found` if no
 *   account matches
 */
export function selectAccounts(
  { account, all, includeInactive }: AccountSelection,
  state: ProfileState,
  channel?: Channel,
): StoredAccount[] {
  if ((account === undefined) !== (all === true)) {
    throw usageError(
      account === undefined
        ? 'No account specified.'
        : `"${account}" and --all cannot be used together.`,
      { hint: 'Specify either one account or --all.' },
    );
  }
  if (account !== undefined) return [findAccount(state, account, channel)];
  return state.accounts
    .filter((one) => channel === undefined || one.channel === channel.name)
    .filter(({ is_active }) => is_active || includeInactive === true);
}
