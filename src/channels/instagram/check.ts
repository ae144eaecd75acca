import {
  type Problem,
  problem,
  problemOf,
  resultOf,
  withoutTokenRepeats,
} from '../../shared/problem.ts';
import type { AccountCheck, AccountCheckContext } from '../channel.ts';
import { checkWebhooks } from '../meta/webhook-judgement.ts';
import { instagramWebhooks } from './webhooks.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Remaining lifetime of a token below which it is reported. */
const EXPIRY_WARNING_MS = 7 * DAY_MS;

const CONNECT = 'channelctl instagram connect';

/** Checks the token of a profile, its expiry, and its webhooks. */
export const checkInstagram: AccountCheck = async (checking) => {
  const { account, credentials, graph } = checking;
  const { username = null, token_expires_at = null } = account.config;
  const known = { username, token_expires_at, subscribed_fields: null, subscribed_ok: null };
  if (credentials === null) {
    const missing = problem(
      'token',
      'error',
      'The access token is missing.',
      `Get another: ${CONNECT}`,
    );
    return { problems: [missing], delivery: null, details: known };
  }
  const meta = await graph();
  const [profile, webhooks] = await Promise.all([
    resultOf(meta.call('getInstagramProfile', { fields: 'user_id,username' }, credentials)),
    checkWebhooks(instagramWebhooks, checking, credentials),
  ]);
  const problems = [
    ...(profile.error === null
      ? [profileProblem(checking, profile.value.user_id), expiryProblem(checking)]
      : [problemOf('token', profile.error)]),
    ...webhooks.problems,
  ];
  return {
    problems: withoutTokenRepeats(problems.filter((one) => one !== null)),
    delivery: webhooks.delivery,
    details: {
      ...known,
      username: profile.value?.username ?? username,
      subscribed_fields: webhooks.subscription?.fields ?? null,
      subscribed_ok: webhooks.subscription?.subscribed ?? null,
    },
  };
};

function profileProblem({ account }: AccountCheckContext, userId: string): Problem | null {
  if (account.config.ig_user_id === userId) return null;
  return problem(
    'token',
    'error',
    `The token is that of the profile ${userId}, not of ${account.config.ig_user_id}.`,
    `Connect the right profile: ${CONNECT}`,
  );
}

function expiryProblem({ account, now }: AccountCheckContext): Problem | null {
  const time = Date.parse(String(account.config.token_expires_at ?? ''));
  if (Number.isNaN(time)) {
    const message = 'It is not known when the token expires; Instagram tokens live 60 days.';
    return problem('token', 'warning', message, `Refresh it: ${refreshCommand(account)}`);
  }
  const left = time - now.getTime();
  if (left > EXPIRY_WARNING_MS) return null;
  const message = `The token expires at ${new Date(time).toISOString()}.`;
  return problem('token', 'warning', message, `Refresh it: ${refreshCommand(account)}`);
}

function refreshCommand({ account_key }: AccountCheckContext['account']): string {
  return `channelctl tokens refresh instagram/${account_key}`;
}
