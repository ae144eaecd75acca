import { accountName, findAccount } from '../../accounts/accounts.ts';
import { ownedSecret } from '../../accounts/secrets.ts';
import { mapLimited } from '../../shared/concurrency.ts';
import { usageError } from '../../shared/errors.ts';
import { count } from '../../shared/text.ts';
import type { RefreshResult } from '../../tokens/refresh.ts';
import { accountTokens, type StoredToken, storedTokens } from '../../tokens/stored-tokens.ts';
import { OPTIONAL_ACCOUNT_ARGUMENT } from '../shared/account-argument.ts';
import { defineCommand } from '../shared/command.ts';
import type { CommandContext } from '../shared/command-context.ts';
import { parseDuration } from '../shared/option-values.ts';
import type { OptionsOf } from '../shared/options.ts';
import { collectResults } from '../shared/partial-result.ts';
import { withProgress } from '../shared/progress.ts';
import { ERROR_FIELDS } from '../shared/result-fields.ts';

const OPTIONS = {
  '--expiring-within <span>': 'refresh tokens that expire within this time, such as 14d or 36h',
} as const;

type Options = OptionsOf<typeof OPTIONS, typeof OPTIONAL_ACCOUNT_ARGUMENT>;

/**
 * A token to refresh or skip. `note` is the reason to skip it; undefined if none is known yet:
 * Meta may report that the token does not expire, or expires later than `end`.
 */
interface RefreshPlan {
  stored: StoredToken;
  /** Milliseconds since the epoch. A token that expires later is skipped; null for no limit. */
  end: number | null;
  note: string | undefined;
}

const CONCURRENCY = 5;

export const refresh = defineCommand({
  name: 'refresh',
  summary: 'Refresh tokens before they expire',
  role: 'admin',
  examples: [
    {
      line: 'tokens refresh instagram/ig-17841400000000001',
      about: 'Refresh the token of one account',
    },
    {
      line: 'tokens refresh --expiring-within 14d --json',
      about: 'Refresh tokens that expire soon, in a nightly job',
    },
  ],
  notes:
    'Refreshes Instagram tokens, WhatsApp business tokens that expire, and the user token of the Messenger integration. Instagram refreshes only tokens that are at least 24 hours old and have not expired; a newer one with an unknown expiry is skipped. A WhatsApp or user token with an unknown expiry is inspected, and skipped if it does not expire.\nA new token is verified with Meta before it replaces the old one. Meta usually does not extend a user token: if the new one has the same expiry, the old one remains stored, and the hint names the sign-in that replaces it. Exits with code 6 if a token cannot be inspected or refreshed; the old token remains stored.',
  result: {
    fields: ['channel', 'account_key', 'field', 'refreshed', 'expires_at', ...ERROR_FIELDS, 'note'],
    columns: [
      'channel',
      'account_key',
      'field',
      'refreshed',
      'expires_at',
      'error.message',
      'error.hint',
      'note',
    ],
    whenEmpty: 'No tokens found.',
  },
  arguments: OPTIONAL_ACCOUNT_ARGUMENT,
  options: OPTIONS,
  async run(options, context) {
    const [plans, { refreshToken, skippedResult }] = await Promise.all([
      planRefresh(options, context),
      import('../../tokens/refresh.ts'),
    ]);
    const due = plans.filter(({ note }) => note === undefined);
    // This fails before any refresh if tokens cannot be stored or a configured URL is invalid.
    if (due.some(({ stored }) => stored.ref !== null)) {
      await Promise.all([context.graph(), context.profile.assertWritable()]);
    }
    const text = `Refreshing ${count(due.length, 'token')}`;
    const onDone = collectResults(context, due, (data: RefreshResult[]) => ({ data }));
    const data = await withProgress(context.terminal, text, () =>
      mapLimited(plans, CONCURRENCY, async (plan): Promise<RefreshResult> => {
        const { stored, note, end } = plan;
        if (note !== undefined) return skippedResult(stored, note);
        const result = await refreshToken(stored, end, context);
        onDone(plan, result);
        return result;
      }),
    );
    if (data.every(({ error }) => error === null)) return { data };
    return { data, kind: (await hasUnreadable(due, context)) ? 'storage' : 'unhealthy' };
  },
});

/** Whether a token must not be read, because the state file assigns it to another owner. */
async function hasUnreadable(
  plans: readonly RefreshPlan[],
  { profile }: CommandContext,
): Promise<boolean> {
  const secrets = plans.flatMap(({ stored: { owner, account, field, ref } }) =>
    ref === null ? [] : [ownedSecret(account ?? owner, account?.config ?? {}, field, ref)],
  );
  const checks = await Promise.all(secrets.map((secret) => profile.checkBinding(secret)));
  return checks.some(({ error }) => error !== null);
}

async function planRefresh(
  { account: name, expiringWithin }: Options,
  context: CommandContext,
): Promise<RefreshPlan[]> {
  if ((name === undefined) === (expiringWithin === undefined)) {
    throw usageError(
      name === undefined
        ? 'No tokens specified.'
        : 'An account and --expiring-within cannot be used together.',
      { hint: 'Specify either an account or --expiring-within 14d.' },
    );
  }
  const state = await context.profile.read();
  if (expiringWithin !== undefined) {
    const end = context.now().getTime() + parseDuration('--expiring-within', expiringWithin) * 1000;
    return storedTokens(context.env, state).map((stored) => ({
      stored,
      end,
      note: skipReasonAt(stored, end),
    }));
  }
  const account = findAccount(state, name ?? '');
  const tokens = accountTokens(context.env, account);
  if (tokens.length > 0) {
    return tokens.map((stored) => ({ stored, end: null, note: skipReason(stored) }));
  }
  throw usageError(`${accountName(account)} has no token.`, {
    hint: 'To list all tokens, run: channelctl tokens list',
  });
}

function skipReason({ known }: StoredToken): string | undefined {
  if (known === null) return 'Unknown kind of token.';
  return known.renew === undefined ? 'This kind of token does not normally expire.' : undefined;
}

/**
 * Returns why a token is not refreshed now. A token with an unknown expiry is refreshed, because it
 * may expire soon.
 */
function skipReasonAt(stored: StoredToken, end: number): string | undefined {
  const isLater = stored.expiresAt !== null && Date.parse(stored.expiresAt) > end;
  return (
    skipReason(stored) ??
    (isLater ? 'The token does not expire within the specified time.' : undefined)
  );
}
