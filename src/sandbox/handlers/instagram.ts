import { checkInstagramAccess, checkValid } from '../graph/authenticate.ts';
import {
  codeExchangeError,
  invalidToken,
  missingPermission,
  tokenExchangeError,
  wrongInstagramSecret,
} from '../graph/errors.ts';
import type { SandboxState } from '../state/sandbox-state.ts';
import { type InstagramToken, requireToken } from '../state/token.ts';
import { checkNames, selectFields, splitNames } from './fields.ts';
import type { Handler } from './handler.ts';
import { renewToken } from './renewal.ts';
import { WEBHOOK_FIELDS } from './webhooks.ts';

const HOUR_MS = 60 * 60 * 1000;
const MIN_TOKEN_AGE_MS = 24 * HOUR_MS;
const LONG_LIVED_MS = 60 * 24 * HOUR_MS;
const COMMENTS = 'instagram_business_manage_comments';
const COMMENT_FIELDS: readonly string[] = ['comments', 'live_comments'];

export const getInstagramProfile: Handler<'getInstagramProfile'> = ({ parameters, token }) => {
  const { account } = requireToken('instagram', token);
  const { app_scoped_id, access_token, token_issued_at, token_expires_at, ...known } = account;
  const { subscribed_apps, tester_refusal, ...profile } = known;
  const node = { ...profile, id: app_scoped_id };
  const shown = selectFields(node, parameters.fields, 'User', ['user_id', 'username']);
  const { id, user_id } = node;
  return { ...shown, id, user_id };
};

/** @throws MetaError 100 (no field, or an unknown one), 200 (no permission for comments) */
export const subscribeInstagram: Handler<'subscribeInstagram'> = (call) => {
  const { account, app, scopes } = requireToken('instagram', call.token);
  const fields = splitNames(call.parameters.subscribed_fields);
  checkNames('subscribed_fields', fields, WEBHOOK_FIELDS.instagram);
  const needsComments = fields.some((field) => COMMENT_FIELDS.includes(field));
  if (needsComments && !scopes.includes(COMMENTS)) throw missingPermission(COMMENTS);
  call.state.instagram.subscriptions.get(account.user_id)?.set(app.id, [...new Set(fields)]);
  return { success: true };
};

export const listInstagramSubscriptions: Handler<'listInstagramSubscriptions'> = (call) => {
  const { account, app } = requireToken('instagram', call.token);
  const subscriptions = call.state.instagram.subscriptions.get(account.user_id) ?? new Map();
  return {
    data: [...subscriptions].map(([id, fields]) => ({
      id,
      name: id === app.id ? app.name : `App ${id}`,
      subscribed_fields: [...fields],
    })),
  };
};

/**
 * Exchanges a code for a token that expires after one hour. The seed specifies the format of the
 * response. Its `user_id` is the app-scoped ID, which differs from the `user_id` of `/me`.
 *
 * @throws MetaError if the app, the secret, the code or the redirect URI is wrong
 */
export const exchangeInstagramCode: Handler<'exchangeInstagramCode'> = ({ parameters, state }) => {
  const { app, codeAnswer } = state.instagram;
  if (parameters.client_id !== app.id) throw codeExchangeError('Invalid platform app');
  if (parameters.client_secret !== app.secret) {
    throw codeExchangeError('Error validating client secret.');
  }
  const code = state.findCode(parameters.code);
  if (code?.kind !== 'instagram') {
    throw codeExchangeError('Invalid authorization code');
  }
  if (code.isUsed) throw codeExchangeError('This authorization code has been used');
  if (code.expiresAt <= state.now()) throw codeExchangeError('This authorization code has expired');
  if (code.redirectUri !== parameters.redirect_uri) {
    throw codeExchangeError(
      'Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request',
    );
  }
  code.isUsed = true;
  const { account, scopes } = code;
  const expiresAt = state.now() + HOUR_MS;
  const token = { kind: 'instagram', app, account, scopes, isLongLived: false, expiresAt } as const;
  const answer = {
    access_token: state.issueToken(token),
    user_id: account.app_scoped_id,
    permissions: [...scopes],
  };
  return codeAnswer === 'plain' ? answer : { data: [answer] };
};

/**
 * Exchanges a short-lived token for one that expires after 60 days.
 *
 * @throws MetaError 190 (token), 100 (secret, role or permission), 452 (already long-lived)
 */
export const extendInstagramToken: Handler<'extendInstagramToken'> = ({ parameters, state }) => {
  if (parameters.client_secret !== state.instagram.app.secret) throw wrongInstagramSecret();
  const token = findValidToken(state, parameters.access_token);
  if (token.isLongLived) {
    throw tokenExchangeError(452, 'Session key invalid. The token is already long-lived.');
  }
  return longLived(state, token);
};

/**
 * Exchanges a long-lived token for a new one that expires after 60 days. The old one stays valid.
 *
 * @throws MetaError 190 (token), 100 (role or permission, short-lived, or less than 24 hours old)
 */
export const refreshInstagramToken: Handler<'refreshInstagramToken'> = ({ parameters, state }) => {
  const token = findValidToken(state, parameters.access_token);
  if (!token.isLongLived)
    throw tokenExchangeError(100, '(#100) Only long-lived tokens can be refreshed');
  if (state.now() - token.issuedAt < MIN_TOKEN_AGE_MS) {
    throw tokenExchangeError(
      100,
      '(#100) The access token must be at least 24 hours old to be refreshed',
    );
  }
  return renewToken(state, token);
};

function findValidToken(state: SandboxState, value: string): InstagramToken {
  const token = state.findToken(value);
  if (token?.kind !== 'instagram') {
    throw invalidToken('Invalid OAuth access token - Cannot parse access token');
  }
  checkValid(state, token);
  checkInstagramAccess(token, 'GET');
  return token;
}

function longLived(state: SandboxState, { app, account, scopes }: InstagramToken) {
  const expiresAt = state.now() + LONG_LIVED_MS;
  const token = { kind: 'instagram', app, account, scopes, isLongLived: true, expiresAt } as const;
  return {
    access_token: state.issueToken(token),
    token_type: 'bearer',
    expires_in: LONG_LIVED_MS / 1000,
  };
}
