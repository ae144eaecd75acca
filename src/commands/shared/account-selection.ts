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
 * The accounts to check: the named one, or with `--all` every active one.
 *
 * @param channel the only channel whose accounts fit; any if omitted
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
        ? 'No account was named.'
        : `"${account}" and --all contradict each other.`,
      {
        reason: 'Either one account is checked, or all of them.',
        hint: 'Name an account, or pass --all.',
      },
    );
  }
  if (account !== undefined) return [findAccount(state, account, channel)];
  return state.accounts
    .filter((one) => channel === undefined || one.channel === channel.name)
    .filter(({ is_active }) => is_active || includeInactive === true);
}
