import { ownerName, secretInEnvironment } from '../../accounts/secrets.ts';
import { channelNamed } from '../../channels/index.ts';
import { loadCredentials } from '../../channels/meta/credentials.ts';
import { tryToken } from '../../channels/meta/try-token.ts';
import { mapLimited } from '../../shared/concurrency.ts';
import type { ChannelctlError } from '../../shared/errors.ts';
import { secretKey } from '../document/references.ts';
import {
  type CredentialSources,
  isAccountError,
  type PlannedAccount,
} from '../plan/remote-state.ts';
import type { Step } from '../plan/steps.ts';

const CONCURRENCY = 8;

export function accountsWithNewToken(
  steps: readonly Step[],
  accounts: readonly PlannedAccount[],
): PlannedAccount[] {
  const changes = new Map(
    steps.flatMap((step) => (step.part === 'account' ? [[step.name, step.changes] as const] : [])),
  );
  return accounts.filter(({ name, account, stored }) => {
    const { token, remoteApi } = channelNamed(account.channel);
    if (token === undefined || remoteApi === undefined) return false;
    // A new account has no token that could be lost.
    return (
      stored?.secrets[token.field] !== undefined &&
      changes.get(name)?.some(({ field }) => field === `config.${token.field}`) === true
    );
  });
}

/**
 * Tries the tokens of the document with Meta, for their accounts, before they replace stored ones.
 * Returns the errors by account name.
 */
export async function tryNewTokens(
  accounts: readonly PlannedAccount[],
  { env, profile, values, graph }: Omit<CredentialSources, 'appIdOf'>,
  onDone: () => void,
): Promise<Map<string, ChannelctlError>> {
  const owners = accounts.map(({ account, stored }) => ({ owner: account, stored }));
  const credentials = await loadCredentials(owners, {
    env,
    profile,
    // A variable does not override the token that would be stored, only the app secret.
    given: (owner, field) =>
      owner.account_key === undefined && secretInEnvironment(env, owner, field) !== undefined
        ? undefined
        : values.get(secretKey({ owner: ownerName(owner), field })),
  });
  const trials = accounts.map((account, index) => ({ ...account, token: credentials[index] }));
  const errors = await mapLimited(trials, CONCURRENCY, async ({ name, account, config, token }) => {
    try {
      const api = await channelNamed(account.channel).remoteApi?.();
      if (api === undefined || !token) return [];
      await tryToken(api, { graph: await graph(), credentials: token, config, appId: null });
      return [];
    } catch (error) {
      if (!isAccountError(error)) throw error;
      return [[name, error] as const];
    } finally {
      onDone();
    }
  });
  return new Map(errors.flat());
}
