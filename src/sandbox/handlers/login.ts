import {
  expiredToken,
  invalidToken,
  redirectDiffers,
  unknownApp,
  wrongAppSecret,
} from '../graph/errors.ts';
import type { App } from '../state/entities.ts';
import type { World } from '../state/sandbox-state.ts';
import { livingCode } from './codes.ts';
import type { Handler } from './handler.ts';

/** What Embedded Signup grants. */
export const BUSINESS_SCOPES = ['whatsapp_business_management', 'whatsapp_business_messaging'];

const HOUR_SECONDS = 60 * 60;
const LONG_LIVED_SECONDS = 60 * 24 * HOUR_SECONDS;

/**
 * Code to short-lived user token, which lives one to two hours.
 *
 * @throws Refusal 101 (app), 1 (secret), 100/36007 (code), 100/36008 (redirect address)
 */
export const exchangeLoginCode: Handler<'exchangeLoginCode'> = ({ parameters, world }) => {
  const app = provenApp(world, parameters.client_id, parameters.client_secret);
  const code = livingCode(world, 'login', parameters.code, app.id);
  if (code.redirectUri !== parameters.redirect_uri) throw redirectDiffers();
  code.isUsed = true;
  const seconds = HOUR_SECONDS + world.below(HOUR_SECONDS);
  const { person, scopes } = code;
  return tokenAnswer(
    world.issue({
      kind: 'user',
      app,
      person,
      scopes,
      isLongLived: false,
      expiresAt: world.now() + seconds * 1000,
    }),
    seconds,
  );
};

/**
 * A living user token to a long-lived one, which lives 60 days.
 *
 * @throws Refusal 101 (app), 1 (secret), 190 (token)
 */
export const extendUserToken: Handler<'extendUserToken'> = ({ parameters, world }) => {
  const app = provenApp(world, parameters.client_id, parameters.client_secret);
  const token = world.token(parameters.fb_exchange_token);
  if (token?.kind !== 'user') {
    throw invalidToken('Invalid OAuth access token - Cannot parse access token');
  }
  if (token.app.id !== app.id) {
    throw invalidToken('Error validating access token: It was issued to another application.');
  }
  if (token.expiresAt !== null && token.expiresAt <= world.now()) {
    throw expiredToken(token.expiresAt, world.now());
  }
  const expiresAt = world.now() + LONG_LIVED_SECONDS * 1000;
  const { person, scopes } = token;
  return tokenAnswer(
    world.issue({ kind: 'user', app, person, scopes, isLongLived: true, expiresAt }),
    LONG_LIVED_SECONDS,
  );
};

/**
 * Code of Embedded Signup to a business token, which does not expire.
 *
 * @throws Refusal 101 (app), 1 (secret), 100/36007 (code)
 */
export const exchangeSignupCode: Handler<'exchangeSignupCode'> = ({ parameters, world }) => {
  const app = provenApp(world, parameters.client_id, parameters.client_secret);
  const code = livingCode(world, 'signup', parameters.code, app.id);
  code.isUsed = true;
  const access_token = world.issue({
    kind: 'business',
    app,
    wabas: new Set([code.waba]),
    scopes: BUSINESS_SCOPES,
    expiresAt: null,
  });
  return { access_token, token_type: 'bearer' };
};

function provenApp(world: World, id: string, secret: string): App {
  const app = world.apps.get(id);
  if (app === undefined) throw unknownApp();
  if (app.secret !== secret) throw wrongAppSecret();
  return app;
}

function tokenAnswer(access_token: string, expires_in: number) {
  return { access_token, token_type: 'bearer', expires_in };
}
