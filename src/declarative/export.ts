import type { Standing } from '../channels/at-meta.ts';
import type { KnownKey } from '../channels/channel.ts';
import { channelNamed } from '../channels/index.ts';
import { masks, type Owner, ownerName, secretVariable } from '../channels/secrets.ts';
import type { Json } from '../shared/json.ts';
import { type Environment, SETTING_KEYS } from '../state/settings.ts';
import type { ProfileState, StoredAccount, StoredConfig } from '../state/types.ts';
import type { Document, DocumentAccount, DocumentMenu, DocumentSubscription } from './document.ts';

/** What an export looks at beside the state. */
export interface ExportView {
  env: Environment;
  /** What stands at Meta, by account; null where it is left out. */
  standing: ReadonlyMap<string, Standing> | null;
  webhookAddress(account: StoredAccount): string | null;
}

type Exported = Omit<Document, '$schema'>;

/** The document of which `apply` makes the same profile. Accounts keep their order. */
export function exportOf(state: ProfileState, view: ExportView): Exported {
  return {
    version: 1,
    settings: settingsOf(state),
    integrations: state.integrations.map((one) => {
      const { channel, is_active, division_id } = one;
      const { name, integrationKeys } = channelNamed(channel);
      const config = configOf({ channel }, one, integrationKeys, view.env);
      return { channel: name, is_active, division_id, config };
    }),
    accounts: state.accounts.map((one) => accountOf(one, view.env)),
    ...(view.standing !== null && atMetaOf(state, view, view.standing)),
  };
}

function settingsOf({ settings }: ProfileState): Exported['settings'] {
  return Object.fromEntries(
    SETTING_KEYS.filter((key) => settings[key] !== undefined).map((key) => [key, settings[key]]),
  );
}

function accountOf(stored: StoredAccount, env: Environment): DocumentAccount {
  const { name, accountKeys } = channelNamed(stored.channel);
  return {
    channel: name,
    account_key: stored.account_key,
    display_name: stored.display_name,
    is_active: stored.is_active,
    is_default: stored.is_default,
    division_id: stored.division_id,
    verify_token: stored.verify_token,
    config: configOf(stored, stored, accountKeys, env),
  };
}

/** The keys that the channel knows in its order, then the others by name. */
function configOf(
  owner: Owner,
  stored: StoredConfig,
  known: readonly KnownKey[],
  env: Environment,
): Record<string, Json> {
  const secrets = [...masks(env, owner, stored).keys()].map((field): [string, Json] => [
    field,
    { env: secretVariable(owner, field) },
  ]);
  const position = new Map(known.map(({ name }, index) => [name, index]));
  const place = (key: string) => position.get(key) ?? known.length;
  const entries = [...Object.entries(stored.config), ...secrets];
  return Object.fromEntries(
    entries.sort(([one], [other]) => place(one) - place(other) || (one < other ? -1 : 1)),
  );
}

function atMetaOf(
  { accounts }: ProfileState,
  { webhookAddress }: ExportView,
  standing: ReadonlyMap<string, Standing>,
): Pick<Exported, 'menus' | 'subscriptions'> {
  const known = accounts.flatMap((account) => {
    const found = standing.get(ownerName(account));
    return found === undefined ? [] : [{ account, name: ownerName(account), found }];
  });
  return {
    menus: Object.fromEntries(
      known.flatMap(({ name, found }) => {
        const menu = menuOf(found);
        return menu === null ? [] : [[name, menu]];
      }),
    ),
    subscriptions: Object.fromEntries(
      known.map(({ account, name, found }) => [
        name,
        subscriptionOf(found, webhookAddress(account)),
      ]),
    ),
  };
}

function menuOf({ menu }: Standing): DocumentMenu | null {
  if (menu === null || (menu.persistent_menu === null && menu.get_started === null)) return null;
  return {
    ...(menu.get_started !== null && { get_started: { payload: menu.get_started } }),
    ...(menu.persistent_menu !== null && { persistent_menu: [...menu.persistent_menu] }),
  };
}

/** An override that leads to another address is another's, and is not told of. */
function subscriptionOf(
  { subscription, registered }: Standing,
  own: string | null,
): DocumentSubscription {
  const { subscribed, fields, override } = subscription;
  const isOwn = override !== null && override === own;
  return {
    subscribed,
    ...(fields !== null && fields.length > 0 && { subscribed_fields: [...fields].sort() }),
    ...(registered !== null && subscribed && (isOwn || override === null) && { override: isOwn }),
    ...(registered !== null && { registered }),
  };
}
