import { ownerName, secretInEnvironment } from '../../accounts/secrets.ts';
import type { KnownKey } from '../../channels/channel.ts';
import { channelNamed } from '../../channels/index.ts';
import type { Standing } from '../../channels/meta/remote.ts';
import type { Environment } from '../../profile/settings.ts';
import type { ProfileState } from '../../profile/types.ts';
import { seenTo } from '../plan/managed-accounts.ts';
import type { Fault, Path } from './issue.ts';
import { payloadOf, sameMenu } from './menus.ts';
import type { Document, DocumentAccount } from './schema.ts';

/** Everything that is wrong with a document beside what is stored, and needs no look at Meta. */
export function stateFaults(
  document: Document,
  state: ProfileState,
  env: Environment,
  hasWebhookBase: boolean,
): Fault[] {
  return [
    ...missingKeyFaults(document, state, env),
    ...unknownAccountFaults(document, state),
    ...overrideFaults(document, state, hasWebhookBase),
  ];
}

function missingKeyFaults(
  { accounts = [] }: Document,
  state: ProfileState,
  env: Environment,
): Fault[] {
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

function unknownAccountFaults(document: Document, state: ProfileState): Fault[] {
  const known = new Set([...(document.accounts ?? []), ...state.accounts].map(ownerName));
  const { menus = {}, subscriptions = {} } = document;
  return Object.entries({ menus, subscriptions }).flatMap(([section, entries]) =>
    Object.keys(entries)
      .filter((name) => !known.has(name))
      .map((name) => ({ path: [section, name], reason: 'is no account' })),
  );
}

function overrideFaults(document: Document, state: ProfileState, hasWebhookBase: boolean): Fault[] {
  const wabas = new Map<string, string>();
  return seenTo(document, state).flatMap(({ name, subscription, config }): Fault[] => {
    if (subscription?.override !== true) return [];
    const path: Path = ['subscriptions', name, 'override'];
    if (!hasWebhookBase) return [{ path, reason: 'needs the setting webhook_base_url' }];
    const waba = String(config.waba_id);
    const other = wabas.get(waba);
    wabas.set(waba, name);
    if (other === undefined) return [];
    return [{ path, reason: `can't be true: ${other} has the override of the WABA they share` }];
  });
}

/** What Meta would refuse: a menu on a Page without a Get Started button. */
export function menuFaults(
  { menus = {} }: Document,
  standing: ReadonlyMap<string, Standing>,
): Fault[] {
  return Object.entries(menus).flatMap(([name, menu]): Fault[] => {
    const there = standing.get(name)?.menu;
    if (!there || menu.persistent_menu === undefined || payloadOf(menu) !== null) return [];
    const stands = sameMenu(there.persistent_menu, menu.persistent_menu);
    if (stands || there.get_started !== null) return [];
    const reason = 'is missing: a menu needs the Get Started button, and the Page has none';
    return [{ path: ['menus', name, 'get_started'], reason }];
  });
}
