import { isDeepStrictEqual } from 'node:util';
import type { RemoteMenu } from '../../channels/meta/remote.ts';
import { isObject, type Json } from '../../shared/json.ts';
import type { DocumentMenu } from './schema.ts';

export function getStartedPayload({ get_started }: DocumentMenu): string | null {
  if (get_started === undefined) return null;
  return typeof get_started === 'string' ? get_started : get_started.payload;
}

/**
 * Properties that Meta adds to a menu. Source: Messenger Platform, "Persistent Menu", properties.
 */
const DEFAULT_PROPERTIES: Readonly<Record<string, Json>> = {
  composer_input_disabled: false,
  webview_height_ratio: 'full',
  messenger_extensions: false,
};

/**
 * Whether two menus are equal, apart from default properties, empty lists, and the order of their
 * locales and keys.
 */
export function isSameMenu(
  one: RemoteMenu['persistent_menu'],
  other: RemoteMenu['persistent_menu'],
): boolean {
  return isDeepStrictEqual(normalize(one), normalize(other));
}

function normalize(menu: RemoteMenu['persistent_menu']): unknown {
  if (menu === null) return null;
  const localeOf = (entry: unknown) => (isObject(entry) ? String(entry.locale) : '');
  const entries = menu.map((entry) => [localeOf(entry), withoutDefaults(entry)] as const);
  return new Map(entries);
}

function withoutDefaults(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDefaults);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(
    ([key, inner]) =>
      DEFAULT_PROPERTIES[key] !== inner && !(Array.isArray(inner) && inner.length === 0),
  );
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutDefaults(inner)]));
}
