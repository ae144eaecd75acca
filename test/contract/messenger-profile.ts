/** The Messenger profile of a Page. Source: Meta, "Messenger Profile API" and "Persistent Menu". */
import { type Facts, flag, listOf, object, text, words } from './facts.ts';

const LOCALIZED = { locale: text };

const button = object(
  {
    type: words('postback', 'web_url'),
    title: { type: 'string', minLength: 1, maxLength: 30 },
    payload: { type: 'string', minLength: 1, maxLength: 1000 },
    url: { type: 'string', pattern: '^https?://' },
    webview_height_ratio: words('compact', 'tall', 'full'),
    messenger_extensions: flag,
    fallback_url: text,
    webview_share_button: words('hide'),
  },
  ['type', 'title'],
);

/** The menu of one locale. `disabled_surfaces` is no longer documented, but is accepted. */
export const menuEntry = object(
  {
    ...LOCALIZED,
    composer_input_disabled: flag,
    disabled_surfaces: listOf(text),
    call_to_actions: { ...listOf(button), minItems: 1, maxItems: 20 },
  },
  ['locale'],
);

export const PROFILE_PROPERTIES: Facts = {
  persistent_menu: listOf(menuEntry),
  get_started: object({ payload: { type: 'string', minLength: 1, maxLength: 1000 } }, ['payload']),
  greeting: listOf(object({ ...LOCALIZED, text: { type: 'string', maxLength: 160 } })),
  ice_breakers: listOf(object({ ...LOCALIZED, question: text, payload: text })),
  commands: listOf(object({ ...LOCALIZED, commands: listOf({ type: 'object' }) })),
  whitelisted_domains: { ...listOf(text), maxItems: 50 },
  account_linking_url: text,
  title: text,
  description: text,
};

export const PROFILE_FIELDS: Facts = {
  ...PROFILE_PROPERTIES,
  subject_to_new_eu_privacy_rules: flag,
};
