import type { AccountCheck, Checking, Problem } from '../channel.ts';
import { problem, readPart, withoutEchoes } from '../problems.ts';
import { INSTAGRAM_FIELDS } from './rules.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A token is worth a warning when it has less than this to live. */
const SOON_MS = 7 * DAY_MS;

const MEND = 'channelctl instagram connect';

/** Checks that a profile's token works and lives on, and that the app hears of its messages. */
export const checkInstagram: AccountCheck = async (checking) => {
  const { account, secrets, graph } = checking;
  const token = secrets.get('access_token');
  const { username = null, token_expires_at = null } = account.config;
  const known = { username, token_expires_at, subscribed_fields: null, subscribed_ok: null };
  if (token === undefined) {
    const gone = problem('token', 'error', 'The access token is gone.', `Get another: ${MEND}`);
    return { problems: [gone], details: known };
  }
  const meta = await graph();
  const [profile, subscriptions] = await Promise.all([
    readPart('token', meta.call('getInstagramProfile', { fields: 'user_id,username' }, { token })),
    readPart('subscription', meta.call('listInstagramSubscriptions', {}, { token })),
  ]);
  const fields =
    subscriptions.value?.data.flatMap(({ subscribed_fields }) => subscribed_fields ?? []) ?? null;
  const problems = [
    profile.problem,
    profile.value === null ? null : wrongProfile(checking, profile.value.user_id),
    profile.value === null ? null : expiryProblem(checking),
    subscriptions.problem,
    fields === null ? null : subscriptionProblem(checking, fields),
  ];
  return {
    problems: withoutEchoes(problems.filter((one) => one !== null)),
    details: {
      ...known,
      username: profile.value?.username ?? username,
      subscribed_fields: fields,
      subscribed_ok: fields === null ? null : fields.length > 0,
    },
  };
};

function wrongProfile({ account }: Checking, userId: string): Problem | null {
  if (account.config.ig_user_id === userId) return null;
  return problem(
    'token',
    'error',
    `The token is that of the profile ${userId}, not of ${account.config.ig_user_id}.`,
    `Connect the right profile: ${MEND}`,
  );
}

function expiryProblem({ account, now }: Checking): Problem | null {
  const time = Date.parse(String(account.config.token_expires_at ?? ''));
  if (Number.isNaN(time)) {
    const message = 'It is not known when the token expires; Instagram tokens live 60 days.';
    return problem('token', 'warning', message, `Refresh it: ${refreshCommand(account)}`);
  }
  const left = time - now.getTime();
  if (left > SOON_MS) return null;
  const message = `The token expires at ${new Date(time).toISOString()}.`;
  return problem('token', 'warning', message, `Refresh it: ${refreshCommand(account)}`);
}

function refreshCommand({ account_key }: Checking['account']): string {
  return `channelctl tokens refresh instagram/${account_key}`;
}

function subscriptionProblem({ account }: Checking, fields: readonly string[]): Problem | null {
  const missing = INSTAGRAM_FIELDS.filter((field) => !fields.includes(field));
  const hint = `Subscribe it: channelctl instagram subscribe instagram/${account.account_key}`;
  if (missing.length === 0) return null;
  if (fields.length === 0) {
    const message = "The app is not subscribed to the profile's webhooks.";
    return problem('subscription', 'error', message, hint);
  }
  const severity = missing.includes('messages') ? 'error' : 'warning';
  const message = `These webhook fields are not subscribed to: ${missing.join(', ')}.`;
  return problem('subscription', severity, message, hint);
}
