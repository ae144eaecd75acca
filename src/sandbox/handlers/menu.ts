import { invalidParameter, rateLimited } from '../graph/errors.ts';
import type { MessengerProfile, World } from '../state/sandbox-state.ts';
import { type PageToken, tokenOf } from '../state/token.ts';
import type { Handler } from './handler.ts';
import { checkGetStarted, checkMenu } from './menu-rules.ts';
import { checkNames, namesIn } from './names.ts';
import { requireMessagingTask } from './pages.ts';

const PROFILE_FIELDS: readonly string[] = [
  ...['persistent_menu', 'get_started', 'greeting', 'ice_breakers', 'commands'],
  ...['whitelisted_domains', 'account_linking_url', 'title', 'description'],
];

const WRITES = 10;
const WINDOW_MS = 10 * 60 * 1000;

/**
 * Sets the menu, the Get Started button, or both, of the Page whose token it is.
 *
 * @throws Refusal 100 (a rule of the menu), 100/2018145 (no Get Started button), 200, 613
 */
export const setMessengerProfile: Handler<'setMessengerProfile'> = (call) => {
  const { parameters, world } = call;
  const page = writablePage(world, tokenOf('page', call.token));
  const { persistent_menu, get_started } = parameters;
  if (persistent_menu === undefined && get_started === undefined) {
    throw invalidParameter('Requires one of the params: persistent_menu, get_started');
  }
  if (get_started !== undefined) checkGetStarted(get_started);
  if (persistent_menu !== undefined) checkMenu(persistent_menu);
  const profile: MessengerProfile = {
    ...world.messengerProfiles.get(page),
    ...(persistent_menu !== undefined && { persistent_menu }),
    ...(get_started !== undefined && { get_started }),
  };
  write(world, page, profile);
  return { result: 'success' };
};

/** Those of the named fields that are set, or of all of them; `data` is empty where none is. */
export const getMessengerProfile: Handler<'getMessengerProfile'> = (call) => {
  const { parameters, world } = call;
  const { page } = tokenOf('page', call.token);
  requireMessagingTask(tokenOf('page', call.token));
  const fields = parameters.fields === undefined ? PROFILE_FIELDS : namesIn(parameters.fields);
  checkNames('fields', fields, PROFILE_FIELDS);
  const profile = world.messengerProfiles.get(page.id) ?? {};
  const shown = Object.fromEntries(
    Object.entries(profile).filter(([field]) => fields.includes(field)),
  );
  return { data: Object.keys(shown).length === 0 ? [] : [shown] };
};

/**
 * Deletes fields; one that is not set is deleted all the same.
 *
 * @throws Refusal 100/2018145 where a menu would be left without its Get Started button, 200, 613
 */
export const deleteMessengerProfile: Handler<'deleteMessengerProfile'> = (call) => {
  const { parameters, world } = call;
  const page = writablePage(world, tokenOf('page', call.token));
  const { fields } = parameters;
  checkNames('fields', fields, PROFILE_FIELDS);
  const profile = { ...world.messengerProfiles.get(page) };
  if (fields.includes('persistent_menu')) delete profile.persistent_menu;
  if (fields.includes('get_started')) delete profile.get_started;
  write(world, page, profile);
  return { result: 'success' };
};

/** The Page, where one of its ten writes in ten minutes is left. */
function writablePage(world: World, token: PageToken): string {
  requireMessagingTask(token);
  if (recentWrites(world, token.page.id).length >= WRITES) throw rateLimited();
  return token.page.id;
}

/** Counts a write, and only one that is not refused. */
function write(world: World, page: string, profile: MessengerProfile): void {
  requireGetStarted(profile);
  world.messengerProfiles.set(page, profile);
  world.profileWrites.set(page, [...recentWrites(world, page), world.now()]);
}

function recentWrites(world: World, page: string): number[] {
  const writes = world.profileWrites.get(page) ?? [];
  return writes.filter((time) => time > world.now() - WINDOW_MS);
}

function requireGetStarted(profile: MessengerProfile): void {
  if (profile.persistent_menu === undefined || profile.get_started !== undefined) return;
  throw invalidParameter(
    'You must set a Get Started button if you also wish to use persistent menu.',
    2018145,
  );
}
