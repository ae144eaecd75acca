import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Operation } from '../../graph/operations/operation.ts';
import type { HttpRequest } from '../http/http.ts';
import type { SandboxState } from '../state/sandbox-state.ts';
import type { InstagramToken, Token } from '../state/token.ts';
import {
  appTokenRequired,
  expiredInstagramToken,
  expiredToken,
  invalidAppsecretProof,
  invalidParameter,
  invalidToken,
  missingBusinessPermission,
  missingPermission,
  missingToken,
  pageTokenRequired,
  unknownApp,
  unsupportedMethod,
  wrongSignature,
  wrongTokenKind,
} from './errors.ts';
import type { RequestParameters } from './parameters.ts';

export function credentialParameters(operation: Operation): readonly string[] {
  if (operation.token === 'none') return [];
  return operation.service === 'graph' ? ['access_token', 'appsecret_proof'] : ['access_token'];
}

/**
 * Finds the token of a request and checks its expiry and `appsecret_proof`. `authorize` checks its
 * permissions later, once the objects of the request are known to exist.
 *
 * @throws MetaError 104 or 2500 (no token), 190 (token), 101 (app), 100 (proof)
 */
export function authenticate(
  state: SandboxState,
  operation: Operation,
  request: HttpRequest,
  received: RequestParameters,
): Token | null {
  if (operation.token === 'none') return null;
  const value = requestToken(request, received);
  if (value === null) throw missingToken(request.path);
  const token = state.findToken(value);
  if (token?.kind === 'app') checkMetaApp(state, token);
  if (token === undefined && isAppTokenOf(state, value)) throw wrongSignature();
  if (token === undefined || !isReadableBy(operation, token)) {
    throw invalidToken('Invalid OAuth access token - Cannot parse access token');
  }
  checkValid(state, token);
  if (operation.service === 'graph') checkProof(token, received.get('appsecret_proof'));
  return token;
}

/**
 * Checks that the operation accepts this kind of token, and that the token has the required
 * permission.
 *
 * @throws MetaError 100 or 190 (kind), 100, 200 or 230 (permission)
 */
export function authorize(operation: Operation, token: Token): void {
  checkKind(operation, token);
  if (token.kind === 'instagram') checkInstagramAccess(token, operation.method);
  const { permission } = operation;
  if (permission === null || token.scopes.includes(permission)) return;
  throw token.kind === 'business' ? missingBusinessPermission() : missingPermission(permission);
}

/** @throws MetaError 100 if the account has no role on the app or did not grant basic access */
export function checkInstagramAccess({ account, scopes }: InstagramToken, method: string): void {
  const hasRole = account.tester_refusal !== 'calls';
  if (!hasRole || !scopes.includes(INSTAGRAM_BASIC)) throw unsupportedMethod(method);
}

const INSTAGRAM_BASIC = 'instagram_business_basic';

export function acceptsToken(
  { token: accepted, alsoTakes = [] }: Operation,
  { kind }: Token,
): boolean {
  return accepted === kind || alsoTakes.includes(kind);
}

/** Instagram's API does not recognize Facebook's tokens, and vice versa. */
function isReadableBy({ service }: Operation, token: Token): boolean {
  return (service === 'instagram_graph') === (token.kind === 'instagram');
}

export function requestToken(request: HttpRequest, received: RequestParameters): string | null {
  const parameter = received.get('access_token');
  if (typeof parameter === 'string') return parameter;
  const header = request.headers.authorization ?? '';
  return /^(?:Bearer|OAuth) +(.+)$/i.exec(header)?.[1]?.trim() ?? null;
}

/** @throws MetaError 190/463 (expired) or 190/492 (no role on the Page) */
export function checkValid(state: SandboxState, token: Token): void {
  if (token.expiresAt !== null && token.expiresAt <= state.now()) {
    const error = token.kind === 'instagram' ? expiredInstagramToken : expiredToken;
    throw error(token.expiresAt, state.now());
  }
  if (token.kind === 'page' && !token.person.roles.has(token.page.id)) {
    throw invalidToken(
      'Error validating access token: The user must be an administrator, editor, or moderator of the page in order to impersonate it.',
      492,
    );
  }
}

function isAppTokenOf({ apps }: SandboxState, value: string): boolean {
  const [id = '', secret, ...rest] = value.split('|');
  return secret !== undefined && rest.length === 0 && apps.has(id);
}

function checkMetaApp({ instagram }: SandboxState, { app }: Token): void {
  if (app.id === instagram.app.id) throw unknownApp(instagram.appTokenError);
}

function checkProof({ app, value }: Token, proof: unknown): void {
  if (proof === undefined) {
    if (app.require_proof) throw invalidAppsecretProof(false);
    return;
  }
  const expected = Buffer.from(createHmac('sha256', app.secret).update(value).digest('hex'));
  const received = Buffer.from(String(proof));
  if (received.length !== expected.length || !timingSafeEqual(received, expected))
    throw invalidAppsecretProof(true);
}

function checkKind(operation: Operation, token: Token): void {
  if (acceptsToken(operation, token)) return;
  const [, self, edge] = operation.path.split('/');
  if (operation.token === 'user' && token.kind === 'page' && self === 'me' && edge !== undefined) {
    throw invalidParameter(`Tried accessing nonexisting field (${edge}) on node type (Page)`);
  }
  if (edge === 'subscriptions') throw appTokenRequired();
  if (operation.token === 'page' && edge === 'subscribed_apps') throw pageTokenRequired();
  throw wrongTokenKind(capitalized(operation.token));
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
