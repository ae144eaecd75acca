import { channelNamed } from '../../channels/index.ts';
import type { RemoteState, RemoteSubscription } from '../../channels/meta/remote.ts';
import { missingFields } from '../../channels/meta/webhook-judgement.ts';
import type { Json } from '../../shared/json.ts';
import { sameUrl } from '../../shared/url.ts';
import { getStartedPayload, isSameMenu } from '../document/menus.ts';
import { overrideLevel } from '../document/override.ts';
import type { Document, DocumentSubscription } from '../document/schema.ts';
import { fieldChange } from './diff.ts';
import { type ManagedAccount, managedAccounts } from './managed-accounts.ts';
import {
  type Change,
  type CurrentState,
  OWN_URL_FIELD,
  type PlanOptions,
  type RemoteAction,
  type Step,
} from './steps.ts';

export function remoteSteps(
  document: Document,
  current: CurrentState,
  options: PlanOptions,
): Step[] {
  const accounts = managedAccounts(document, current.state);
  const overridden = overriddenAccounts(accounts, current);
  const subscriptions = new Set<string>();
  return accounts.flatMap((account) => {
    const remote = current.remoteStates.get(account.name);
    if (remote === undefined) return [];
    const { of } = remote.subscription;
    const own = subscriptions.has(of)
      ? []
      : subscriptionSteps(account, remote.subscription, overridden.get(of), options);
    // Accounts that share a subscription need only one step.
    if (own.length > 0) subscriptions.add(of);
    return [
      ...registrationSteps(account, remote),
      ...own,
      ...ownUrlSteps(account, remote, options),
      ...menuSteps(account, document, remote, options),
    ];
  });
}

function overriddenAccounts(
  accounts: readonly ManagedAccount[],
  { remoteStates }: CurrentState,
): Map<string, ManagedAccount> {
  const overridden = new Map<string, ManagedAccount>();
  for (const account of accounts) {
    const of = remoteStates.get(account.name)?.subscription.of;
    if (of !== undefined && overrideLevel(account.subscription) === 'waba') {
      overridden.set(of, account);
    }
  }
  return overridden;
}

function registrationSteps({ name, registered }: ManagedAccount, remote: RemoteState): Step[] {
  if (!registered || remote.registered !== false || remote.isNeverRegistered) return [];
  const changes = [{ field: 'registered', before: false, after: true }];
  return [
    { action: 'create', part: 'registration', name, changes, remoteAction: { call: 'register' } },
  ];
}

function subscriptionSteps(
  account: ManagedAccount,
  remote: RemoteSubscription,
  overridden: ManagedAccount | undefined,
  options: PlanOptions,
): Step[] {
  if (!account.subscribed) return [];
  const url = overrideUrl(account.subscription, overridden, options);
  const fields = desiredFields(account, remote);
  const changes: Change[] = [
    ...fieldChange('subscribed', remote.subscribed, true),
    ...(fields === null ? [] : fieldChange('subscribed_fields', asJson(remote.fields), fields)),
    ...overrideChange(remote, url),
  ];
  if (changes.length === 0) return [];
  const target = overridden && url ? { url, account: overridden.name } : undefined;
  const override = url === null ? null : target;
  const remoteAction: RemoteAction = {
    call: 'subscribe',
    fields: fields ?? remote.fields ?? [],
    override,
  };
  return [
    {
      action: remote.subscribed ? 'change' : 'create',
      part: 'subscription',
      name: account.name,
      changes,
      remoteAction,
    },
  ];
}

/** Returns the URL of the desired override: null to remove it, undefined to leave it unchanged. */
function overrideUrl(
  subscription: DocumentSubscription | undefined,
  overridden: ManagedAccount | undefined,
  { webhookUrl }: PlanOptions,
): string | null | undefined {
  if (overridden !== undefined) return webhookUrl(overridden.account) ?? undefined;
  return overrideLevel(subscription) === null ? null : undefined;
}

function ownUrlSteps(
  { name, account, subscription, subscribed }: ManagedAccount,
  { urls, subscription: current }: RemoteState,
  { webhookUrl }: PlanOptions,
): Step[] {
  if (!subscribed || overrideLevel(subscription) !== 'number') return [];
  const before = urls?.number ?? null;
  const url = webhookUrl(account);
  if (url === null || (before !== null && sameUrl(before, url))) return [];
  return [
    {
      action: before === null ? 'create' : 'change',
      part: 'subscription',
      name,
      changes: [{ field: OWN_URL_FIELD, before, after: url }],
      remoteAction: {
        call: 'setOwnUrl',
        override: { url, account: name },
        subscribeFirst: !current.subscribed,
      },
    },
  ];
}

function overrideChange(
  { override }: RemoteSubscription,
  wanted: string | null | undefined,
): Change[] {
  if (override !== null && wanted && sameUrl(override, wanted)) return [];
  return fieldChange('override_callback_uri', override, wanted);
}

/** Returns the desired fields; null if they do not change or the account has no fields. */
function desiredFields(
  { account: { channel }, subscription }: ManagedAccount,
  { fields }: RemoteSubscription,
): string[] | null {
  const { webhooks } = channelNamed(channel);
  if (fields === null || webhooks === undefined) return null;
  const exact = subscription?.subscribed_fields;
  const wanted = exact ?? [...fields, ...missingFields(webhooks, fields)];
  const same = wanted.length === fields.length && wanted.every((field) => fields.includes(field));
  return same ? null : [...wanted];
}

function asJson(fields: readonly string[] | null): Json {
  return fields === null ? null : [...fields];
}

function menuSteps(
  { name, listed }: ManagedAccount,
  { menus }: Document,
  { menu }: RemoteState,
  { prune }: PlanOptions,
): Step[] {
  if (menus === undefined || menu === null) return [];
  const wanted = menus[name];
  if (wanted === undefined) {
    if (!prune || !listed || menu.persistent_menu === null) return [];
    const before = [...menu.persistent_menu];
    const changes = [{ field: 'persistent_menu', before, after: undefined }];
    return [
      { action: 'remove', part: 'menu', name, changes, remoteAction: { call: 'deleteMenu' } },
    ];
  }
  const entries = wanted.persistent_menu;
  const payload = getStartedPayload(wanted);
  const differs = entries !== undefined && !isSameMenu(menu.persistent_menu, entries);
  const changes: Change[] = [
    ...(differs
      ? [{ field: 'persistent_menu', before: asList(menu.persistent_menu), after: entries }]
      : []),
    ...fieldChange('get_started', menu.get_started, payload ?? undefined),
  ];
  if (changes.length === 0) return [];
  const action = menu.persistent_menu === null && differs ? 'create' : 'change';
  const menuAfter = { persistent_menu: differs ? entries : null, get_started: payload };
  return [
    { action, part: 'menu', name, changes, remoteAction: { call: 'setMenu', menu: menuAfter } },
  ];
}

function asList(menu: readonly Json[] | null): Json {
  return menu === null ? null : [...menu];
}
