import type { App } from '../state/apps.ts';
import type { SandboxState } from '../state/sandbox-state.ts';
import { type Person, SYSTEM_USER, type SystemUser } from '../state/token.ts';
import {
  createDialog,
  type Dialog,
  type DialogDefinition,
  DialogError,
  redirectTo,
  scopesIn,
} from './dialog.ts';
import { consentPage } from './html.ts';
import { isListed } from './redirect-uris.ts';

interface Login {
  app: App;
  redirectUri: string;
  state: string;
  scopes: readonly string[];
  /** The system user whose token the configuration issues; null for the user's own token. */
  systemUser: SystemUser | null;
}

const CODE_LIFETIME_MS = 10 * 60 * 1000;

const CONFIGURED_SCOPES = [
  'pages_show_list',
  'pages_messaging',
  'pages_manage_metadata',
  'business_management',
];

const KNOWN_SCOPES: ReadonlySet<string> = new Set([
  ...CONFIGURED_SCOPES,
  ...['public_profile', 'email', 'pages_read_engagement', 'pages_manage_engagement'],
  ...['whatsapp_business_management', 'whatsapp_business_messaging'],
  ...['instagram_basic', 'instagram_manage_messages'],
]);

/**
 * Creates the login dialog at `/<version>/dialog/oauth`. Unlike Facebook's, it requires `state`.
 */
export function createLoginDialog(sandbox: SandboxState): Dialog {
  const definition: DialogDefinition<Login> = {
    path: /^\/v\d+\.\d+\/dialog\/oauth$/,
    parse: (query) => checkedLogin(sandbox, query),
    render: ({ app, scopes }, formToken) =>
      consentPage({
        appName: app.name,
        scopes,
        people: [...sandbox.people.values()],
        formToken,
      }),
    decide: (login, form) => redirect(login, decision(sandbox, login, form)),
  };
  return createDialog(sandbox, definition);
}

function checkedLogin(sandbox: SandboxState, query: URLSearchParams): Login {
  const app = sandbox.apps.get(query.get('client_id') ?? '');
  if (app === undefined) throw new DialogError('Invalid App ID: The provided app ID is unknown.');
  const redirectUri = query.get('redirect_uri') ?? '';
  checkRedirect(app, redirectUri);
  if (query.get('response_type') !== 'code') {
    throw new DialogError('Invalid parameter: response_type must be code.');
  }
  const state = query.get('state') ?? '';
  if (state === '') throw new DialogError('Missing parameter: state.');
  const scopes = requestedScopes(app, query);
  return { app, redirectUri, state, scopes, systemUser: systemUserOf(app, query) };
}

function systemUserOf(app: App, query: URLSearchParams): SystemUser | null {
  const configId = query.get('config_id');
  const config = app.system_user_configs.find(({ id }) => id === configId);
  if (config === undefined) return null;
  return {
    ...SYSTEM_USER,
    declinedPermissions: [],
    roles: new Map(config.pages.map(({ id, tasks }) => [id, tasks])),
    businessId: config.business_id,
    hasExpiringTokens: config.expires,
  };
}

/**
 * An app in development mode accepts any `http://localhost` URI in addition to its list. A live app
 * accepts only the HTTPS URIs in its list.
 */
function checkRedirect(app: App, uri: string): void {
  if (!URL.canParse(uri) || uri.includes('#')) {
    throw new DialogError('Invalid parameter: redirect_uri must be an absolute URL.');
  }
  const { protocol, hostname } = new URL(uri);
  const listed = isListed(app.redirect_uris, uri);
  if (app.mode === 'development') {
    if (listed || (protocol === 'http:' && hostname === 'localhost')) return;
  } else if (listed && protocol === 'https:') {
    return;
  }
  throw new DialogError(
    `URL blocked: ${uri} is not among the Valid OAuth Redirect URIs of this ${app.mode} app.`,
  );
}

function requestedScopes(app: App, query: URLSearchParams): readonly string[] {
  const configId = query.get('config_id');
  if (configId !== null) {
    checkConfiguration(app, configId);
    if (query.get('override_default_response_type') !== 'true') {
      throw new DialogError('Invalid parameter: override_default_response_type must be true.');
    }
    return CONFIGURED_SCOPES;
  }
  const scopes = scopesIn(query);
  if (scopes.length === 0) throw new DialogError('Missing parameter: scope or config_id.');
  const unknown = scopes.filter((scope) => !KNOWN_SCOPES.has(scope));
  if (unknown.length > 0) throw new DialogError(`Invalid Scopes: ${unknown.join(', ')}.`);
  return scopes;
}

/** @throws DialogError if the app has a list of configurations that does not contain this one */
export function checkConfiguration(app: App, configId: string): void {
  const known = [...app.config_ids, ...app.system_user_configs.map(({ id }) => id)];
  if (app.config_ids.length === 0 || known.includes(configId)) return;
  throw new DialogError(
    `Invalid parameter: config_id ${configId} is not a configuration of this app.`,
  );
}

function decision(
  sandbox: SandboxState,
  login: Login,
  form: URLSearchParams,
): Record<string, string> {
  switch (form.get('decision')) {
    case 'allow':
      return { code: allow(sandbox, login, login.systemUser ?? chosenPerson(sandbox, form)) };
    case 'cancel':
      return {
        error: 'access_denied',
        error_code: '200',
        error_description: 'Permissions error',
        error_reason: 'user_denied',
      };
    default:
      throw new DialogError('Invalid parameter: decision.');
  }
}

function chosenPerson(sandbox: SandboxState, form: URLSearchParams): Person {
  const id = form.get('person');
  const person = id === null ? sandbox.firstPerson : sandbox.people.get(id);
  if (person === undefined) throw new DialogError('Invalid parameter: person.');
  return person;
}

function allow(sandbox: SandboxState, login: Login, person: Person): string {
  const { app, redirectUri } = login;
  const scopes = login.scopes.filter((scope) => !person.declinedPermissions.includes(scope));
  const expiresAt = sandbox.now() + CODE_LIFETIME_MS;
  return sandbox.issueCode({ kind: 'login', app, redirectUri, scopes, person, expiresAt });
}

/** Facebook appends `#_=_` to the URL. */
function redirect({ redirectUri, state }: Login, parameters: Record<string, string>) {
  return redirectTo(redirectUri, { ...parameters, state }, '#_=_');
}
