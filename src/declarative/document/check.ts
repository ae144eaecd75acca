import { checkAccountKey } from '../../accounts/accounts.ts';
import type { KnownKey } from '../../accounts/config.ts';
import { checkConfigKey, checkKnownValue, hiddenSecret } from '../../accounts/config.ts';
import { ownerName } from '../../accounts/secrets.ts';
import type { DocumentSection } from '../../channels/channel.ts';
import { CHANNELS, channelNamed } from '../../channels/index.ts';
import { getStartedIssues, persistentMenuIssues } from '../../channels/messenger/menu.ts';
import { checkSetting, SETTING_KEYS } from '../../profile/settings.ts';
import type { Json } from '../../shared/json.ts';
import { isSecretKey } from '../../shared/secrets.ts';
import { isReference } from './config.ts';
import { type Issue, issuesFrom, type Path } from './issue.ts';
import { getStartedPayload } from './menus.ts';
import {
  type Document,
  type DocumentAccount,
  type DocumentMenu,
  type DocumentSubscription,
  labelsWith,
  MUST_BE_REFERENCE,
} from './schema.ts';

/**
 * Returns the issues that the schema of the document does not cover and that do not depend on the
 * state.
 */
export function findDocumentIssues(document: Document): Issue[] {
  const { settings = {}, integrations = [], accounts = [], menus = {} } = document;
  return [
    ...SETTING_KEYS.flatMap((key) => {
      const value = settings[key];
      if (value === undefined) return [];
      return issuesFrom(['settings', key], () => checkSetting(key, value));
    }),
    ...duplicateIssues(
      'integrations',
      integrations.map(({ channel }) => channel),
    ),
    ...integrations.flatMap(({ channel, config }, index) =>
      configIssues(
        ['integrations', index, 'config'],
        config,
        channelNamed(channel).integrationKeys,
      ),
    ),
    ...duplicateIssues('accounts', accounts.map(ownerName)),
    ...accounts.flatMap((account, index) => accountIssues(['accounts', index], account)),
    ...defaultIssues(accounts),
    ...Object.entries(menus).flatMap(([name, menu]) => menuIssues(['menus', name], name, menu)),
    ...Object.entries(document.subscriptions ?? {}).flatMap(([name, subscription]) =>
      subscriptionIssues(['subscriptions', name], name, subscription),
    ),
  ];
}

function duplicateIssues(list: string, names: readonly string[]): Issue[] {
  const seen = new Set<string>();
  return names.flatMap((name, index) => {
    if (seen.has(name)) return [{ path: [list, index], reason: `is a duplicate of ${name}` }];
    seen.add(name);
    return [];
  });
}

function accountIssues(path: Path, account: DocumentAccount): Issue[] {
  const { accountKeys, derivedAccountKey } = channelNamed(account.channel);
  return [
    ...issuesFrom([...path, 'account_key'], () => checkAccountKey(account.account_key)),
    ...configIssues([...path, 'config'], account.config, accountKeys),
    ...derivedKeyIssues(path, account, derivedAccountKey),
  ];
}

function derivedKeyIssues(
  path: Path,
  { account_key, config }: DocumentAccount,
  derived: { from: string; prefix: string } | undefined,
): Issue[] {
  if (derived === undefined) return [];
  const id = config?.[derived.from];
  const expected = id === undefined ? derived.prefix : `${derived.prefix}${String(id)}`;
  const isValid = id === undefined ? account_key.startsWith(expected) : account_key === expected;
  if (isValid) return [];
  const reason = `must be "${derived.prefix}" followed by the ${derived.from}`;
  return [{ path: [...path, 'account_key'], reason }];
}

function configIssues(
  path: Path,
  config: Readonly<Record<string, Json>> | undefined,
  known: readonly KnownKey[],
): Issue[] {
  return Object.entries(config ?? {}).flatMap(([key, value]) => {
    const keyPath = [...path, key];
    const keyIssues = issuesFrom(keyPath, () => checkConfigKey(key, value));
    if (keyIssues.length > 0) return keyIssues;
    if (isSecretKey(key))
      return isReference(value) ? [] : [{ path: keyPath, reason: MUST_BE_REFERENCE }];
    const hidden = hiddenSecret(value);
    if (hidden !== null) return [{ path: [...keyPath, ...hidden], reason: NESTED_SECRET }];
    const knownKey = known.find(({ name }) => name === key);
    return knownKey === undefined
      ? []
      : issuesFrom(keyPath, () => checkKnownValue(key, value, knownKey.problem));
  });
}

const NESTED_SECRET =
  'is a secret, judging by its name, and must be a top-level key of the configuration';

function defaultIssues(accounts: readonly DocumentAccount[]): Issue[] {
  const channels = new Set<string>();
  return accounts.flatMap(({ channel, is_default }, index) => {
    if (is_default !== true) return [];
    if (!channels.has(channel)) {
      channels.add(channel);
      return [];
    }
    const reason = `cannot be true, because ${channel} already has a default account`;
    return [{ path: ['accounts', index, 'is_default'], reason }];
  });
}

function menuIssues(path: Path, name: string, menu: DocumentMenu): Issue[] {
  const payload = getStartedPayload(menu);
  const issues = [
    ...(menu.persistent_menu === undefined ? [] : persistentMenuIssues(menu.persistent_menu)),
    ...(payload === null ? [] : getStartedIssues({ payload })),
  ];
  return [
    ...channelIssues(path, name, 'menu'),
    ...issues.map((issue) => ({ path: [...path, ...parsePath(issue.path)], reason: issue.reason })),
  ];
}

function parsePath(path: string): (string | number)[] {
  return path
    .split(/[.[\]]+/)
    .filter((part) => part !== '')
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

function subscriptionIssues(path: Path, name: string, subscription: DocumentSubscription): Issue[] {
  const whole = channelIssues(path, name, 'subscribed');
  if (whole.length > 0) return whole;
  return SUBSCRIPTION_SECTIONS.flatMap((section) =>
    section in subscription ? channelIssues([...path, section], name, section) : [],
  );
}

const SUBSCRIPTION_SECTIONS = [
  'subscribed',
  'subscribed_fields',
  'override',
  'registered',
] as const;

function channelIssues(path: Path, name: string, section: DocumentSection): Issue[] {
  const channels = CHANNELS.filter(({ documentSections }) => documentSections.includes(section));
  if (channels.some((channel) => name.startsWith(`${channel.name}/`))) return [];
  return [{ path, reason: `is supported only for ${labelsWith(section)} accounts` }];
}
