import type { KnownKey } from '../../accounts/config.ts';
import { masks, type Owner, ownerName, secretVariable } from '../../accounts/secrets.ts';
import { channelNamed, knownSecrets } from '../../channels/index.ts';
import type { RemoteState } from '../../channels/meta/remote.ts';
import { type Environment, SETTING_KEYS } from '../../profile/settings.ts';
import type { ProfileState, StoredAccount, StoredConfig } from '../../profile/types.ts';
import type { Json } from '../../shared/json.ts';
import { sameUrl } from '../../shared/url.ts';
import { secretKey } from './references.ts';
import type { Document, DocumentAccount, DocumentMenu, DocumentSubscription } from './schema.ts';

export interface ExportSources {
  env: Environment;
  /** The remote state by account; null to omit it. */
  remoteStates: ReadonlyMap<string, RemoteState> | null;
  webhookUrl(account: StoredAccount): string | null;
}

type ExportedDocument = Omit<Document, '$schema'>;

export function buildDocument(state: ProfileState, sources: ExportSources): ExportedDocument {
  const references = makeReferences(state, sources.env);
  return {
    version: 1,
    settings: exportSettings(state),
    integrations: state.integrations.map((one) => {
      const { channel, is_active, division_id } = one;
      const { name, integrationKeys } = channelNamed(channel);
      const config = exportConfig({ channel }, one, integrationKeys, references);
      return { channel: name, is_active, division_id, config };
    }),
    accounts: state.accounts.map((one) => exportAccount(one, references)),
    ...(sources.remoteStates !== null && exportRemote(state, sources, sources.remoteStates)),
  };
}

function exportSettings({ settings }: ProfileState): ExportedDocument['settings'] {
  return Object.fromEntries(
    SETTING_KEYS.filter((key) => settings[key] !== undefined).map((key) => [key, settings[key]]),
  );
}

function exportAccount(stored: StoredAccount, references: References): DocumentAccount {
  const { name, accountKeys } = channelNamed(stored.channel);
  return {
    channel: name,
    account_key: stored.account_key,
    display_name: stored.display_name,
    is_active: stored.is_active,
    is_default: stored.is_default,
    division_id: stored.division_id,
    verify_token: stored.verify_token,
    config: exportConfig(stored, stored, accountKeys, references),
  };
}

function exportConfig(
  owner: Owner,
  stored: StoredConfig,
  known: readonly KnownKey[],
  references: References,
): Record<string, Json> {
  const secrets = references.get(ownerName(owner)) ?? [];
  const position = new Map(known.map(({ name }, index) => [name, index]));
  const rank = (key: string) => position.get(key) ?? known.length;
  const entries = [...Object.entries(stored.config), ...secrets];
  return Object.fromEntries(
    entries.sort(([one], [other]) => rank(one) - rank(other) || (one < other ? -1 : 1)),
  );
}

type References = ReadonlyMap<string, readonly [field: string, reference: Json][]>;

/**
 * Creates references to variables. If the names of owners differ only in case or punctuation, each
 * of these owners gets a numbered variable, because a shared variable would override the stored
 * secrets of all of them.
 */
function makeReferences({ integrations, accounts }: ProfileState, env: Environment): References {
  const owners = [
    ...integrations.map((stored) => ({ owner: { channel: stored.channel }, stored })),
    ...accounts.map((stored) => ({ owner: stored, stored })),
  ];
  const secrets = owners.flatMap(({ owner, stored }) =>
    secretFields(owner, stored, env).map((field) => {
      return { owner: ownerName(owner), field, variable: secretVariable(owner, field) };
    }),
  );
  const sharing = new Map<string, string[]>();
  for (const secret of secrets) {
    const others = sharing.get(secret.variable) ?? [];
    sharing.set(secret.variable, [...others, secretKey(secret)]);
  }
  const references = new Map<string, [string, Json][]>();
  for (const secret of secrets) {
    const { owner, field, variable } = secret;
    const keys = sharing.get(variable) ?? [];
    const number = keys.length === 1 ? '' : `_${keys.indexOf(secretKey(secret)) + 1}`;
    const own = references.get(owner) ?? [];
    references.set(owner, [...own, [field, { env: variable + number }]]);
  }
  return references;
}

/**
 * Returns the keys of the secrets to export. They exclude the token of an integration, which is
 * stored only for the next command.
 */
function secretFields(owner: Owner, stored: StoredConfig, env: Environment): string[] {
  const { integrationToken } = channelNamed(owner.channel);
  return [...masks(env, owner, stored, knownSecrets(owner)).keys()].filter(
    (field) => owner.account_key !== undefined || field !== integrationToken?.field,
  );
}

function exportRemote(
  { accounts }: ProfileState,
  { webhookUrl }: ExportSources,
  remoteStates: ReadonlyMap<string, RemoteState>,
): Pick<ExportedDocument, 'menus' | 'subscriptions'> {
  const known = accounts.flatMap((account) => {
    const found = remoteStates.get(ownerName(account));
    return found === undefined ? [] : [{ account, name: ownerName(account), found }];
  });
  return {
    menus: Object.fromEntries(
      known.flatMap(({ name, found }) => {
        const menu = exportMenu(found);
        return menu === null ? [] : [[name, menu]];
      }),
    ),
    subscriptions: Object.fromEntries(
      known.map(({ account, name, found }) => [
        name,
        exportSubscription(found, webhookUrl(account)),
      ]),
    ),
  };
}

function exportMenu({ menu }: RemoteState): DocumentMenu | null {
  if (menu === null || (menu.persistent_menu === null && menu.get_started === null)) return null;
  return {
    ...(menu.get_started !== null && { get_started: { payload: menu.get_started } }),
    ...(menu.persistent_menu !== null && { persistent_menu: [...menu.persistent_menu] }),
  };
}

/** Returns the subscription, without an override that has the URL of another system. */
function exportSubscription(
  { subscription, urls, registered }: RemoteState,
  own: string | null,
): DocumentSubscription {
  const { subscribed, fields, override: waba } = subscription;
  const is = (url: string | null | undefined) => !!url && own !== null && sameUrl(url, own);
  const override = is(urls?.number) ? 'number' : is(waba);
  return {
    subscribed,
    ...(fields !== null && fields.length > 0 && { subscribed_fields: [...fields].sort() }),
    ...(registered !== null && subscribed && (override || waba === null) && { override }),
    ...(registered !== null && { registered }),
  };
}
