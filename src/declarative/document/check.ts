import { checkAccountKey } from '../../accounts/accounts.ts';
import { checkConfigKey, checkKnownValue, hiddenSecret } from '../../accounts/config.ts';
import { ownerName } from '../../accounts/secrets.ts';
import type { KnownKey } from '../../channels/channel.ts';
import { channelNamed } from '../../channels/index.ts';
import { getStartedFaults, menuFaults } from '../../channels/messenger/menu.ts';
import { checkSetting, SETTING_KEYS } from '../../profile/settings.ts';
import type { Json } from '../../shared/json.ts';
import { isSecretKey } from '../../shared/secrets.ts';
import { isReference } from './config.ts';
import { type Fault, faultsOf, type Path } from './issue.ts';
import { payloadOf } from './menus.ts';
import {
  type Document,
  type DocumentAccount,
  type DocumentMenu,
  type DocumentSubscription,
  NO_REFERENCE,
} from './schema.ts';

/** Everything that is wrong with a document and can be told from it alone, beside its shape. */
export function documentFaults(document: Document): Fault[] {
  const { settings = {}, integrations = [], accounts = [], menus = {} } = document;
  return [
    ...SETTING_KEYS.flatMap((key) => {
      const value = settings[key];
      if (value === undefined) return [];
      return faultsOf(['settings', key], () => checkSetting(key, value));
    }),
    ...repeated(
      'integrations',
      integrations.map(({ channel }) => channel),
    ),
    ...integrations.flatMap(({ channel, config }, index) =>
      configFaults(
        ['integrations', index, 'config'],
        config,
        channelNamed(channel).integrationKeys,
      ),
    ),
    ...repeated('accounts', accounts.map(ownerName)),
    ...accounts.flatMap((account, index) => accountFaults(['accounts', index], account)),
    ...defaultFaults(accounts),
    ...Object.entries(menus).flatMap(([name, menu]) =>
      wholeMenuFaults(['menus', name], name, menu),
    ),
    ...Object.entries(document.subscriptions ?? {}).flatMap(([name, subscription]) =>
      subscriptionFaults(['subscriptions', name], name, subscription),
    ),
  ];
}

function repeated(list: string, names: readonly string[]): Fault[] {
  const seen = new Set<string>();
  return names.flatMap((name, index) => {
    if (seen.has(name)) return [{ path: [list, index], reason: `repeats ${name}` }];
    seen.add(name);
    return [];
  });
}

function accountFaults(path: Path, account: DocumentAccount): Fault[] {
  const { accountKeys, derivedAccountKey } = channelNamed(account.channel);
  return [
    ...faultsOf([...path, 'account_key'], () => checkAccountKey(account.account_key)),
    ...configFaults([...path, 'config'], account.config, accountKeys),
    ...derivedKeyFaults(path, account, derivedAccountKey),
  ];
}

function derivedKeyFaults(
  path: Path,
  { account_key, config }: DocumentAccount,
  derived: { from: string; prefix: string } | undefined,
): Fault[] {
  if (derived === undefined) return [];
  const id = config?.[derived.from];
  const expected = id === undefined ? derived.prefix : `${derived.prefix}${String(id)}`;
  const fits = id === undefined ? account_key.startsWith(expected) : account_key === expected;
  if (fits) return [];
  const reason = `is not ${derived.prefix} and the ${derived.from}, after which it is named`;
  return [{ path: [...path, 'account_key'], reason }];
}

function configFaults(
  path: Path,
  config: Readonly<Record<string, Json>> | undefined,
  known: readonly KnownKey[],
): Fault[] {
  return Object.entries(config ?? {}).flatMap(([key, value]) => {
    const place = [...path, key];
    const keyFaults = faultsOf(place, () => checkConfigKey(key));
    if (keyFaults.length > 0) return keyFaults;
    if (isSecretKey(key)) return isReference(value) ? [] : [{ path: place, reason: NO_REFERENCE }];
    const hidden = hiddenSecret(value);
    if (hidden !== null) return [{ path: [...place, ...hidden], reason: HIDDEN_SECRET }];
    const one = known.find(({ name }) => name === key);
    return one === undefined ? [] : faultsOf(place, () => checkKnownValue(key, value, one.problem));
  });
}

const HIDDEN_SECRET =
  'is a secret by its name, and has to be a key of its own at the top level of the configuration';

function defaultFaults(accounts: readonly DocumentAccount[]): Fault[] {
  const channels = new Set<string>();
  return accounts.flatMap(({ channel, is_default }, index) => {
    if (is_default !== true) return [];
    if (!channels.has(channel)) {
      channels.add(channel);
      return [];
    }
    const reason = `makes a second default of ${channel}, which can have one`;
    return [{ path: ['accounts', index, 'is_default'], reason }];
  });
}

function wholeMenuFaults(path: Path, name: string, menu: DocumentMenu): Fault[] {
  const payload = payloadOf(menu);
  const faults = [
    ...(menu.persistent_menu === undefined ? [] : menuFaults(menu.persistent_menu)),
    ...(payload === null ? [] : getStartedFaults({ payload })),
  ];
  return [
    ...channelFaults(path, name, ['messenger']),
    ...faults.map((fault) => ({ path: [...path, ...partsOf(fault.path)], reason: fault.reason })),
  ];
}

/** `persistent_menu[0].title` in its parts. */
function partsOf(path: string): (string | number)[] {
  return path
    .split(/[.[\]]+/)
    .filter((part) => part !== '')
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

/** The channels at which an entry means something. */
const FITS: Readonly<Record<keyof DocumentSubscription, readonly string[]>> = {
  subscribed: ['whatsapp', 'messenger', 'instagram'],
  subscribed_fields: ['messenger', 'instagram'],
  override: ['whatsapp'],
  registered: ['whatsapp'],
};

function subscriptionFaults(path: Path, name: string, subscription: DocumentSubscription): Fault[] {
  const whole = channelFaults(path, name, FITS.subscribed);
  if (whole.length > 0) return whole;
  return Object.entries(FITS).flatMap(([key, channels]) =>
    key in subscription ? channelFaults([...path, key], name, channels) : [],
  );
}

/** An account's name begins with its channel. */
function channelFaults(path: Path, name: string, channels: readonly string[]): Fault[] {
  if (channels.some((channel) => name.startsWith(`${channel}/`))) return [];
  return [{ path, reason: `does not fit: it takes accounts of ${channels.join(', ')}` }];
}
