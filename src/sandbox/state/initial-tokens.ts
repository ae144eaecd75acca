import type { CompleteSeed } from '../seed/seed.ts';
import type { App } from './apps.ts';
import type { SandboxState } from './sandbox-state.ts';
import type { Page } from './token.ts';

const PAGE_SCOPES = ['pages_show_list', 'pages_messaging', 'pages_manage_metadata'];

const INSTAGRAM_SCOPES = [
  'instagram_business_basic',
  'instagram_business_manage_messages',
  'instagram_business_manage_comments',
];
const INSTAGRAM_LIFETIME_MS = 60 * 24 * 60 * 60 * 1000;

/**
 * Issues the business and Instagram tokens that are valid at startup.
 *
 * @returns the business token of the first WABA
 */
export function issueInitialTokens(state: SandboxState, seed: CompleteSeed): string {
  issueInstagramTokens(state);
  const common = seed.whatsapp.business_token ?? state.randomToken('EAA');
  const wabasByToken = new Map<string, Set<string>>();
  for (const { id, business_token = common } of seed.whatsapp.wabas) {
    const wabas = wabasByToken.get(business_token) ?? new Set();
    wabasByToken.set(business_token, wabas.add(id));
  }
  for (const [value, wabas] of wabasByToken) {
    const { business_token_app_id, business_token_targets: targets } = seed.whatsapp;
    const app = issuerOf(state, business_token_app_id);
    const expiresAt = timeOf(seed.whatsapp.business_token_expires_at);
    const granted = { app, wabas, scopes: state.whatsapp.permissions, targets };
    state.issueToken({ kind: 'business', ...granted, expiresAt }, value);
  }
  return state.whatsapp.firstWaba.seed.business_token ?? common;
}

export function issuePageToken(state: SandboxState, page: Page): string {
  const { token_app_id, token_targets: targets, token_data_access_expires_at: dataAccess } = page;
  const person = state.personWithRoleOn(page.id);
  return state.issueToken({
    kind: 'page',
    app: issuerOf(state, token_app_id),
    page,
    person,
    scopes: PAGE_SCOPES.filter((scope) => !person.declinedPermissions.includes(scope)),
    expiresAt: timeOf(page.token_expires_at),
    targets,
    ...(dataAccess !== undefined && { dataAccessExpiresAt: timeOf(dataAccess ?? undefined) }),
  });
}

function issuerOf({ apps, firstApp }: SandboxState, id: string | undefined): App {
  return apps.get(id ?? '') ?? firstApp;
}

function issueInstagramTokens(state: SandboxState): void {
  const { app, accounts } = state.instagram;
  for (const account of accounts.values()) {
    const { access_token, token_issued_at, token_expires_at } = account;
    if (access_token === undefined) continue;
    const issuedAt = timeOf(token_issued_at) ?? state.now();
    const expiresAt = timeOf(token_expires_at) ?? issuedAt + INSTAGRAM_LIFETIME_MS;
    const granted = { app, account, scopes: INSTAGRAM_SCOPES, isLongLived: true };
    state.issueToken({ kind: 'instagram', ...granted, issuedAt, expiresAt }, access_token);
  }
}

/** Returns milliseconds since the epoch; null if the seed omits the time. */
function timeOf(time: string | undefined): number | null {
  return time === undefined ? null : Date.parse(time);
}
