import { accountName } from '../accounts/accounts.ts';
import { type KnownKey, knownValueIssue } from '../accounts/config.ts';
import { channelNamed } from '../channels/index.ts';
import type { ProfileState, StoredAccount, StoredConfig } from '../profile/types.ts';
import { type DoctorResult, error } from './result.ts';

/**
 * Checks the stored values of known keys. Earlier versions accepted some that this version rejects,
 * and the state file may have been edited.
 */
export function checkConfig({ integrations, accounts }: ProfileState): DoctorResult[] {
  const ofIntegrations = integrations.flatMap((one) => {
    const { label, integrationKeys } = channelNamed(one.channel);
    return invalidValues(one, integrationKeys).map(({ name, issue }) =>
      error(
        'config',
        `${label} integration: ${issue}.`,
        `Run: channelctl integrations set ${one.channel} --config ${name}=<value>`,
      ),
    );
  });
  const ofAccounts = accounts.flatMap((account) =>
    invalidValues(account, channelNamed(account.channel).accountKeys).map(({ name, issue }) =>
      error('config', `${accountName(account)}: ${issue}.`, correction(account, name)),
    ),
  );
  return [...ofIntegrations, ...ofAccounts];
}

function invalidValues({ config }: StoredConfig, keys: readonly KnownKey[]) {
  return keys.flatMap(({ name, problem }) => {
    const issue = knownValueIssue(name, config[name], problem);
    return issue === undefined ? [] : [{ name, issue }];
  });
}

function correction(account: StoredAccount, key: string): string {
  const name = accountName(account);
  if (channelNamed(account.channel).derivedAccountKey?.from !== key) {
    return `Run: channelctl accounts update ${name} --config ${key}=<value>`;
  }
  return `The key of the account is derived from this value. Delete the account (channelctl accounts delete ${name}), then create it again.`;
}
