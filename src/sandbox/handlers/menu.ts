import { invalidParameter, rateLimited } from '../graph/errors.ts';
import type { MessengerProfile, SandboxState } from '../state/sandbox-state.ts';
import { type PageToken, requireToken } from '../state/token.ts';
import { checkNames, splitNames } from './fields.ts';
import type { Handler } from './handler.ts';
import { checkDomains, checkGetStarted, checkMenu } from './menu-rules.ts';
import { requireMessagingTask } from './pages.ts';

const PROFILE_FIELDS: readonly string[] = [
  ...['persistent_menu', 'get_started', 'greeting', 'ice_breakers', 'commands'],
  ...['whitelisted_domains', 'account_linking_url', 'title', 'description'],
];

const MAX_CALLS = 10;
const WINDOW_MS = 10 * 60 * 1000;

/**
 * Sets properties of the Messenger profile of the token's Page.
 *
 * @throws MetaError 100 (no property, or an invalid one), 100/2018145 (no Get Started button), 200
 *   (no messaging task), 613 (too many calls)
 */
export const setMessengerProfile: Handler<'setMessengerProfile'> = (call) => {
  const { parameters, state } = call;
  const page = accessiblePage(state, requireToken('page', call.token));
  const { persistent_menu, get_started, whitelisted_domains } = parameters;
  if (Object.keys(parameters).length === 0) {
    throw invalidParameter(
      'Requires one of the params: persistent_menu, get_started, whitelisted_domains',
    );
  }
  const profile: MessengerProfile = {
    ...state.messengerProfiles.get(page),
    ...(persistent_menu !== undefined && { persistent_menu }),
    ...(get_started !== undefined && { get_started }),
    ...(whitelisted_domains !== undefined && { whitelisted_domains }),
  };
  if (whitelisted_domains !== undefined) checkDomains(whitelisted_domains);
  if (get_started !== undefined) checkGetStarted(get_started);
  if (persistent_menu !== undefined) checkMenu(persistent_menu, profile.whitelisted_domains ?? []);
  write(state, page, profile);
  return { result: 'success' };
};

/**
 * Returns the requested fields (by default, all) that are set; `data` is empty if none are.
 *
 * @throws MetaError 100 (field), 200 (no messaging task), 613 (too many calls)
 */
export const getMessengerProfile: Handler<'getMessengerProfile'> = (call) => {
  const { parameters, state } = call;
  const page = accessiblePage(state, requireToken('page', call.token));
  const fields = parameters.fields === undefined ? PROFILE_FIELDS : splitNames(parameters.fields);
  checkNames('fields', fields, PROFILE_FIELDS);
  countCall(state, page);
  const profile = state.messengerProfiles.get(page) ?? {};
  const shown = Object.fromEntries(
    Object.entries(profile).filter(([field]) => fields.includes(field)),
  );
  return { data: Object.keys(shown).length === 0 ? [] : [shown] };
};

/**
 * Deletes fields; also succeeds for a field that is not set.
 *
 * @throws MetaError 100 (field), 100/2018145 (the menu requires the Get Started button), 200 (no
 *   messaging task), 613 (too many calls)
 */
export const deleteMessengerProfile: Handler<'deleteMessengerProfile'> = (call) => {
  const { parameters, state } = call;
  const page = accessiblePage(state, requireToken('page', call.token));
  const { fields } = parameters;
  checkNames('fields', fields, PROFILE_FIELDS);
  const profile = { ...state.messengerProfiles.get(page) };
  if (fields.includes('persistent_menu')) delete profile.persistent_menu;
  if (fields.includes('get_started')) delete profile.get_started;
  if (fields.includes('whitelisted_domains')) delete profile.whitelisted_domains;
  write(state, page, profile);
  return { result: 'success' };
};

function accessiblePage(state: SandboxState, token: PageToken): string {
  requireMessagingTask(token);
  if (recentCalls(state, token.page.id).length >= MAX_CALLS) throw rateLimited();
  return token.page.id;
}

function write(state: SandboxState, page: string, profile: MessengerProfile): void {
  requireGetStarted(profile);
  state.messengerProfiles.set(page, profile);
  countCall(state, page);
}

/** Counts a read or write. Meta's limit exempts no method. */
function countCall(state: SandboxState, page: string): void {
  state.profileCalls.set(page, [...recentCalls(state, page), state.now()]);
}

function recentCalls(state: SandboxState, page: string): number[] {
  const calls = state.profileCalls.get(page) ?? [];
  return calls.filter((time) => time > state.now() - WINDOW_MS);
}

function requireGetStarted(profile: MessengerProfile): void {
  if (profile.persistent_menu === undefined || profile.get_started !== undefined) return;
  throw invalidParameter(
    'You must set a Get Started button if you also wish to use persistent menu.',
    2018145,
  );
}
