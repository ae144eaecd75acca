import type { Standing, StandingSubscription } from '../../channels/meta/remote.ts';
import type { Json } from '../../shared/json.ts';
import { payloadOf, sameMenu } from '../document/menus.ts';
import type { Document, DocumentSubscription } from '../document/schema.ts';
import { changeOf } from './config.ts';
import { type SeenTo, seenTo } from './managed-accounts.ts';
import type { Change, Current, Mend, PlanOptions, Step } from './steps.ts';

/** What is to be mended at Meta, account by account. */
export function metaSteps(document: Document, current: Current, options: PlanOptions): Step[] {
  const accounts = seenTo(document, current.state);
  const overridden = overriddenOf(accounts, current);
  const subscriptions = new Set<string>();
  return accounts.flatMap((account) => {
    const standing = current.standing.get(account.name);
    if (standing === undefined) return [];
    const { of } = standing.subscription;
    const own = subscriptions.has(of)
      ? []
      : subscriptionSteps(account, standing.subscription, overridden.get(of), options);
    // Accounts that share a subscription need one step.
    if (own.length > 0) subscriptions.add(of);
    return [
      ...registrationSteps(account, standing),
      ...own,
      ...menuSteps(account, document, standing, options),
    ];
  });
}

/** The account that each shared subscription is to be overridden for. */
function overriddenOf(accounts: readonly SeenTo[], { standing }: Current): Map<string, SeenTo> {
  const found = new Map<string, SeenTo>();
  for (const account of accounts) {
    const of = standing.get(account.name)?.subscription.of;
    if (of !== undefined && account.subscription?.override === true) found.set(of, account);
  }
  return found;
}

function registrationSteps({ name, registered }: SeenTo, standing: Standing): Step[] {
  if (!registered || standing.registered !== false) return [];
  const changes = [{ field: 'registered', before: false, after: true }];
  return [{ action: 'create', part: 'registration', name, changes, mend: { call: 'register' } }];
}

function subscriptionSteps(
  account: SeenTo,
  standing: StandingSubscription,
  overridden: SeenTo | undefined,
  options: PlanOptions,
): Step[] {
  if (!account.subscribed) return [];
  const address = overrideAddress(account.subscription, overridden, options);
  const fields = fieldsAfter(account, standing);
  const changes: Change[] = [
    ...changeOf('subscribed', standing.subscribed, true),
    ...(fields === null ? [] : changeOf('subscribed_fields', asJson(standing.fields), fields)),
    ...changeOf('override_callback_uri', standing.override, address),
  ];
  if (changes.length === 0) return [];
  const override = overridden && address ? { address, account: overridden.name } : null;
  const mend: Mend = { call: 'subscribe', fields: fields ?? standing.fields ?? [], override };
  return [
    {
      action: standing.subscribed ? 'change' : 'create',
      part: 'subscription',
      name: account.name,
      changes,
      mend,
    },
  ];
}

/** The override as it is to be; undefined where the document leaves it open. */
function overrideAddress(
  subscription: DocumentSubscription | undefined,
  overridden: SeenTo | undefined,
  { webhookAddress }: PlanOptions,
): string | null | undefined {
  if (overridden !== undefined) return webhookAddress(overridden.account) ?? undefined;
  return subscription?.override === false ? null : undefined;
}

/** The fields as they are to be; null where they are as they should be, or there are none. */
function fieldsAfter(
  account: SeenTo,
  { fields, usualFields }: StandingSubscription,
): string[] | null {
  if (fields === null) return null;
  const exact = account.subscription?.subscribed_fields;
  const wanted = exact ?? [...new Set([...fields, ...usualFields])];
  const same = wanted.length === fields.length && wanted.every((field) => fields.includes(field));
  return same ? null : [...wanted];
}

function asJson(fields: readonly string[] | null): Json {
  return fields === null ? null : [...fields];
}

function menuSteps(
  { name, listed }: SeenTo,
  { menus }: Document,
  { menu }: Standing,
  { prune }: PlanOptions,
): Step[] {
  if (menus === undefined || menu === null) return [];
  const wanted = menus[name];
  if (wanted === undefined) {
    if (!prune || !listed || menu.persistent_menu === null) return [];
    const before = [...menu.persistent_menu];
    const changes = [{ field: 'persistent_menu', before, after: undefined }];
    return [{ action: 'remove', part: 'menu', name, changes, mend: { call: 'deleteMenu' } }];
  }
  const entries = wanted.persistent_menu;
  const payload = payloadOf(wanted);
  const differs = entries !== undefined && !sameMenu(menu.persistent_menu, entries);
  const changes: Change[] = [
    ...(differs
      ? [{ field: 'persistent_menu', before: asList(menu.persistent_menu), after: entries }]
      : []),
    ...changeOf('get_started', menu.get_started, payload ?? undefined),
  ];
  if (changes.length === 0) return [];
  const action = menu.persistent_menu === null && differs ? 'create' : 'change';
  const mended = { persistent_menu: differs ? entries : null, get_started: payload };
  return [{ action, part: 'menu', name, changes, mend: { call: 'setMenu', menu: mended } }];
}

function asList(menu: readonly Json[] | null): Json {
  return menu === null ? null : [...menu];
}
