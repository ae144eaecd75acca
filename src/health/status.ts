import { buildWebhookUrl, type ViewOptions } from '../accounts/account-view.ts';
import { secretInEnvironment } from '../accounts/secrets.ts';
import { expiryProblem } from '../channels/channel.ts';
import { channelNamed } from '../channels/index.ts';
import type { Delivery } from '../channels/meta/webhooks.ts';
import type { Environment } from '../profile/settings.ts';
import type { StoredAccount } from '../profile/types.ts';
import { type Problem, problem, type Severity, worstSeverity } from '../shared/problem.ts';
import { accountTokens } from '../tokens/stored-tokens.ts';
import type { AccountHealth } from './check.ts';

export interface AccountStatus {
  account_id: string;
  account_key: string;
  channel: string;
  display_name: string | null;
  is_default: boolean;
  is_active: boolean;
  /** Null if the account was not checked: it is inactive, or Meta was not called. */
  healthy: boolean | null;
  severity: Severity | null;
  problems: Problem[];
  token_expires_at: string | null;
  /** Null if it is unknown or the channel has no webhooks. */
  webhook: Delivery | null;
  webhook_url: string | null;
}

/** @param health the result of the account's check; null if the account was not checked */
export function statusOf(
  account: StoredAccount,
  health: AccountHealth | null,
  view: ViewOptions,
  now: Date,
): AccountStatus {
  const problems = health?.problems ?? (account.is_active ? localProblems(account, view, now) : []);
  return {
    account_id: account.id,
    account_key: account.account_key,
    channel: account.channel,
    display_name: account.display_name,
    is_default: account.is_default,
    is_active: account.is_active,
    healthy: health?.healthy ?? null,
    severity: worstSeverity(problems),
    problems,
    token_expires_at: expiryOf(account, health, view.env),
    webhook: health === null ? null : webhookOf(health),
    webhook_url: buildWebhookUrl(view.webhookBase, account),
  };
}

export function needsAttention({ severity }: AccountStatus): boolean {
  return severity === 'error';
}

function expiryOf(
  account: StoredAccount,
  health: AccountHealth | null,
  env: Environment,
): string | null {
  const checked = health?.details.token_expires_at;
  if (typeof checked === 'string') return checked;
  const times = accountTokens(env, account).map(({ expiresAt }) => expiresAt);
  return times.filter((time) => time !== null).sort()[0] ?? null;
}

function localProblems(account: StoredAccount, { env }: ViewOptions, now: Date): Problem[] {
  const { token } = channelNamed(account.channel);
  const hint =
    token === undefined
      ? `Run: channelctl accounts update ${account.id}`
      : `Get a new token: ${token.renewCommand(account)}`;
  const missing = (token === undefined ? [] : [token.field])
    .filter(
      (field) =>
        account.secrets[field] === undefined &&
        secretInEnvironment(env, account, field) === undefined,
    )
    .map((field) => problem('token', 'error', `The ${field} is missing.`, hint));
  const expiry = expiryOf(account, null, env);
  const expired = expiry === null ? null : expiryProblem(expiry, hint, now);
  return expired === null ? missing : [...missing, expired];
}

/** Returns null if the token has an error, because the data may then belong to another account. */
function webhookOf({ problems, delivery }: AccountHealth): Delivery | null {
  const isWrong = problems.some(({ part, severity }) => part === 'token' && severity === 'error');
  return isWrong ? null : delivery;
}
