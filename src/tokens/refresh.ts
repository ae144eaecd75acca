import { missingSecret } from '../accounts/missing-secret.ts';
import { ownerName, type SecretSources, secretVariable } from '../accounts/secrets.ts';
import type { NewToken } from '../channels/channel.ts';
import { metaApp } from '../channels/meta/app.ts';
import { loadCredentials } from '../channels/meta/credentials.ts';
import type { Graph } from '../graph/graph.ts';
import type { ProfileState, StoredConfig } from '../profile/types.ts';
import { ChannelctlError, type GraphFault } from '../shared/errors.ts';
import { fingerprint } from '../shared/fingerprint.ts';
import { type StoredToken, tokenOwner } from './stored-tokens.ts';

/** What became of one token. */
export interface Refreshed {
  channel: string;
  /** Null for a token of an integration. */
  account_key: string | null;
  field: string;
  refreshed: boolean;
  expires_at: string | null;
  error: { message: string; hint: string; graph: GraphFault | null } | null;
  /** Why it was left alone, where it was. */
  note: string | null;
}

interface RefreshContext extends SecretSources {
  graph(): Promise<Graph>;
  now(): Date;
}

/** Why a token is left alone. */
export function skipped(stored: StoredToken, note: string): Refreshed {
  return { ...untouched(stored), note };
}

/**
 * Gets a new token for one that expires, and puts it in its place once it is there. What fails for
 * one token is told in its result; a store that can't be used is thrown.
 */
export async function refresh(stored: StoredToken, context: RefreshContext): Promise<Refreshed> {
  try {
    const token = await readToken(stored, context);
    const fresh = await renewed(token, stored, context);
    const replaced = await replace(stored, token, fresh, context);
    if (!replaced) return skipped(stored, 'It was replaced or deleted in the meantime.');
    return { ...untouched(stored), refreshed: true, expires_at: fresh.expiresAt };
  } catch (error) {
    if (!isOfThisToken(error)) throw error;
    if (isNoMatter(error, stored)) return skipped(stored, 'It is younger than 24 hours.');
    return { ...untouched(stored), error: errorOf(error, stored) };
  }
}

/** A token whose end nobody knows is tried in case it is near: one that is new has time. */
function isNoMatter({ graph }: ChannelctlError, { known, expiresAt }: StoredToken): boolean {
  return expiresAt === null && graph !== null && known?.isTooYoung?.(graph) === true;
}

function untouched({ owner, account, field, expiresAt }: StoredToken): Refreshed {
  const account_key = account?.account_key ?? null;
  const outcome = { refreshed: false, expires_at: expiresAt, error: null, note: null };
  return { channel: owner.channel, account_key, field, ...outcome };
}

/** Puts a new token into the place of the old one; false where that is not there any more. */
function replace(
  stored: StoredToken,
  token: string,
  fresh: NewToken,
  context: RefreshContext,
): Promise<boolean> {
  return context.profile.change((draft, secrets) => {
    const holder = holderIn(draft, stored);
    // Somebody may have connected anew in the meantime: what they stored is newer.
    const old = holder?.secrets[stored.field];
    if (holder === undefined || old === undefined || old.item !== stored.ref?.item) return false;
    const ref = {
      ...secrets.put(ownerName(stored.owner), stored.field, fresh.token),
      renewed_from: old.renewed_from ?? fingerprint(token),
    };
    putToken(holder, stored, { ref, expiresAt: fresh.expiresAt });
    holder.updated_at = context.now().toISOString();
    return true;
  });
}

/** Reads the token that is to be replaced: from the store, because a variable can't be changed. */
async function readToken(stored: StoredToken, context: RefreshContext): Promise<string> {
  const { owner, account, field, ref } = stored;
  if (ref === null) throw inVariable(stored);
  const config = { config: {}, secrets: { [field]: ref } };
  const [credentials] = await loadCredentials(
    [{ owner: account ?? owner, stored: config }],
    context,
  );
  if (!credentials) throw missingToken(stored);
  return credentials.token;
}

async function renewed(
  token: string,
  stored: StoredToken,
  context: RefreshContext,
): Promise<NewToken> {
  const { owner, known } = stored;
  if (known?.renew === undefined) throw missingToken(stored);
  return known.renew(token, {
    graph: await context.graph(),
    app: () => metaApp(owner.channel, context),
    now: context.now(),
  });
}

function putToken(
  holder: StoredConfig,
  { field, known }: StoredToken,
  { ref, expiresAt }: { ref: StoredConfig['secrets'][string]; expiresAt: string | null },
): void {
  const key = known?.expiryKey;
  const inRef = key === undefined && expiresAt !== null;
  holder.secrets[field] = inRef ? { ...ref, expires_at: expiresAt } : ref;
  if (key === undefined) return;
  if (expiresAt === null) delete holder.config[key];
  else holder.config[key] = expiresAt;
}

function holderIn(draft: ProfileState, { owner, account }: StoredToken) {
  return account === null
    ? draft.integrations.find(({ channel }) => channel === owner.channel)
    : draft.accounts.find(({ id }) => id === account.id);
}

/** What Meta refuses for one token says nothing of the others, nor does a setting; a full disk does. */
function isOfThisToken(error: unknown): error is ChannelctlError {
  return error instanceof ChannelctlError && ['graph', 'not_allowed', 'usage'].includes(error.kind);
}

function errorOf(error: ChannelctlError, { known, account }: StoredToken): Refreshed['error'] {
  const isDead = error.kind === 'not_allowed' && error.graph !== null && known !== null;
  return {
    message: error.description,
    hint: isDead
      ? `The token can't be renewed any more: ${known.renewCommand(account)}`
      : error.hint,
    graph: error.graph,
  };
}

function inVariable(stored: StoredToken): ChannelctlError {
  const variable = secretVariable(stored.account ?? stored.owner, stored.field);
  return new ChannelctlError(
    'usage',
    `${stored.field} of ${tokenOwner(stored)} was not refreshed.`,
    {
      reason: `The variable ${variable} holds it, and channelctl can't change that.`,
      hint: `Put a new token into ${variable}, or unset it and store one.`,
    },
  );
}

function missingToken(stored: StoredToken): ChannelctlError {
  const command = stored.known?.renewCommand(stored.account) ?? '';
  return missingSecret(stored.account ?? stored.owner, [stored.field], command);
}
