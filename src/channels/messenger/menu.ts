import { isObject } from '../../shared/json.ts';
import { parseUrl } from '../../shared/url.ts';

export interface MenuIssue {
  /** For example `persistent_menu[0].call_to_actions[3].title`. */
  path: string;
  /** A sentence without its subject: "has 31 characters; the maximum is 30". */
  reason: string;
}

/** Meta's limits. Source: Messenger Platform, "Persistent Menu", properties. */
const MAX_BUTTONS = 20;
const MAX_TITLE_LENGTH = 30;
const MAX_PAYLOAD_LENGTH = 1000;

const ENTRY_KEYS = ['locale', 'composer_input_disabled', 'disabled_surfaces', 'call_to_actions'];
const POSTBACK_KEYS = ['type', 'title', 'payload'];
const WEB_URL_KEYS = [
  'type',
  'title',
  'url',
  'webview_height_ratio',
  'messenger_extensions',
  'fallback_url',
  'webview_share_button',
];

export function profileIssues(profile: Readonly<Record<string, unknown>>): MenuIssue[] {
  const { persistent_menu, get_started } = profile;
  return [
    ...unknownKeys('', profile, ['persistent_menu', 'get_started']),
    ...persistentMenuIssues(persistent_menu),
    ...(get_started === undefined ? [] : getStartedIssues(get_started)),
  ];
}

export function persistentMenuIssues(menu: unknown): MenuIssue[] {
  const path = 'persistent_menu';
  if (!Array.isArray(menu)) return [{ path, reason: 'is not a list with one menu per locale' }];
  if (menu.length === 0)
    return [{ path, reason: 'is empty; to delete a menu, use channelctl menu delete' }];
  return [
    ...menu.flatMap((entry, index) => entryIssues(`${path}[${index}]`, entry)),
    ...coverageIssues(path, menu),
  ];
}

export function getStartedIssues(button: unknown): MenuIssue[] {
  const path = 'get_started';
  if (!isObject(button)) return [{ path, reason: 'is not an object with a payload' }];
  return [
    ...unknownKeys(path, button, ['payload']),
    ...textIssues(`${path}.payload`, button.payload, MAX_PAYLOAD_LENGTH),
  ];
}

function coverageIssues(path: string, menu: readonly unknown[]): MenuIssue[] {
  const locales = menu.map((entry) => (isObject(entry) ? entry.locale : undefined));
  const repeated = locales.flatMap((locale, index) =>
    typeof locale === 'string' && locales.indexOf(locale) < index
      ? [
          {
            path: `${path}[${index}].locale`,
            reason: `repeats the locale ${JSON.stringify(locale)}`,
          },
        ]
      : [],
  );
  if (locales.includes('default')) return repeated;
  return [...repeated, { path, reason: 'has no entry for the locale "default"' }];
}

function entryIssues(path: string, entry: unknown): MenuIssue[] {
  if (!isObject(entry)) return [{ path, reason: 'is not an object' }];
  return [
    ...unknownKeys(path, entry, ENTRY_KEYS),
    ...localeIssues(`${path}.locale`, entry.locale),
    ...booleanIssues(`${path}.composer_input_disabled`, entry.composer_input_disabled),
    ...surfaceIssues(`${path}.disabled_surfaces`, entry.disabled_surfaces),
    ...buttonsIssues(path, entry),
  ];
}

function localeIssues(path: string, locale: unknown): MenuIssue[] {
  const issues = textIssues(path, locale, Number.POSITIVE_INFINITY);
  if (issues.length > 0 || locale === 'default') return issues;
  if (typeof locale === 'string' && /^[a-z]{2,3}_[A-Z]{2}$/.test(locale)) return [];
  return [{ path, reason: 'is neither "default" nor a locale such as en_US' }];
}

function surfaceIssues(path: string, surfaces: unknown): MenuIssue[] {
  if (surfaces === undefined) return [];
  if (!Array.isArray(surfaces)) return [{ path, reason: 'is not a list' }];
  return surfaces.flatMap((surface, index) =>
    typeof surface === 'string' ? [] : [{ path: `${path}[${index}]`, reason: 'is not a string' }],
  );
}

function buttonsIssues(entryPath: string, entry: Record<string, unknown>): MenuIssue[] {
  const path = `${entryPath}.call_to_actions`;
  const buttons = entry.call_to_actions;
  if (buttons === undefined) {
    if (entry.composer_input_disabled !== true) return [];
    return [{ path, reason: 'is missing; it is required if composer_input_disabled is true' }];
  }
  if (!Array.isArray(buttons)) return [{ path, reason: 'is not a list of buttons' }];
  if (buttons.length === 0) return [{ path, reason: 'is empty; a menu must have 1 to 20 buttons' }];
  const tooMany =
    buttons.length > MAX_BUTTONS
      ? [{ path, reason: `has ${buttons.length} buttons; the maximum is ${MAX_BUTTONS}` }]
      : [];
  return [
    ...tooMany,
    ...buttons.flatMap((button, index) => buttonIssues(`${path}[${index}]`, button)),
  ];
}

function buttonIssues(path: string, button: unknown): MenuIssue[] {
  if (!isObject(button)) return [{ path, reason: 'is not an object' }];
  const title = textIssues(`${path}.title`, button.title, MAX_TITLE_LENGTH);
  if (button.type === 'nested' || button.call_to_actions !== undefined) {
    const reason = 'is a nested menu, which Meta removed in v8.0; use postback or web_url';
    return [{ path: `${path}.type`, reason }, ...title];
  }
  if (button.type === 'postback') {
    return [
      ...unknownKeys(path, button, POSTBACK_KEYS),
      ...title,
      ...textIssues(`${path}.payload`, button.payload, MAX_PAYLOAD_LENGTH),
    ];
  }
  if (button.type === 'web_url') {
    return [...unknownKeys(path, button, WEB_URL_KEYS), ...title, ...linkIssues(path, button)];
  }
  return [{ path: `${path}.type`, reason: 'is neither postback nor web_url' }, ...title];
}

function linkIssues(path: string, button: Record<string, unknown>): MenuIssue[] {
  return [
    ...urlIssues(`${path}.url`, button.url, button.messenger_extensions === true),
    ...(button.fallback_url === undefined
      ? []
      : urlIssues(`${path}.fallback_url`, button.fallback_url, false)),
    ...choiceIssues(`${path}.webview_height_ratio`, button.webview_height_ratio, [
      'compact',
      'tall',
      'full',
    ]),
    ...choiceIssues(`${path}.webview_share_button`, button.webview_share_button, ['hide']),
    ...booleanIssues(`${path}.messenger_extensions`, button.messenger_extensions),
  ];
}

/** @param isHttpsOnly whether Meta rejects plain `http:` URLs, as for `messenger_extensions` */
function urlIssues(path: string, url: unknown, isHttpsOnly: boolean): MenuIssue[] {
  const issues = textIssues(path, url, Number.POSITIVE_INFINITY);
  if (issues.length > 0 || typeof url !== 'string') return issues;
  const parsed = parseUrl(url);
  if (parsed === null) return [{ path, reason: 'is not a valid URL' }];
  if (parsed.protocol === 'https:' || (parsed.protocol === 'http:' && !isHttpsOnly)) return [];
  const reason = 'does not start with https://';
  return [{ path, reason: isHttpsOnly ? `${reason}, as messenger_extensions requires` : reason }];
}

function textIssues(path: string, text: unknown, maxLength: number): MenuIssue[] {
  if (text === undefined) return [{ path, reason: 'is missing' }];
  if (typeof text !== 'string') return [{ path, reason: 'is not a string' }];
  if (text.trim() === '') return [{ path, reason: 'is empty' }];
  const { length } = [...text];
  return length > maxLength
    ? [{ path, reason: `has ${length} characters; the maximum is ${maxLength}` }]
    : [];
}

function booleanIssues(path: string, value: unknown): MenuIssue[] {
  if (value === undefined || typeof value === 'boolean') return [];
  return [{ path, reason: 'is neither true nor false' }];
}

function choiceIssues(path: string, value: unknown, choices: readonly string[]): MenuIssue[] {
  if (value === undefined || choices.some((choice) => choice === value)) return [];
  return [{ path, reason: `must be ${choices.length > 1 ? 'one of ' : ''}${choices.join(', ')}` }];
}

function unknownKeys(
  path: string,
  value: Readonly<Record<string, unknown>>,
  known: readonly string[],
): MenuIssue[] {
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => ({
      path: joinPath(path, key),
      reason: `is not a valid key; valid keys: ${known.join(', ')}`,
    }));
}

function joinPath(path: string, key: string): string {
  if (!/^\w+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}
