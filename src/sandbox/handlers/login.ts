import {
  expiredToken,
  invalidAppId,
  invalidCode,
  invalidToken,
  redirectUriMismatch,
  usedCode,
  wrongAppSecret,
  wrongTokenKind,
} from '../graph/errors.ts';
import type { App } from '../state/apps.ts';
import type { SandboxState } from '../state/sandbox-state.ts';
import { type Code, isSystemUser, type SystemUser, type Token } from '../state/token.ts';
import type { Handler } from './handler.ts';
import { renewToken } from './renewal.ts';

const HOUR_SECONDS = 60 * 60;
const LONG_LIVED_SECONDS = 60 * 24 * HOUR_SECONDS;

/**
 * Exchanges a code for a short-lived user token, which expires after one to two hours, or for the
 * token of a system user.
 *
 * @throws MetaError 101 (app), 1 (secret), 100/36007 or 100/36009 (code), 100/36008 (redirect URI)
 */
export const exchangeLoginCode: Handler<'exchangeLoginCode'> = ({ parameters, state }) => {
  const app = authenticateApp(state, parameters.client_id, parameters.client_secret);
  const code = findValidCode(state, 'login', parameters.code, app.id);
  if (code.redirectUri !== parameters.redirect_uri) throw redirectUriMismatch();
  code.isUsed = true;
  const { person, scopes } = code;
  if (isSystemUser(person)) return systemUserToken(state, app, person, scopes);
  const seconds = HOUR_SECONDS + state.randomBelow(HOUR_SECONDS);
  return tokenResponse(
    state.issueToken({
      kind: 'user',
      app,
      person,
      scopes,
      isLongLived: false,
      expiresAt: state.now() + seconds * 1000,
    }),
    seconds,
  );
};

function systemUserToken(
  state: SandboxState,
  app: App,
  person: SystemUser,
  scopes: readonly string[],
) {
  const seconds = person.hasExpiringTokens ? LONG_LIVED_SECONDS : null;
  const access_token = state.issueToken({
    kind: 'user',
    app,
    person,
    scopes,
    isLongLived: seconds === null,
    expiresAt: seconds === null ? null : state.now() + seconds * 1000,
  });
  return seconds === null
    ? { access_token, token_type: 'bearer' }
    : tokenResponse(access_token, seconds);
}

/**
 * Exchanges a valid user token for a long-lived one, which expires after 60 days. The expiry of a
 * token that is already long-lived stays the same, unless the seed specifies otherwise.
 *
 * @throws MetaError 101 (app), 1 (secret), 190 (token)
 */
export const extendUserToken: Handler<'extendUserToken'> = ({ parameters, state }) => {
  const app = authenticateApp(state, parameters.client_id, parameters.client_secret);
  const token = state.findToken(parameters.fb_exchange_token);
  if (token?.kind !== 'user') {
    throw invalidToken('Invalid OAuth access token - Cannot parse access token');
  }
  if (isSystemUser(token.person)) throw wrongTokenKind('User');
  checkExchangeable(token, app, state);
  if (token.isLongLived) return renewToken(state, token);
  const expiresAt = state.now() + LONG_LIVED_SECONDS * 1000;
  const { person, scopes } = token;
  return tokenResponse(
    state.issueToken({ kind: 'user', app, person, scopes, isLongLived: true, expiresAt }),
    LONG_LIVED_SECONDS,
  );
};

/**
 * Exchanges an Embedded Signup code for a business token. The seed determines whether the token
 * expires; if it does not, the response has no `expires_in`.
 *
 * @throws MetaError 101 (app), 1 (secret), 100/36007, 100/36008 or 100/36009 (code)
 */
export const exchangeSignupCode: Handler<'exchangeSignupCode'> = ({ parameters, state }) => {
  const app = authenticateApp(state, parameters.client_id, parameters.client_secret);
  const code = findValidCode(state, 'signup', parameters.code, app.id);
  code.isUsed = true;
  const { signupGrantsAll, signupTokensExpire, wabas } = state.whatsapp;
  const seconds = signupTokensExpire ? LONG_LIVED_SECONDS : null;
  const access_token = state.issueToken({
    kind: 'business',
    app,
    wabas: new Set([code.waba, ...(signupGrantsAll ? wabas.keys() : [])]),
    scopes: state.whatsapp.permissions,
    expiresAt: seconds === null ? null : state.now() + seconds * 1000,
  });
  return seconds === null
    ? { access_token, token_type: 'bearer' }
    : tokenResponse(access_token, seconds);
};

/**
 * Exchanges a valid token of a system user for one that expires after 60 days.
 *
 * @throws MetaError 101 (app), 1 (secret), 190 (token)
 */
export const renewBusinessToken: Handler<'renewBusinessToken'> = ({ parameters, state }) => {
  const app = authenticateApp(state, parameters.client_id, parameters.client_secret);
  const token = state.findToken(parameters.fb_exchange_token);
  if (token?.kind === 'user' && isSystemUser(token.person)) {
    checkExchangeable(token, app, state);
    const person = { ...token.person, hasExpiringTokens: true };
    return systemUserToken(state, app, person, token.scopes);
  }
  if (token?.kind !== 'business') {
    throw invalidToken('Invalid OAuth access token - Cannot parse access token');
  }
  checkExchangeable(token, app, state);
  return renewToken(state, token);
};

function checkExchangeable(token: Token, app: App, state: SandboxState): void {
  if (token.app.id !== app.id) {
    throw invalidToken('Error validating access token: It was issued to another application.');
  }
  if (token.expiresAt !== null && token.expiresAt <= state.now()) {
    throw expiredToken(token.expiresAt, state.now());
  }
}

function authenticateApp(state: SandboxState, id: string, secret: string): App {
  const app = state.apps.get(id);
  if (app === undefined) throw invalidAppId();
  if (app.secret !== secret) throw wrongAppSecret();
  return app;
}

function tokenResponse(access_token: string, expires_in: number) {
  return { access_token, token_type: 'bearer', expires_in };
}

function isOfKind<Kind extends Code['kind']>(
  kind: Kind,
  code: Code,
): code is Extract<Code, { kind: Kind }> {
  return code.kind === kind;
}

/**
 * Finds an unused, unexpired code of this kind for this app.
 *
 * @throws MetaError 100/36007 if there is no such code or it has expired, 100/36008 if it is of
 *   another kind, 100/36009 if it was used
 */
function findValidCode<Kind extends Code['kind']>(
  state: SandboxState,
  kind: Kind,
  value: string,
  appId: string,
): Extract<Code, { kind: Kind }> {
  const code = state.findCode(value);
  if (code === undefined || code.app.id !== appId) {
    throw invalidCode('Invalid verification code format.');
  }
  // A Facebook Login code is bound to a redirect URI; an Embedded Signup code is not.
  if (!isOfKind(kind, code)) throw redirectUriMismatch();
  if (code.isUsed) throw usedCode();
  if (code.expiresAt <= state.now()) throw invalidCode('This authorization code has expired.');
  return code;
}
