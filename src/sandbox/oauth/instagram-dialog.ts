import type { InstagramAccount } from '../state/instagram.ts';
import type { SandboxState } from '../state/sandbox-state.ts';
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

interface Authorization {
  redirectUri: string;
  state: string;
  scopes: readonly string[];
}

const NO_ROLE = 'Insufficient developer role';

const CODE_LIFETIME_MS = 60 * 60 * 1000;

const KNOWN_SCOPES: ReadonlySet<string> = new Set([
  ...['instagram_business_basic', 'instagram_business_manage_messages'],
  ...['instagram_business_manage_comments', 'instagram_business_content_publish'],
  'instagram_business_manage_insights',
]);

export function createInstagramDialog(sandbox: SandboxState): Dialog {
  const { app, accounts } = sandbox.instagram;
  const people = [...accounts.values()].map(({ user_id, username }) => ({
    id: user_id,
    name: username,
  }));
  const definition: DialogDefinition<Authorization> = {
    path: /^\/oauth\/authorize\/?$/,
    parse: (query) => parseAuthorization(sandbox, query),
    render: ({ scopes }, formToken) =>
      consentPage({ appName: app.name, scopes, people, formToken }),
    decide: (authorization, form) => {
      const parameters = { ...decision(sandbox, authorization, form), state: authorization.state };
      return redirectTo(authorization.redirectUri, parameters, '#_');
    },
  };
  return createDialog(sandbox, definition);
}

function parseAuthorization(sandbox: SandboxState, query: URLSearchParams): Authorization {
  const { app } = sandbox.instagram;
  if (query.get('client_id') !== app.id) throw new DialogError('Invalid platform app.');
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!redirectUri.startsWith('https:') || !isListed(app.redirect_uris, redirectUri)) {
    throw new DialogError(
      `Invalid redirect_uri: ${redirectUri} is not a redirect URI of this app.`,
    );
  }
  if (query.get('response_type') !== 'code') {
    throw new DialogError('Invalid parameter: response_type must be code.');
  }
  const scopes = scopesIn(query);
  const unknown = scopes.filter((scope) => !KNOWN_SCOPES.has(scope));
  if (scopes.length === 0) throw new DialogError('Missing parameter: scope.');
  if (unknown.length > 0) throw new DialogError(`Invalid scope: ${unknown.join(', ')}.`);
  const state = query.get('state') ?? '';
  if (state === '') throw new DialogError('Missing parameter: state.');
  return { redirectUri, state, scopes };
}

function decision(
  sandbox: SandboxState,
  { redirectUri, scopes }: Authorization,
  form: URLSearchParams,
): Record<string, string> {
  switch (form.get('decision')) {
    case 'allow': {
      const { app } = sandbox.instagram;
      const account = chosenAccount(sandbox, form);
      if (account.tester_refusal === 'page') throw new DialogError(`${NO_ROLE}.`);
      if (account.tester_refusal === 'callback') {
        return { error: 'access_denied', error_description: NO_ROLE };
      }
      const expiresAt = sandbox.now() + CODE_LIFETIME_MS;
      const code = { kind: 'instagram', app, account, redirectUri, scopes, expiresAt } as const;
      return { code: sandbox.issueCode(code) };
    }
    case 'cancel':
      return {
        error: 'access_denied',
        error_reason: 'user_denied',
        error_description: 'The user denied your request.',
      };
    default:
      throw new DialogError('Invalid parameter: decision.');
  }
}

function chosenAccount({ instagram }: SandboxState, form: URLSearchParams): InstagramAccount {
  const id = form.get('person');
  const [first] = instagram.accounts.values();
  const account = id === null ? first : instagram.accounts.get(id);
  if (account === undefined) throw new DialogError('Invalid parameter: person.');
  return account;
}
