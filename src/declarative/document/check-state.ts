import type { KnownKey } from '../../accounts/config.ts';
import { ownerName, secretInEnvironment } from '../../accounts/secrets.ts';
import { channelNamed } from '../../channels/index.ts';
import { unlistedHosts, unlistedHostsReason } from '../../channels/messenger/menu-links.ts';
import type { RemoteState } from '../../channels/meta/remote.ts';
import type { Environment } from '../../profile/settings.ts';
import type { ProfileState } from '../../profile/types.ts';
import { managedAccounts } from '../plan/managed-accounts.ts';
import type { Issue, Path } from './issue.ts';
import { getStartedPayload, isSameMenu } from './menus.ts';
import { overrideLevel } from './override.ts';
import type { Document, DocumentAccount } from './schema.ts';

export function findStateIssues(
  document: Document,
  state: ProfileState,
  env: Environment,
  hasWebhookBase: boolean,
): Issue[] {
  return [
    ...missingKeyIssues(document, state, env),
    ...unknownAccountIssues(document, state),
    ...overrideIssues(document, state, hasWebhookBase),
  ];
}

function missingKeyIssues(
  { accounts = [] }: Document,
  state: ProfileState,
  env: Environment,
): Issue[] {
  const stored = new Map(state.accounts.map((one) => [ownerName(one), one]));
  return accounts.flatMap((account, index) => {
    const before = stored.get(ownerName(account));
    const has = ({ name }: KnownKey) =>
      (account.config?.[name] ?? before?.config[name] ?? before?.secrets[name] ?? '') !== '' ||
      secretInEnvironment(env, account, name) !== undefined;
    return requiredKeys(account)
      .filter((key) => !has(key))
      .map(({ name }) => ({ path: ['accounts', index, 'config', name], reason: 'is missing' }));
  });
}

function requiredKeys({ channel }: DocumentAccount): KnownKey[] {
  return channelNamed(channel).accountKeys.filter(({ required }) => required === true);
}

function unknownAccountIssues(document: Document, state: ProfileState): Issue[] {
  const known = new Set([...(document.accounts ?? []), ...state.accounts].map(ownerName));
  const { menus = {}, subscriptions = {} } = document;
  return Object.entries({ menus, subscriptions }).flatMap(([section, entries]) =>
    Object.keys(entries)
      .filter((name) => !known.has(name))
      .map((name) => ({
        path: [section, name],
        reason: 'refers to an account that does not exist',
      })),
  );
}

function overrideIssues(document: Document, state: ProfileState, hasWebhookBase: boolean): Issue[] {
  const owners = new Map<string, string>();
  return managedAccounts(document, state).flatMap(
    ({ name, account, subscription, config }): Issue[] => {
      const override = channelNamed(account.channel).webhooks?.override;
      const level = overrideLevel(subscription);
      if (!level || override === undefined) return [];
      const path: Path = ['subscriptions', name, 'override'];
      if (!hasWebhookBase) return [{ path, reason: 'requires webhook_base_url to be set' }];
      if (level !== override.level) return [];
      const shared = `${override.idKey} ${config[override.idKey]}`;
      const other = owners.get(shared);
      owners.set(shared, name);
      if (other === undefined) return [];
      return [
        {
          path,
          reason: `cannot be ${subscription?.override}, because ${other} already overrides the webhook URL of the same ${override.label}`,
        },
      ];
    },
  );
}

const NO_GET_STARTED =
  'is missing: a menu requires a Get Started button, and the Page does not have one';

export function findMenuIssues(
  { menus = {} }: Document,
  remoteStates: ReadonlyMap<string, RemoteState>,
): Issue[] {
  return Object.entries(menus).flatMap(([name, menu]): Issue[] => {
    const { menu: remoteMenu, whitelistedDomains = [] } = remoteStates.get(name) ?? {};
    if (!remoteMenu || menu.persistent_menu === undefined) return [];
    if (isSameMenu(remoteMenu.persistent_menu, menu.persistent_menu)) return [];
    const hosts = unlistedHosts(menu.persistent_menu, whitelistedDomains);
    return [
      ...(remoteMenu.get_started === null && getStartedPayload(menu) === null
        ? [{ path: ['menus', name, 'get_started'], reason: NO_GET_STARTED }]
        : []),
      ...(hosts.length > 0
        ? [{ path: ['menus', name, 'persistent_menu'], reason: unlistedHostsReason(hosts) }]
        : []),
    ];
  });
}
