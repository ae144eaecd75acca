import type { InstagramAccount } from '../state/instagram.ts';
import type { World } from '../state/sandbox-state.ts';
import {
  createDialog,
  type Dialog,
  DialogFault,
  type DialogKind,
  redirectTo,
  scopesIn,
} from './dialog.ts';
import { approvalPage } from './dialog-page.ts';
import { isListed } from './redirect-uris.ts';

interface Authorization {
  redirectUri: string;
  state: string;
  scopes: readonly string[];
}

const CODE_LIFETIME_MS = 60 * 60 * 1000;

const KNOWN_SCOPES: ReadonlySet<string> = new Set([
  ...['instagram_business_basic', 'instagram_business_manage_messages'],
  ...['instagram_business_manage_comments', 'instagram_business_content_publish'],
  'instagram_business_manage_insights',
]);

/** Instagram's authorization page at `/oauth/authorize`. As at Facebook's, `state` must be there. */
export function createInstagramDialog(world: World): Dialog {
  const { app, accounts } = world.instagram;
  const people = [...accounts.values()].map(({ user_id, username }) => ({
    id: user_id,
    name: username,
  }));
  const kind: DialogKind<Authorization> = {
    path: /^\/oauth\/authorize\/?$/,
    ask: (query) => checkedAuthorization(world, query),
    show: ({ scopes }, formToken) => approvalPage({ appName: app.name, scopes, people, formToken }),
    decide: (asked, form) => {
      const said = { ...decision(world, asked, form), state: asked.state };
      return redirectTo(asked.redirectUri, said, '#_');
    },
  };
  return createDialog(world, kind);
}

/** The redirect address is HTTPS and one of the app's list, character for character. */
function checkedAuthorization(world: World, query: URLSearchParams): Authorization {
  const { app } = world.instagram;
  if (query.get('client_id') !== app.id) throw new DialogFault('Invalid platform app.');
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!redirectUri.startsWith('https:') || !isListed(app.redirect_uris, redirectUri)) {
    throw new DialogFault(`Invalid redirect_uri: ${redirectUri} is not one of this app's.`);
  }
  if (query.get('response_type') !== 'code') {
    throw new DialogFault('Invalid parameter: response_type must be code.');
  }
  const scopes = scopesIn(query);
  const unknown = scopes.filter((scope) => !KNOWN_SCOPES.has(scope));
  if (scopes.length === 0) throw new DialogFault('Missing parameter: scope.');
  if (unknown.length > 0) throw new DialogFault(`Invalid scope: ${unknown.join(', ')}.`);
  const state = query.get('state') ?? '';
  if (state === '') throw new DialogFault('Missing parameter: state.');
  return { redirectUri, state, scopes };
}

function decision(
  world: World,
  { redirectUri, scopes }: Authorization,
  form: URLSearchParams,
): Record<string, string> {
  switch (form.get('decision')) {
    case 'allow': {
      const { app } = world.instagram;
      const account = chosenAccount(world, form);
      const expiresAt = world.now() + CODE_LIFETIME_MS;
      const code = { kind: 'instagram', app, account, redirectUri, scopes, expiresAt } as const;
      return { code: world.issueCode(code) };
    }
    case 'cancel':
      return {
        error: 'access_denied',
        error_reason: 'user_denied',
        error_description: 'The user denied your request.',
      };
    default:
      throw new DialogFault('Invalid parameter: decision.');
  }
}

function chosenAccount({ instagram }: World, form: URLSearchParams): InstagramAccount {
  const id = form.get('person');
  const [first] = instagram.accounts.values();
  const account = id === null ? first : instagram.accounts.get(id);
  if (account === undefined) throw new DialogFault('Invalid parameter: person.');
  return account;
}
