import type { SecretSources } from '../accounts/secrets.ts';
import type { NewToken } from '../channels/channel.ts';
import { channelNamed } from '../channels/index.ts';
import { loadMetaApp } from '../channels/meta/app.ts';
import { loadCredentials } from '../channels/meta/credentials.ts';
import { inspectToken, reportedExpiry, type TokenExpiry } from '../channels/meta/inspect-token.ts';
import { tryToken } from '../channels/meta/try-token.ts';
import { isLostToken } from '../graph/errors/errors.ts';
import type { Graph } from '../graph/graph.ts';
import { ChannelctlError, graphErrorOf } from '../shared/errors.ts';
import { sanitize } from '../shared/foreign/sanitize.ts';
import type { Redactor } from '../shared/redactor.ts';
import { joinSentences } from '../shared/text.ts';
import { missingToken, type StoredToken } from './stored-tokens.ts';

export interface RenewalContext extends SecretSources {
  redactor: Redactor;
  graph(): Promise<Graph>;
  now(): Date;
}

/** Expiries that differ by less count as the same. */
const MIN_EXTENSION_MS = 60 * 1000;

/**
 * Exchanges a token for a new one, and tries the new one with Meta. The old one stays valid.
 *
 * @throws ChannelctlError if Meta returns no new token, or if the new token must not replace the
 *   old one
 */
export async function renewToken(
  token: string,
  stored: StoredToken,
  context: RenewalContext,
): Promise<NewToken> {
  const renewed = await exchange(token, stored, context);
  context.redactor.add(renewed.token);
  if (stored.known?.renewalMayKeepExpiry !== true) {
    await orNotStored(tryRenewed(renewed.token, stored, context));
    return renewed;
  }
  const [before, after] = await orNotStored(
    Promise.all([
      inspectExpiry(token, stored, context),
      inspectExpiry(renewed.token, stored, context, {
        message: 'The new token is not valid.',
        hint: '',
      }),
    ]),
  );
  if (after === null || !isExtended(before, after)) throw notExtended(stored);
  return { token: renewed.token, expiresAt: after.expiresAt };
}

/** @throws the error of the work, extended with the fact that the old token is still stored */
async function orNotStored<Value>(work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ChannelctlError)) throw error;
    if (!['graph', 'not_allowed', 'usage'].includes(error.kind)) throw error;
    throw error.with({ hint: joinSentences(error.hint, 'The old token is still stored.') });
  }
}

async function exchange(
  token: string,
  stored: StoredToken,
  context: RenewalContext,
): Promise<NewToken> {
  const { owner, known } = stored;
  if (known?.renew === undefined) throw missingToken(stored);
  try {
    return await known.renew(token, {
      graph: await context.graph(),
      app: () => loadMetaApp(owner.channel, context),
      now: context.now(),
    });
  } catch (error) {
    if (!(error instanceof ChannelctlError) || !isLostToken(error.graph)) throw error;
    throw error.with({ hint: lostTokenHint(stored) });
  }
}

function lostTokenHint(stored: StoredToken): string {
  return `The token can no longer be refreshed. To get a new one, run: ${commandForNew(stored)}`;
}

function commandForNew({ account, known }: StoredToken): string {
  return known?.renewCommand(account) ?? '';
}

/**
 * Whether a token never expires, or expires later than the previous one by at least
 * `MIN_EXTENSION_MS`. A token that expires is not an extension of one whose expiry is unknown, or
 * that never expires.
 */
function isExtended(before: TokenExpiry | null, after: TokenExpiry): boolean {
  if (after.expiresAt === null) return true;
  if (before === null || before.expiresAt === null) return false;
  return Date.parse(after.expiresAt) - Date.parse(before.expiresAt) >= MIN_EXTENSION_MS;
}

function notExtended(stored: StoredToken): ChannelctlError {
  return new ChannelctlError('graph', 'The token was not renewed.', {
    reason: 'Meta returned a token with the same expiry.',
    hint: `To get a token with a later expiry, run: ${commandForNew(stored)}`,
  });
}

async function tryRenewed(
  token: string,
  { account, known }: StoredToken,
  context: RenewalContext,
): Promise<void> {
  if (account === null) return;
  const api = await channelNamed(account.channel).remoteApi?.();
  const [credentials] = await loadCredentials([{ owner: account, stored: account }], {
    ...context,
    given: ({ account_key }, field) =>
      account_key !== undefined && field === known?.field ? token : undefined,
  });
  if (api === undefined || !credentials) return;
  await tryToken(api, {
    graph: await context.graph(),
    credentials: { ...credentials, renewCommand: known?.renewCommand(account) },
    config: account.config,
    appId: null,
  });
}

/**
 * Inspects a token with its app's credentials. Returns its expiry; null if Meta does not report it.
 *
 * @throws ChannelctlError `not_allowed` with this message and hint if the token is invalid
 */
export async function inspectExpiry(
  token: string,
  stored: StoredToken,
  context: RenewalContext,
  { message, hint } = {
    message: 'The token is no longer valid.',
    hint: lostTokenHint(stored),
  },
): Promise<TokenExpiry | null> {
  const app = await loadMetaApp(stored.owner.channel, context);
  const clean = (text: string) => sanitize(text, context.redactor);
  const inspection = await inspectToken(await context.graph(), app, token, clean);
  const { is_valid, error } = inspection;
  if (is_valid) return reportedExpiry(inspection);
  throw new ChannelctlError('not_allowed', message, {
    reason: error?.message ?? 'Meta gave no reason.',
    hint,
    graph: graphErrorOf(error ?? {}),
  });
}
