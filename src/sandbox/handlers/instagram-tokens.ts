import { expiredToken, invalidToken, missingPermission, wrongAppSecret } from '../graph/errors.ts';
import { exchangeRefused, tokenUnfit } from '../graph/errors-instagram.ts';
import type { World } from '../state/sandbox-state.ts';
import type { InstagramToken } from '../state/token.ts';
import type { Handler } from './handler.ts';

const HOUR_MS = 60 * 60 * 1000;
const YOUNGEST_MS = 24 * HOUR_MS;
const LONG_LIVED_MS = 60 * 24 * HOUR_MS;
const BASIC = 'instagram_business_basic';

/**
 * Code of the authorization page to a token of one hour, in the form that the seed chooses. Its
 * `user_id` is the app-scoped id, which is not that of `/me`.
 */
export const exchangeInstagramCode: Handler<'exchangeInstagramCode'> = ({ parameters, world }) => {
  const { app, codeAnswer } = world.instagram;
  if (parameters.client_id !== app.id) throw exchangeRefused('Invalid platform app');
  if (parameters.client_secret !== app.secret) {
    throw exchangeRefused('Error validating client secret.');
  }
  const code = world.code(parameters.code);
  if (code?.kind !== 'instagram') {
    throw exchangeRefused('Invalid authorization code');
  }
  if (code.isUsed) throw exchangeRefused('This authorization code has been used');
  if (code.expiresAt <= world.now()) throw exchangeRefused('This authorization code has expired');
  if (code.redirectUri !== parameters.redirect_uri) {
    throw exchangeRefused(
      'Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request',
    );
  }
  code.isUsed = true;
  const { account, scopes } = code;
  const expiresAt = world.now() + HOUR_MS;
  const token = { kind: 'instagram', app, account, scopes, isLongLived: false, expiresAt } as const;
  const answer = {
    access_token: world.issue(token),
    user_id: account.app_scoped_id,
    permissions: [...scopes],
  };
  return codeAnswer === 'plain' ? answer : { data: [answer] };
};

/**
 * A token of one hour to one of 60 days.
 *
 * @throws Refusal 1 (secret), 190 (token), 200 (permission), 452 (long-lived already)
 */
export const extendInstagramToken: Handler<'extendInstagramToken'> = ({ parameters, world }) => {
  if (parameters.client_secret !== world.instagram.app.secret) throw wrongAppSecret();
  const token = livingToken(world, parameters.access_token);
  if (token.isLongLived) {
    throw tokenUnfit(452, 'Session key invalid. The token is a long-lived one already.');
  }
  return longLived(world, token);
};

/**
 * 60 more days for a long-lived token; the old one stays good.
 *
 * @throws Refusal 190 (token), 200 (permission), 100 (short-lived, or younger than 24 hours)
 */
export const refreshInstagramToken: Handler<'refreshInstagramToken'> = ({ parameters, world }) => {
  const token = livingToken(world, parameters.access_token);
  if (!token.isLongLived) throw tokenUnfit(100, '(#100) Only long-lived tokens can be refreshed');
  if (world.now() - token.issuedAt < YOUNGEST_MS) {
    throw tokenUnfit(100, '(#100) The access token must be at least 24 hours old to be refreshed');
  }
  return longLived(world, token);
};

function livingToken(world: World, value: string): InstagramToken {
  const token = world.token(value);
  if (token?.kind !== 'instagram') {
    throw invalidToken('Invalid OAuth access token - Cannot parse access token');
  }
  if (token.expiresAt !== null && token.expiresAt <= world.now()) {
    throw expiredToken(token.expiresAt, world.now());
  }
  if (!token.scopes.includes(BASIC)) throw missingPermission(BASIC);
  return token;
}

function longLived(world: World, { app, account, scopes }: InstagramToken) {
  const expiresAt = world.now() + LONG_LIVED_MS;
  const token = { kind: 'instagram', app, account, scopes, isLongLived: true, expiresAt } as const;
  return {
    access_token: world.issue(token),
    token_type: 'bearer',
    expires_in: LONG_LIVED_MS / 1000,
  };
}
