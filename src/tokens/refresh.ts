import { missingSecret } from '../accounts/missing-secret.ts';
import { ownerName, readSecrets, type SecretSources, secretVariable } from '../accounts/secrets.ts';
import type { NewToken } from '../channels/channel.ts';
import { metaApp } from '../channels/meta/app.ts';
import type { Graph } from '../graph/graph.ts';
import type { ProfileState, StoredConfig } from '../profile/types.ts';
import { ChannelctlError, type GraphFault } from '../shared/errors.ts';
import { fingerprint } from '../shared/fingerprint.ts';
import { type HeldToken, tokenOwner } from './stored-tokens.ts';

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
export function leftAlone(held: HeldToken, note: string): Refreshed {
  return { ...untouched(held), note };
}

/**
 * Gets a new token for one that expires, and puts it in its place once it is there. What fails for
 * one token is told in its result; a store that can't be used is thrown.
 */
export async function refresh(held: HeldToken, world: RefreshContext): Promise<Refreshed> {
  try {
    const token = await tokenNow(held, world);
    const fresh = await renewed(token, held, world);
    const replaced = await replace(held, token, fresh, world);
    if (!replaced) return leftAlone(held, 'It was replaced or deleted in the meantime.');
    return { ...untouched(held), refreshed: true, expires_at: fresh.expiresAt };
  } catch (error) {
    if (!isOfThisToken(error)) throw error;
    if (isNoMatter(error, held)) return leftAlone(held, 'It is younger than 24 hours.');
    return { ...untouched(held), error: told(error, held) };
  }
}

/** A token whose end nobody knows is tried in case it is near: one that is new has time. */
function isNoMatter({ graph }: ChannelctlError, { known, expiresAt }: HeldToken): boolean {
  return expiresAt === null && graph !== null && known?.isTooYoung?.(graph) === true;
}

function untouched({ owner, account, field, expiresAt }: HeldToken): Refreshed {
  const account_key = account?.account_key ?? null;
  const outcome = { refreshed: false, expires_at: expiresAt, error: null, note: null };
  return { channel: owner.channel, account_key, field, ...outcome };
}

/** Puts a new token into the place of the old one; false where that is not there any more. */
function replace(
  held: HeldToken,
  token: string,
  fresh: NewToken,
  world: RefreshContext,
): Promise<boolean> {
  return world.profile.change((draft, secrets) => {
    const holder = holderIn(draft, held);
    // Somebody may have connected anew in the meantime: what they stored is newer.
    const old = holder?.secrets[held.field];
    if (holder === undefined || old === undefined || old.item !== held.mark?.item) return false;
    const mark = {
      ...secrets.put(ownerName(held.owner), held.field, fresh.token),
      renewed_from: old.renewed_from ?? fingerprint(token),
    };
    putToken(holder, held, { mark, expiresAt: fresh.expiresAt });
    holder.updated_at = world.now().toISOString();
    return true;
  });
}

async function tokenNow(held: HeldToken, world: RefreshContext): Promise<string> {
  const { owner, account, field, mark } = held;
  if (mark === null) throw keptInVariable(held);
  const stored = { config: {}, secrets: { [field]: mark } };
  const secrets = await readSecrets(world.env, world.profile, account ?? owner, stored, [field]);
  const token = secrets.get(field);
  if (token === undefined) throw missingToken(held);
  return token;
}

async function renewed(token: string, held: HeldToken, world: RefreshContext): Promise<NewToken> {
  const { owner, known } = held;
  if (known?.renew === undefined) throw missingToken(held);
  return known.renew(token, {
    graph: await world.graph(),
    app: () => metaApp(owner.channel, world),
    now: world.now(),
  });
}

function putToken(
  holder: StoredConfig,
  { field, known }: HeldToken,
  { mark, expiresAt }: { mark: StoredConfig['secrets'][string]; expiresAt: string | null },
): void {
  const key = known?.expiryKey;
  const inMark = key === undefined && expiresAt !== null;
  holder.secrets[field] = inMark ? { ...mark, expires_at: expiresAt } : mark;
  if (key === undefined) return;
  if (expiresAt === null) delete holder.config[key];
  else holder.config[key] = expiresAt;
}

function holderIn(draft: ProfileState, { owner, account }: HeldToken) {
  return account === null
    ? draft.integrations.find(({ channel }) => channel === owner.channel)
    : draft.accounts.find(({ id }) => id === account.id);
}

/** What Meta refuses for one token says nothing of the others, nor does a setting; a full disk does. */
function isOfThisToken(error: unknown): error is ChannelctlError {
  return error instanceof ChannelctlError && ['graph', 'not_allowed', 'usage'].includes(error.kind);
}

function told(error: ChannelctlError, { known, account }: HeldToken): Refreshed['error'] {
  const isDead = error.kind === 'not_allowed' && error.graph !== null && known !== null;
  return {
    message: error.description,
    hint: isDead
      ? `The token can't be renewed any more: ${known.renewCommand(account)}`
      : error.hint,
    graph: error.graph,
  };
}

function keptInVariable(held: HeldToken): ChannelctlError {
  const variable = secretVariable(held.account ?? held.owner, held.field);
  return new ChannelctlError('usage', `${held.field} of ${tokenOwner(held)} was not refreshed.`, {
    reason: `The variable ${variable} holds it, and channelctl can't change that.`,
    hint: `Put a new token into ${variable}, or unset it and store one.`,
  });
}

function missingToken(held: HeldToken): ChannelctlError {
  const command = held.known?.renewCommand(held.account) ?? '';
  return missingSecret(held.account ?? held.owner, [held.field], command);
}
