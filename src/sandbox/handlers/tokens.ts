import {
  expiryMessage,
  invalidParameter,
  unsupportedRequest,
  wrongTokenKind,
} from '../graph/errors.ts';
import type { SandboxState } from '../state/sandbox-state.ts';
import { isSystemUser, ownerIdOf, requireToken, SYSTEM_USER, type Token } from '../state/token.ts';
import { selectFields } from './fields.ts';
import type { Handler } from './handler.ts';

/**
 * Meta ends data access 90 days after the user last signed in; the sandbox counts from the issue of
 * the token.
 */
const DATA_ACCESS_MS = 90 * 24 * 60 * 60 * 1000;

const TYPES: Readonly<Record<Token['kind'], string>> = {
  user: 'USER',
  page: 'PAGE',
  business: 'SYSTEM_USER',
  instagram: 'USER',
  app: 'APP',
};

/**
 * Describes a token of the calling app, or an Instagram token of any app. The call succeeds even
 * if the token is unknown, and reports it as invalid.
 *
 * @throws MetaError 100 if the token belongs to another app and is not an Instagram token
 */
export const debugToken: Handler<'debugToken'> = ({ parameters, token, state }) => {
  const viewer = requireToken('app', token);
  const inspected = state.findToken(parameters.input_token);
  if (inspected === undefined) {
    const error = { code: 190, message: 'Invalid OAuth access token.' };
    return { data: { error, is_valid: false, scopes: [] } };
  }
  if (inspected.app.id !== viewer.app.id && inspected.kind !== 'instagram') {
    throw invalidParameter('The App_id in the input_token did not match the Viewing App');
  }
  const error = tokenErrorOf(state, inspected);
  return {
    data: {
      app_id: inspected.app.id,
      type: isOfSystemUser(inspected) ? 'SYSTEM_USER' : TYPES[inspected.kind],
      application: inspected.app.name,
      ...(inspected.kind !== 'app' && timestampsOf(inspected)),
      is_valid: error === null,
      scopes: [...inspected.scopes],
      granular_scopes: inspected.scopes.map((scope) => granularScope(state, inspected, scope)),
      ...ownerOf(inspected),
      ...(error !== null && { error }),
    },
  };
};

/** Returns times in seconds since the epoch; 0 means never. */
function timestampsOf(token: Token) {
  const { kind, issuedAt, expiresAt, dataAccessExpiresAt } = token;
  const seconds = (time: number) => Math.floor(time / 1000);
  const isOfPerson = (kind === 'user' || kind === 'page') && !isSystemUser(token.person);
  const dataAccess =
    dataAccessExpiresAt === undefined && isOfPerson
      ? issuedAt + DATA_ACCESS_MS
      : dataAccessExpiresAt;
  return {
    issued_at: seconds(issuedAt),
    expires_at: seconds(expiresAt ?? 0),
    data_access_expires_at: seconds(dataAccess ?? 0),
  };
}

function isOfSystemUser(token: Token): boolean {
  return token.kind === 'user' && isSystemUser(token.person);
}

function tokenErrorOf(state: SandboxState, { expiresAt }: Token) {
  if (expiresAt === null || expiresAt > state.now()) return null;
  return { code: 190, message: expiryMessage(expiresAt, state.now()), subcode: 463 };
}

function granularScope(state: SandboxState, token: Token, scope: string) {
  const targets = targetsOf(state, token, scope);
  return { scope, ...(targets.length > 0 && { target_ids: [...targets] }) };
}

function targetsOf(state: SandboxState, token: Token, scope: string): readonly string[] {
  const given = token.targets?.[scope];
  if (given !== undefined) return given;
  if (token.kind === 'business') return [...token.wabas];
  if (token.kind === 'instagram') return [token.account.app_scoped_id];
  if (token.kind === 'app' || !scope.startsWith('pages_')) return [];
  // The permissions of a system user apply to all objects that are assigned to it.
  if (isSystemUser(token.person)) return [];
  return [...token.person.roles.keys()].filter((id) => state.pages.has(id));
}

function ownerOf(token: Token) {
  switch (token.kind) {
    case 'user':
      return { user_id: token.person.id };
    case 'page':
      return { user_id: token.person.id, profile_id: token.page.id };
    case 'instagram':
      return { user_id: token.account.app_scoped_id };
    default:
      return {};
  }
}

/**
 * Returns the token's owner. Only a system user has a `client_business_id`.
 *
 * @throws MetaError 100 (field), 100/33 unless the ID is that of the owner, 190 if
 *   `client_business_id` is requested for another user
 */
export const getUser: Handler<'getUser'> = ({ parameters, token, state, method }) => {
  const { user_id, fields } = parameters;
  if (token === null || ownerIdOf(token) !== user_id) throw unsupportedRequest(method, user_id);
  const { id, name, businessId } = userOf(token, state);
  if (businessId === undefined && fields?.split(',').includes('client_business_id')) {
    throw wrongTokenKind('System User');
  }
  const node = { id, name, client_business_id: businessId };
  return { ...selectFields(node, fields, 'User', ['id', 'name']), id };
};

function userOf(
  token: Token,
  { whatsapp }: SandboxState,
): { id: string; name: string; businessId?: string | undefined } {
  if (token.kind !== 'business') return requireToken('user', token).person;
  const [waba = ''] = token.wabas;
  return { ...SYSTEM_USER, businessId: whatsapp.wabas.get(waba)?.seed.business_id };
}
