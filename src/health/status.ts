import { type View, webhookAddress } from '../accounts/account-view.ts';
import { secretInEnvironment } from '../accounts/secrets.ts';
import type { Problem } from '../channels/channel.ts';
import { channelNamed } from '../channels/index.ts';
import { problem } from '../channels/problems.ts';
import type { Environment } from '../profile/settings.ts';
import type { StoredAccount } from '../profile/types.ts';
import { accountTokens } from '../tokens/stored-tokens.ts';
import type { AccountHealth } from './check.ts';

/** How one account is, as far as it is known. */
export interface AccountStatus {
  account_id: string;
  channel: string;
  account_key: string;
  display_name: string | null;
  is_active: boolean;
  is_default: boolean;
  /** Null where nobody has looked: it is out of use, or nothing was asked of Meta. */
  check: 'healthy' | 'warning' | 'unhealthy' | null;
  token_expires_at: string | null;
  webhook: Webhook | null;
  webhook_url: string | null;
  problems: Problem[];
}

/** Whether Meta delivers to the app; null where that is not known, or there is no such thing. */
type Webhook = 'subscribed' | 'incomplete' | 'missing';

const DAY_MS = 24 * 60 * 60 * 1000;
const SOON_MS = 7 * DAY_MS;

/** @param health what a check found; null where the account was not checked */
export function statusOf(
  account: StoredAccount,
  health: AccountHealth | null,
  view: View,
  now: Date,
): AccountStatus {
  const tokenExpiry = expiryOf(account, health, view.env);
  const problems = health?.problems ?? (account.is_active ? localProblems(account, view, now) : []);
  return {
    account_id: account.id,
    channel: account.channel,
    account_key: account.account_key,
    display_name: account.display_name,
    is_active: account.is_active,
    is_default: account.is_default,
    check: health === null ? null : verdict(problems),
    token_expires_at: tokenExpiry,
    webhook: health === null ? null : webhookOf(health),
    webhook_url: webhookAddress(view.webhookBase, account),
    problems,
  };
}

/** Whether a person has to look after the account. */
export function needsAPerson({ problems }: AccountStatus): boolean {
  return problems.some(({ severity }) => severity === 'error');
}

function verdict(problems: readonly Problem[]): AccountStatus['check'] {
  if (problems.some(({ severity }) => severity === 'error')) return 'unhealthy';
  return problems.length > 0 ? 'warning' : 'healthy';
}

function expiryOf(
  account: StoredAccount,
  health: AccountHealth | null,
  env: Environment,
): string | null {
  const told = health?.details.token_expires_at;
  if (typeof told === 'string') return told;
  const times = accountTokens(env, account).map(({ expiresAt }) => expiresAt);
  return times.filter((time) => time !== null).sort()[0] ?? null;
}

/** What the state alone tells: secrets that were never given, and tokens that have run out. */
function localProblems(account: StoredAccount, { env }: View, now: Date): Problem[] {
  const { token } = channelNamed(account.channel);
  const hint =
    token === undefined
      ? `Run: channelctl accounts update ${account.id}`
      : `Get another: ${token.renewCommand(account)}`;
  const missing = (token === undefined ? [] : [token.field])
    .filter(
      (field) =>
        account.secrets[field] === undefined &&
        secretInEnvironment(env, account, field) === undefined,
    )
    .map((field) => problem('token', 'error', `The ${field} was never given.`, hint));
  return [...missing, ...expiryProblems(expiryOf(account, null, env), hint, now)];
}

function expiryProblems(expiry: string | null, hint: string, now: Date): Problem[] {
  if (expiry === null) return [];
  const left = Date.parse(expiry) - now.getTime();
  if (left <= 0) return [problem('token', 'error', `The token expired at ${expiry}.`, hint)];
  if (left > SOON_MS) return [];
  return [problem('token', 'warning', `The token expires at ${expiry}.`, hint)];
}

function webhookOf({ problems, details }: AccountHealth): Webhook | null {
  // Not there where the channel has no such thing, and null where Meta did not tell.
  if (typeof details.subscribed_ok !== 'boolean') return null;
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.some(({ part }) => part === 'token' || part === 'account')) return null;
  const found = problems.filter(
    ({ part }) => part === 'subscription' || part === 'subscribed_apps',
  );
  if (found.some(({ severity }) => severity === 'error')) return 'missing';
  return found.length > 0 ? 'incomplete' : 'subscribed';
}
