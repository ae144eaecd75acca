import type { SandboxState } from '../state/sandbox-state.ts';
import type { BusinessToken, InstagramToken, UserToken } from '../state/token.ts';

type RenewableToken = UserToken | BusinessToken | InstagramToken;

const LONG_LIVED_MS = 60 * 24 * 60 * 60 * 1000;

/**
 * Issues the token that replaces an expiring one, as the seed specifies. The old token stays valid.
 */
export function renewToken(state: SandboxState, old: RenewableToken) {
  const outcome = state.renewals[old.kind];
  const now = state.now();
  const expiresAt = outcome === 'same_expiry' ? old.expiresAt : now + LONG_LIVED_MS;
  const owned = outcome === 'other_account' ? withOtherOwner(state, old) : old;
  const issued = state.issueToken({ ...owned, issuedAt: now, expiresAt });
  return {
    // A token without its last character is not valid.
    access_token: outcome === 'invalid' ? issued.slice(0, -1) : issued,
    token_type: 'bearer',
    ...(expiresAt !== null && { expires_in: Math.floor((expiresAt - now) / 1000) }),
  };
}

function withOtherOwner(state: SandboxState, token: RenewableToken): RenewableToken {
  if (token.kind === 'business') {
    const others = [...state.whatsapp.wabas.keys()].filter((id) => !token.wabas.has(id));
    return { ...token, wabas: new Set(others) };
  }
  if (token.kind === 'instagram') {
    const accounts = [...state.instagram.accounts.values()];
    const other = accounts.find(({ user_id }) => user_id !== token.account.user_id);
    return { ...token, account: other ?? token.account };
  }
  return token;
}
