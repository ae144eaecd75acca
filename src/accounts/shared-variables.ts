import type { Environment } from '../profile/settings.ts';
import type { StoredAccount } from '../profile/types.ts';
import { type ChannelctlError, usageError } from '../shared/errors.ts';
import { accountName } from './accounts.ts';
import { secretInEnvironment, secretVariable } from './secrets.ts';

export interface SharedVariable {
  variable: string;
  field: string;
  accounts: readonly StoredAccount[];
}

/**
 * Returns the variables that are set and apply to several accounts. Similar account keys, such as
 * `a-b` and `a.b`, have the same variables.
 *
 * @param fieldsOf the secret keys of an account
 */
export function findSharedVariables(
  env: Environment,
  accounts: readonly StoredAccount[],
  fieldsOf: (account: StoredAccount) => readonly string[],
): SharedVariable[] {
  const users = new Map<string, { field: string; accounts: StoredAccount[] }>();
  for (const account of accounts) {
    for (const field of fieldsOf(account)) {
      if (secretInEnvironment(env, account, field) === undefined) continue;
      const variable = secretVariable(account, field);
      const user = users.get(variable) ?? { field, accounts: [] };
      user.accounts.push(account);
      users.set(variable, user);
    }
  }
  return [...users]
    .filter(([, user]) => user.accounts.length > 1)
    .map(([variable, user]) => ({ variable, ...user }));
}

/**
 * Returns the error for a variable that would send the secret of one account to the server of
 * another; null if there is none.
 *
 * @param serverKeys the configuration keys that contain the accounts' own servers
 */
export function sharedVariableError(
  shared: readonly SharedVariable[],
  account: StoredAccount,
  serverKeys: readonly string[],
): ChannelctlError | null {
  const serversOf = ({ config }: StoredAccount) =>
    JSON.stringify(serverKeys.map((key) => config[key] ?? null));
  for (const { variable, field, accounts } of shared) {
    if (!accounts.includes(account)) continue;
    const other = accounts.find((one) => serversOf(one) !== serversOf(account));
    if (other === undefined) continue;
    const names = `${accountName(account)} and ${accountName(other)}`;
    return usageError(`The variable ${variable} applies to two accounts: ${names}.`, {
      reason: `Their servers differ, so one of them would receive the ${field} of the other.`,
      hint: `Unset the variable, and store the secret of each account: channelctl accounts update ${accountName(account)} --config ${field}=@file, then the same for ${accountName(other)}`,
    });
  }
  return null;
}
