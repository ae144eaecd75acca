import { ownerName, secretVariable } from '../accounts/secrets.ts';
import type { NewToken } from '../channels/channel.ts';
import { loadCredentials } from '../channels/meta/credentials.ts';
import { isSameValue } from '../profile/secret-refs.ts';
import type { ProfileState, StoredConfig } from '../profile/types.ts';
import { ChannelctlError, type GraphErrorBody } from '../shared/errors.ts';
import { fingerprint } from '../shared/hashes.ts';
import { inspectExpiry, type RenewalContext, renewToken } from './renewal.ts';
import { missingToken, putExpiry, type StoredToken, tokenOwner } from './stored-tokens.ts';

export interface RefreshResult {
  channel: string;
  /** Null for a token of an integration. */
  account_key: string | null;
  field: string;
  refreshed: boolean;
  expires_at: string | null;
  error: { message: string; hint: string; graph: GraphErrorBody | null } | null;
  /** The reason for skipping the token; null if it was not skipped. */
  note: string | null;
}

export function skippedResult(stored: StoredToken, note: string): RefreshResult {
  return { ...untouched(stored), note };
}

/**
 * Replaces an expiring token with a new one that Meta accepts. If the expiry of a token is unknown
 * and the token might never expire, the token is inspected first. An error that concerns only this
 * token is part of the result.
 *
 * @param end milliseconds since the epoch; a token that expires later is not replaced. If null, the
 *   token is replaced even if it expires much later.
 * @throws ChannelctlError if the store cannot be used
 */
export async function refreshToken(
  stored: StoredToken,
  end: number | null,
  context: RenewalContext,
): Promise<RefreshResult> {
  try {
    if (stored.expiresAt !== null || stored.known?.mayNotExpire !== true) {
      return await renewAndStore(stored, context);
    }
    const expiry = await inspectExpiry(await loadToken(stored, context), stored, context);
    if (expiry === null) {
      return skippedResult(stored, 'Meta does not report when the token expires.');
    }
    const { expiresAt } = expiry;
    if (expiresAt === null) return skippedResult(stored, 'The token does not expire.');
    const inspected = { ...stored, expiresAt };
    if (end === null || Date.parse(expiresAt) <= end)
      return await renewAndStore(inspected, context);
    await storeExpiry(stored, expiresAt, context);
    return skippedResult(inspected, 'The token does not expire within the specified time.');
  } catch (error) {
    if (!isOfThisToken(error)) throw error;
    if (isTooYoung(error, stored))
      return skippedResult(stored, 'The token is less than 24 hours old.');
    return { ...untouched(stored), error: errorOf(error) };
  }
}

async function renewAndStore(stored: StoredToken, context: RenewalContext): Promise<RefreshResult> {
  if (stored.ref === null) throw tokenInVariable(stored);
  const token = await loadToken(stored, context);
  const renewed = await renewToken(token, stored, context);
  const replaced = await replace(stored, token, renewed, context);
  if (!replaced) return skippedResult(stored, 'The token was replaced or deleted in the meantime.');
  return { ...untouched(stored), refreshed: true, expires_at: renewed.expiresAt };
}

/**
 * Whether to skip the token because it is less than 24 hours old. If its expiry is known, Meta's
 * rejection is reported as an error instead.
 */
function isTooYoung({ graph }: ChannelctlError, { known, expiresAt }: StoredToken): boolean {
  return expiresAt === null && graph !== null && known?.isTooYoung?.(graph) === true;
}

function untouched({ owner, account, field, expiresAt }: StoredToken): RefreshResult {
  const account_key = account?.account_key ?? null;
  const outcome = { refreshed: false, expires_at: expiresAt, error: null, note: null };
  return { channel: owner.channel, account_key, field, ...outcome };
}

function replace(
  stored: StoredToken,
  token: string,
  renewed: NewToken,
  context: RenewalContext,
): Promise<boolean> {
  return context.profile.change((draft, secrets) => {
    const owner = ownerIn(draft, stored);
    // A sign-in may have stored a newer token in the meantime.
    const old = owner?.secrets[stored.field];
    if (owner === undefined || old === undefined || !isSameValue(old, stored.ref)) return false;
    const ref = {
      ...secrets.put(ownerName(stored.owner), stored.field, renewed.token),
      renewed_from: old.renewed_from ?? fingerprint(token),
    };
    putToken(owner, stored, { ref, expiresAt: renewed.expiresAt });
    owner.updated_at = context.now().toISOString();
    return true;
  });
}

async function loadToken(stored: StoredToken, context: RenewalContext): Promise<string> {
  const { owner, account, field, ref } = stored;
  const config = { config: {}, secrets: ref === null ? {} : { [field]: ref } };
  const [credentials] = await loadCredentials(
    [{ owner: account ?? owner, stored: config }],
    context,
  );
  if (!credentials) throw missingToken(stored);
  return credentials.token;
}

async function storeExpiry(
  stored: StoredToken,
  expiresAt: string,
  { profile }: RenewalContext,
): Promise<void> {
  await profile.change((draft) => {
    const owner = ownerIn(draft, stored);
    const ref = owner?.secrets[stored.field];
    if (owner === undefined || ref === undefined || !isSameValue(ref, stored.ref)) return;
    putExpiry(owner, stored, expiresAt);
  });
}

function putToken(
  owner: StoredConfig,
  stored: StoredToken,
  { ref, expiresAt }: { ref: StoredConfig['secrets'][string]; expiresAt: string | null },
): void {
  owner.secrets[stored.field] = ref;
  putExpiry(owner, stored, expiresAt);
}

function ownerIn(draft: ProfileState, { owner, account }: StoredToken) {
  return account === null
    ? draft.integrations.find(({ channel }) => channel === owner.channel)
    : draft.accounts.find(({ id }) => id === account.id);
}

/** Whether the error concerns only this token, unlike a full disk, which affects all of them. */
function isOfThisToken(error: unknown): error is ChannelctlError {
  if (!(error instanceof ChannelctlError)) return false;
  return error.isLocal || ['graph', 'not_allowed', 'usage'].includes(error.kind);
}

function errorOf({ description, hint, graph }: ChannelctlError): RefreshResult['error'] {
  return { message: description, hint, graph };
}

function tokenInVariable(stored: StoredToken): ChannelctlError {
  const variable = secretVariable(stored.account ?? stored.owner, stored.field);
  return new ChannelctlError(
    'usage',
    `The ${stored.field} of ${tokenOwner(stored)} cannot be refreshed.`,
    {
      reason: `It is in the variable ${variable}, which channelctl cannot change.`,
      hint: `Set ${variable} to a new token, or unset it and store the token.`,
    },
  );
}
