import type { SecretSources } from '../accounts/secrets.ts';
import type { NewToken } from '../channels/channel.ts';
import { channelNamed } from '../channels/index.ts';
import { loadMetaApp } from '../channels/meta/app.ts';
import { loadCredentials } from '../channels/meta/credentials.ts';
import { inspectToken } from '../channels/meta/inspect-token.ts';
import { tryToken } from '../channels/meta/try-token.ts';
import type { Graph } from '../graph/graph.ts';
import { ChannelctlError, graphErrorOf } from '../shared/errors.ts';
import { type Redactor, sanitize } from '../shared/redactor.ts';
import { joinSentences } from '../shared/text.ts';
import { missingToken, type StoredToken } from './stored-tokens.ts';

export interface RenewalContext extends SecretSources {
  redactor: Redactor;
  graph(): Promise<Graph>;
  now(): Date;
}

/** The error for a renewed token that must not be stored. The old token is still valid. */
export class RenewalError extends ChannelctlError {}

/** Expiries that differ by less count as the same. */
const MIN_EXTENSION_MS = 60 * 1000;

/**
 * Exchanges a token for a new one, and tries the new one with Meta. The old one stays valid.
 *
 * @throws RenewalError if the new token must not replace the old one
 */
export async function renewToken(
  token: string,
  stored: StoredToken,
  context: RenewalContext,
): Promise<NewToken> {
  const { owner, account, known } = stored;
  if (known?.renew === undefined) throw missingToken(stored);
  const renewed = await known.renew(token, {
    graph: await context.graph(),
    app: () => loadMetaApp(owner.channel, context),
    now: context.now(),
  });
  context.redactor.add(renewed.token);
  try {
    if (known.renewalMayKeepExpiry !== true) {
      await tryRenewed(renewed.token, stored, context);
      return renewed;
    }
    const [before, after] = await Promise.all([
      inspectExpiry(token, stored, context),
      inspectExpiry(renewed.token, stored, context, 'The new token is not valid.'),
    ]);
    if (!isExtended(before, after)) throw notExtended(known.renewCommand(account));
    return { token: renewed.token, expiresAt: after };
  } catch (error) {
    throw error instanceof ChannelctlError ? notStored(error) : error;
  }
}

/** Whether a token expires later than the previous one. Null means that it never expires. */
function isExtended(before: string | null, after: string | null): boolean {
  if (before === null || after === null) return after === null;
  return Date.parse(after) - Date.parse(before) >= MIN_EXTENSION_MS;
}

function notExtended(command: string): ChannelctlError {
  return new RenewalError('graph', 'The token was not renewed.', {
    reason: 'Meta returned a token with the same expiry.',
    hint: `To get a token with a later expiry, run: ${command}`,
  });
}

/** Adds to an error about the new token that the old one is still stored. */
function notStored(error: ChannelctlError): ChannelctlError {
  const { kind, message, reason, hint, graph, cause } = error;
  const isLocal = !['graph', 'not_allowed', 'usage'].includes(kind);
  if (isLocal || error instanceof RenewalError) return error;
  return new RenewalError(kind, message, {
    ...{ reason, graph, cause },
    hint: joinSentences(hint, 'The old token is still stored.'),
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
 * Inspects a token with its app's credentials. Returns its expiry in ISO 8601; null if it never
 * expires.
 *
 * @throws ChannelctlError `not_allowed` with the message if the token is invalid
 */
export async function inspectExpiry(
  token: string,
  { owner }: StoredToken,
  context: RenewalContext,
  message = 'The token is no longer valid.',
): Promise<string | null> {
  const app = await loadMetaApp(owner.channel, context);
  const clean = (text: string) => sanitize(text, context.redactor);
  const inspection = await inspectToken(await context.graph(), app, token, clean);
  const { is_valid, expires_at, error } = inspection;
  if (is_valid) return expires_at;
  throw new ChannelctlError('not_allowed', message, {
    reason: error?.message ?? 'Meta gave no reason.',
    graph: graphErrorOf(error ?? {}),
  });
}
