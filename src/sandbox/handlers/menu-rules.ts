import type { ParametersOf } from '../../graph/operations/index.ts';
import { parseUrl } from '../../shared/url.ts';
import { invalidParameter } from '../graph/errors.ts';
import { parameterPath } from '../graph/parameters.ts';

type Menu = NonNullable<ParametersOf<'setMessengerProfile'>['persistent_menu']>;
type Entry = Menu[number];
type Action = NonNullable<Entry['call_to_actions']>[number];
type Path = readonly (string | number)[];

const MAX_BUTTONS = 20;
const MAX_TITLE_LENGTH = 30;
const MAX_PAYLOAD_LENGTH = 1000;
const MAX_DOMAINS = 50;

const ENTRY_KEYS = ['locale', 'composer_input_disabled', 'disabled_surfaces', 'call_to_actions'];
const ACTION_KEYS: Readonly<Record<string, readonly string[]>> = {
  postback: ['type', 'title', 'payload'],
  web_url: [
    ...['type', 'title', 'url', 'webview_height_ratio'],
    ...['messenger_extensions', 'fallback_url', 'webview_share_button'],
  ],
};

/**
 * Checks a persistent menu against Meta's rules (source: Messenger Platform reference).
 *
 * @param domains the Page's whitelisted domains
 * @throws MetaError 100 for the first violation
 */
export function checkMenu(menu: Menu, domains: readonly string[]): void {
  const locales = menu.map((entry) => entry.locale);
  if (locales.filter((locale) => locale === 'default').length !== 1) {
    fail(['persistent_menu'], 'must have exactly one entry with the locale "default"');
  }
  for (const [index, entry] of menu.entries()) {
    const path = ['persistent_menu', index];
    if (locales.indexOf(entry.locale) < index) {
      fail([...path, 'locale'], `is duplicated: "${entry.locale}"`);
    }
    checkEntry(path, entry, domains);
  }
}

/** @throws MetaError 100 if there are too many domains, or if one is not an `https:` URL */
export function checkDomains(domains: readonly string[]): void {
  if (domains.length > MAX_DOMAINS) {
    fail(['whitelisted_domains'], `must have at most ${MAX_DOMAINS} elements`);
  }
  for (const [index, domain] of domains.entries()) {
    if (protocolOf(domain) !== 'https:') {
      fail(['whitelisted_domains', index], 'must be a valid HTTPS URL');
    }
  }
}

/** @throws MetaError 100 if the Get Started button has an unknown key or an invalid payload */
export function checkGetStarted(button: { payload: string }): void {
  checkKeys(['get_started'], button, ['payload']);
  checkLength(['get_started', 'payload'], button.payload, MAX_PAYLOAD_LENGTH);
}

function checkEntry(path: Path, entry: Entry, domains: readonly string[]): void {
  checkKeys(path, entry, ENTRY_KEYS);
  if (entry.locale !== 'default' && !/^[a-z]{2,3}_[A-Z]{2}$/.test(entry.locale)) {
    fail([...path, 'locale'], `must be a locale such as en_US - got "${entry.locale}"`);
  }
  const actions = entry.call_to_actions;
  const place = [...path, 'call_to_actions'];
  if (actions === undefined) {
    if (entry.composer_input_disabled === true) fail(place, 'is required');
    return;
  }
  if (actions.length < 1 || actions.length > MAX_BUTTONS) {
    fail(place, `must have between 1 and ${MAX_BUTTONS} elements - got ${actions.length}`);
  }
  for (const [index, action] of actions.entries()) {
    checkAction([...place, index], action, domains);
  }
}

function checkAction(path: Path, action: Action, domains: readonly string[]): void {
  if (action.type === 'nested') {
    fail([...path, 'type'], 'must not be nested: nested menus were removed in v8.0');
  }
  const keys = Object.hasOwn(ACTION_KEYS, action.type) ? ACTION_KEYS[action.type] : undefined;
  if (keys === undefined) {
    fail([...path, 'type'], `must be one of {postback, web_url} - got "${action.type}"`);
  }
  checkKeys(path, action, keys);
  checkLength([...path, 'title'], action.title, MAX_TITLE_LENGTH);
  if (action.type === 'postback') {
    checkLength([...path, 'payload'], action.payload, MAX_PAYLOAD_LENGTH);
  } else {
    checkLink(path, action, domains);
  }
}

/** With Messenger Extensions, a link must be HTTPS and on a whitelisted domain. */
function checkLink(path: Path, action: Action, domains: readonly string[]): void {
  const { url } = action;
  if (url === undefined) fail([...path, 'url'], 'is required');
  const hasExtensions = action.messenger_extensions === true;
  const accepted = hasExtensions ? ['https:'] : ['https:', 'http:'];
  if (!accepted.includes(protocolOf(url) ?? '')) {
    fail([...path, 'url'], `must be a valid ${hasExtensions ? 'HTTPS ' : ''}URL`);
  }
  if (hasExtensions && !domains.some((domain) => hostOf(domain) === hostOf(url))) {
    fail([...path, 'url'], 'must be on a domain in whitelisted_domains');
  }
  if (action.fallback_url !== undefined && protocolOf(String(action.fallback_url)) === null) {
    fail([...path, 'fallback_url'], 'must be a valid URL');
  }
  checkChoice(path, action, 'webview_height_ratio', ['compact', 'full', 'tall']);
  checkChoice(path, action, 'webview_share_button', ['hide']);
  checkChoice(path, action, 'messenger_extensions', [true, false]);
}

function protocolOf(url: string): string | null {
  return parseUrl(url)?.protocol ?? null;
}

function hostOf(url: string): string | null {
  return parseUrl(url)?.hostname ?? null;
}

function checkChoice(path: Path, action: Action, key: string, allowed: readonly unknown[]): void {
  const value = action[key];
  if (value === undefined || allowed.includes(value)) return;
  fail([...path, key], `must be one of {${allowed.join(', ')}}`);
}

/** Checks the length in code points. */
function checkLength(path: Path, text: string | undefined, maxLength: number): void {
  if (text === undefined || text.trim() === '') fail(path, 'is required');
  if ([...text].length <= maxLength) return;
  throw invalidParameter(
    `Length of param ${parameterPath(path)} must be less than or equal to ${maxLength}`,
  );
}

function checkKeys(path: Path, value: object, known: readonly string[]): void {
  const unknown = Object.keys(value).filter((key) => !known.includes(key));
  if (unknown.length === 0) return;
  throw invalidParameter(
    `Invalid keys "${unknown.join(', ')}" were found in param "${parameterPath(path)}".`,
  );
}

function fail(path: Path, what: string): never {
  throw invalidParameter(`Param ${parameterPath(path)} ${what}`);
}
