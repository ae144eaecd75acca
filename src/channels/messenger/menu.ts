import { isObject } from '../../shared/json.ts';

/** One thing that is wrong with a menu. */
export interface MenuFault {
  /** Where: `persistent_menu[0].call_to_actions[3].title`. */
  path: string;
  /** What is wrong there, as a sentence without its subject: "has 31 characters, at most 30 fit". */
  reason: string;
}

/** Meta's limits. Source: Messenger Platform, "Persistent Menu", properties. */
const MOST_BUTTONS = 20;
const LONGEST_TITLE = 30;
const LONGEST_PAYLOAD = 1000;

const ENTRY_KEYS = ['locale', 'composer_input_disabled', 'disabled_surfaces', 'call_to_actions'];
const POSTBACK_KEYS = ['type', 'title', 'payload'];
const WEB_URL_KEYS = [
  'type',
  'title',
  'url',
  'webview_height_ratio',
  'messenger_extensions',
  'webview_share_button',
];

/** Everything that is wrong with a Messenger profile: its menu, and its Get Started button if there is one. */
export function profileFaults(profile: Readonly<Record<string, unknown>>): MenuFault[] {
  const { persistent_menu, get_started } = profile;
  return [
    ...unknownKeys('', profile, ['persistent_menu', 'get_started']),
    ...menuFaults(persistent_menu),
    ...(get_started === undefined ? [] : getStartedFaults(get_started)),
  ];
}

/** The issues of a persistent menu; an empty list if Meta would accept it. */
export function menuFaults(menu: unknown): MenuFault[] {
  const path = 'persistent_menu';
  if (!Array.isArray(menu))
    return [{ path, reason: 'is not a list of menus, one for each locale' }];
  if (menu.length === 0) return [{ path, reason: 'is empty; menu delete takes a menu away' }];
  return [
    ...menu.flatMap((entry, index) => entryFaults(`${path}[${index}]`, entry)),
    ...coverageFaults(path, menu),
  ];
}

/** Everything that is wrong with a Get Started button. */
export function getStartedFaults(button: unknown): MenuFault[] {
  const path = 'get_started';
  if (!isObject(button)) return [{ path, reason: 'is not an object with a payload' }];
  return [
    ...unknownKeys(path, button, ['payload']),
    ...textFaults(`${path}.payload`, button.payload, LONGEST_PAYLOAD),
  ];
}

/** One entry is for "default", and no locale has two. */
function coverageFaults(path: string, menu: readonly unknown[]): MenuFault[] {
  const locales = menu.map((entry) => (isObject(entry) ? entry.locale : undefined));
  const repeated = locales.flatMap((locale, index) =>
    typeof locale === 'string' && locales.indexOf(locale) < index
      ? [{ path: `${path}[${index}].locale`, reason: `repeats ${JSON.stringify(locale)}` }]
      : [],
  );
  if (locales.includes('default')) return repeated;
  return [...repeated, { path, reason: 'has no entry with the locale "default"' }];
}

function entryFaults(path: string, entry: unknown): MenuFault[] {
  if (!isObject(entry)) return [{ path, reason: 'is not an object' }];
  return [
    ...unknownKeys(path, entry, ENTRY_KEYS),
    ...localeFaults(`${path}.locale`, entry.locale),
    ...booleanFaults(`${path}.composer_input_disabled`, entry.composer_input_disabled),
    ...surfaceFaults(`${path}.disabled_surfaces`, entry.disabled_surfaces),
    ...buttonsFaults(path, entry),
  ];
}

function localeFaults(path: string, locale: unknown): MenuFault[] {
  const faults = textFaults(path, locale, Number.POSITIVE_INFINITY);
  if (faults.length > 0 || locale === 'default') return faults;
  if (typeof locale === 'string' && /^[a-z]{2,3}_[A-Z]{2}$/.test(locale)) return [];
  return [{ path, reason: 'is neither "default" nor a locale such as en_US' }];
}

function surfaceFaults(path: string, surfaces: unknown): MenuFault[] {
  if (surfaces === undefined) return [];
  if (!Array.isArray(surfaces)) return [{ path, reason: 'is not a list' }];
  return surfaces.flatMap((surface, index) =>
    typeof surface === 'string' ? [] : [{ path: `${path}[${index}]`, reason: 'is not a text' }],
  );
}

function buttonsFaults(entryPath: string, entry: Record<string, unknown>): MenuFault[] {
  const path = `${entryPath}.call_to_actions`;
  const buttons = entry.call_to_actions;
  if (buttons === undefined) {
    if (entry.composer_input_disabled === false) return [];
    return [
      { path, reason: 'is missing; only composer_input_disabled: false can stand without it' },
    ];
  }
  if (!Array.isArray(buttons)) return [{ path, reason: 'is not a list of buttons' }];
  if (buttons.length === 0) return [{ path, reason: 'is empty; a menu has 1 to 20 buttons' }];
  const tooMany =
    buttons.length > MOST_BUTTONS
      ? [{ path, reason: `has ${buttons.length} buttons, at most ${MOST_BUTTONS} fit` }]
      : [];
  return [
    ...tooMany,
    ...buttons.flatMap((button, index) => buttonFaults(`${path}[${index}]`, button)),
  ];
}

function buttonFaults(path: string, button: unknown): MenuFault[] {
  if (!isObject(button)) return [{ path, reason: 'is not an object' }];
  const title = textFaults(`${path}.title`, button.title, LONGEST_TITLE);
  if (button.type === 'nested' || button.call_to_actions !== undefined) {
    const reason = 'is a nested menu, which Meta withdrew in v8.0; use postback or web_url';
    return [{ path: `${path}.type`, reason }, ...title];
  }
  if (button.type === 'postback') {
    return [
      ...unknownKeys(path, button, POSTBACK_KEYS),
      ...title,
      ...textFaults(`${path}.payload`, button.payload, LONGEST_PAYLOAD),
    ];
  }
  if (button.type === 'web_url') {
    return [...unknownKeys(path, button, WEB_URL_KEYS), ...title, ...linkFaults(path, button)];
  }
  return [{ path: `${path}.type`, reason: 'is neither postback nor web_url' }, ...title];
}

function linkFaults(path: string, button: Record<string, unknown>): MenuFault[] {
  return [
    ...urlFaults(`${path}.url`, button.url),
    ...choiceFaults(`${path}.webview_height_ratio`, button.webview_height_ratio, [
      'compact',
      'tall',
      'full',
    ]),
    ...choiceFaults(`${path}.webview_share_button`, button.webview_share_button, ['hide']),
    ...booleanFaults(`${path}.messenger_extensions`, button.messenger_extensions),
  ];
}

function urlFaults(path: string, url: unknown): MenuFault[] {
  const faults = textFaults(path, url, Number.POSITIVE_INFINITY);
  if (faults.length > 0 || typeof url !== 'string') return faults;
  if (!URL.canParse(url)) return [{ path, reason: 'is not a complete address' }];
  return new URL(url).protocol === 'https:' ? [] : [{ path, reason: 'does not begin with https:' }];
}

function textFaults(path: string, text: unknown, most: number): MenuFault[] {
  if (text === undefined) return [{ path, reason: 'is missing' }];
  if (typeof text !== 'string') return [{ path, reason: 'is not a text' }];
  if (text.trim() === '') return [{ path, reason: 'is empty' }];
  const { length } = [...text];
  return length > most ? [{ path, reason: `has ${length} characters, at most ${most} fit` }] : [];
}

function booleanFaults(path: string, value: unknown): MenuFault[] {
  if (value === undefined || typeof value === 'boolean') return [];
  return [{ path, reason: 'is neither true nor false' }];
}

function choiceFaults(path: string, value: unknown, choices: readonly string[]): MenuFault[] {
  if (value === undefined || choices.some((choice) => choice === value)) return [];
  return [{ path, reason: `is not ${choices.join(', ')}` }];
}

function unknownKeys(
  path: string,
  value: Readonly<Record<string, unknown>>,
  known: readonly string[],
): MenuFault[] {
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => ({ path: into(path, key), reason: `is not one of ${known.join(', ')}` }));
}

/** The path of a key: `entry.title`, or `entry["a b"]` for what is no plain word. */
function into(path: string, key: string): string {
  if (!/^\w+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}
