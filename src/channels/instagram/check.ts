import { type Problem, problem, problemOf, withoutTokenRepeats } from '../../shared/problem.ts';
import type { AccountCheck, AccountCheckContext } from '../channel.ts';
import { checkWebhooks } from '../meta/webhook-judgement.ts';
import {
  instagramWebhooks,
  profileMismatch,
  readProfileSubscription,
  readTokenOwner,
} from './webhooks.ts';

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
  const reading = readTokenOwner({ graph: meta, credentials });
  const [profile, webhooks] = await Promise.all([
    reading,
    checkWebhooks(
      {
        ...instagramWebhooks,
        readSubscription: (own) => readProfileSubscription(own, reading),
      },
      checking,
      credentials,
    ),
  ]);
  const mismatch = profile.value && profileMismatch(profile.value.user_id, account.config);
  const problems = [
    mismatch && problemOf('token', mismatch),
    profile.error === null ? expiryProblem(checking) : problemOf('token', profile.error),
    // Those of another profile would only repeat the mismatch.
    ...(mismatch === null ? webhooks.problems : []),
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
