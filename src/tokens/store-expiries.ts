import type { SecretSources } from '../accounts/secrets.ts';
import type { TokenExpiry } from '../channels/meta/inspect-token.ts';
import { isSameValue } from '../profile/secret-refs.ts';
import type { ProfileState, StoredAccount } from '../profile/types.ts';
import { ChannelctlError } from '../shared/errors.ts';
import { accountTokens, putExpiry, type StoredToken } from './stored-tokens.ts';

export interface ReportedExpiry {
  account: StoredAccount;
  /** Null or undefined if Meta did not report it. */
  tokenExpiry?: TokenExpiry | null | undefined;
}

/** Meta reports whole seconds, and the stored time of a new token depends on the local clock. */
const TOLERANCE_MS = 60_000;

/**
 * Stores the expiries that a check has read from Meta, all in one change, and only if they differ
 * from the stored ones. A token that was replaced in the meantime is skipped. If the profile cannot
 * be changed, nothing is stored, because the check itself has succeeded.
 */
export async function storeExpiries(
  reported: readonly ReportedExpiry[],
  { env, profile }: SecretSources,
): Promise<void> {
  const changesIn = (state: ProfileState) => {
    const accounts = new Map(state.accounts.map((account) => [account.id, account]));
    return reported.flatMap(({ account: checked, tokenExpiry }) => {
      const account = accounts.get(checked.id);
      if (account === undefined || !tokenExpiry) return [];
      const token = accountTokens(env, account).find(({ known }) => known !== null);
      const { expiresAt } = tokenExpiry;
      const isChange = token !== undefined && isNews(token, checked, expiresAt);
      return isChange ? [{ account, token, expiresAt }] : [];
    });
  };
  if (changesIn(await profile.read()).length === 0) return;
  try {
    await profile.change((draft) => {
      for (const { account, token, expiresAt } of changesIn(draft)) {
        putExpiry(account, token, expiresAt);
      }
    });
  } catch (error) {
    if (!isNotWritable(error)) throw error;
  }
}

function isNews(
  { known, field, ref, expiresAt: stored }: StoredToken,
  checked: StoredAccount,
  expiresAt: string | null,
): boolean {
  if (ref === null || !isSameValue(ref, checked.secrets[field])) return false;
  if (stored === null || expiresAt === null) {
    const alwaysExpires = known?.renew !== undefined && known.mayNotExpire !== true;
    return stored !== expiresAt && !(expiresAt === null && alwaysExpires);
  }
  return Math.abs(Date.parse(stored) - Date.parse(expiresAt)) > TOLERANCE_MS;
}

function isNotWritable(error: unknown): boolean {
  return error instanceof ChannelctlError && ['conflict', 'storage'].includes(error.kind);
}
