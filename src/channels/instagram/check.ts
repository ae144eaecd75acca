import type { Graph } from '../../graph/graph.ts';
import { type Problem, problem, problemOf, resultOf } from '../../shared/problem.ts';
import { type AccountCheck, type AccountCheckContext, expiryProblem } from '../channel.ts';
import { inspectToken, reportedExpiry, type TokenInspection } from '../meta/inspect-token.ts';
import { withoutTokenRepeats } from '../meta/token-judgement.ts';
import { checkWebhooks } from '../meta/webhook-judgement.ts';
import {
  instagramWebhooks,
  profileMismatch,
  readProfileSubscription,
  readTokenOwner,
} from './webhooks.ts';

const CONNECT = 'channelctl instagram connect';

const UNKNOWN_META_APP = problem(
  'subscription',
  'warning',
  "The app's webhook URL and fields were not checked, because the ID or secret of the Meta app is missing.",
  'Run: channelctl integrations set instagram --config meta_app_id=… --config meta_app_secret=@file',
);

export const checkInstagram: AccountCheck = async (checking) => {
  const { account, credentials, tokenExpiresAt: token_expires_at, graph } = checking;
  const { username = null } = account.config;
  const known = { username, token_expires_at, subscribed_fields: null, subscribed_ok: null };
  if (credentials === null) {
    const missing = problem(
      'token',
      'error',
      'The access token is missing.',
      `Get a new one: ${CONNECT}`,
    );
    return { problems: [missing], delivery: null, details: known };
  }
  const meta = await graph();
  const reading = readTokenOwner({ graph: meta, credentials });
  const [profile, inspection, appLevel, webhooks] = await Promise.all([
    reading,
    inspect(meta, checking, credentials.token),
    checking.appLevel(),
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
    profile.error === null
      ? lifetimeProblem(checking, inspection)
      : problemOf('token', profile.error),
    ...(mismatch === null ? webhooks.problems : []),
    appLevel === null ? UNKNOWN_META_APP : null,
  ];
  return {
    problems: withoutTokenRepeats(problems.filter((one) => one !== null)),
    delivery: webhooks.delivery,
    tokenExpiry: reportedExpiry(inspection),
    details: {
      ...known,
      token_expires_at: inspection?.expires_at ?? token_expires_at,
      username: profile.value?.username ?? username,
      subscribed_fields: webhooks.subscription?.fields ?? null,
      subscribed_ok: webhooks.subscription?.subscribed ?? null,
    },
  };
};

/**
 * Inspects the token with the Meta app unless its stored expiry is in the future. Meta does not
 * document this for tokens of Instagram Login, so an error is ignored.
 */
async function inspect(
  graph: Graph,
  checking: AccountCheckContext,
  token: string,
): Promise<TokenInspection | null> {
  const { graphApp, tokenExpiresAt, now, sanitize } = checking;
  if (graphApp === null || isCurrent(tokenExpiresAt, now)) return null;
  const { value } = await resultOf(inspectToken(graph, graphApp, token, sanitize));
  return value?.is_valid === true ? value : null;
}

/** Meta has accepted the token, so an expiry in the past is that of an earlier token. */
function lifetimeProblem(
  { account, tokenExpiresAt, now }: AccountCheckContext,
  inspection: TokenInspection | null,
): Problem | null {
  const hint = `Refresh it: ${refreshCommand(account)}`;
  const expiresAt = inspection?.expires_at ?? tokenExpiresAt;
  if (isCurrent(expiresAt, now)) return expiryProblem(expiresAt, hint, now);
  const message = 'The expiry of the token is unknown; Instagram tokens expire after 60 days.';
  return problem('token', 'warning', message, hint);
}

function isCurrent(expiresAt: string | null, now: Date): expiresAt is string {
  return expiresAt !== null && Date.parse(expiresAt) > now.getTime();
}

function refreshCommand({ account_key }: AccountCheckContext['account']): string {
  return `channelctl tokens refresh instagram/${account_key}`;
}
