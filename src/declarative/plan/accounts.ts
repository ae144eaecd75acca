import { ownerName } from '../../accounts/secrets.ts';
import type { StoredAccount } from '../../profile/types.ts';
import type { Document, DocumentAccount } from '../document/schema.ts';
import { configChanges, fieldChange } from './diff.ts';
import type { Change, CurrentState, PlanOptions, Step } from './steps.ts';

type Defaults = ReadonlyMap<string, boolean>;

export function accountSteps(
  { accounts }: Document,
  current: CurrentState,
  options: PlanOptions,
  defaults: Defaults,
): Step[] {
  if (accounts === undefined) return [];
  const stored = new Map(current.state.accounts.map((one) => [ownerName(one), one]));
  const listed = new Set(accounts.map(ownerName));
  const steps = accounts.flatMap((wanted): Step[] => {
    const name = ownerName(wanted);
    const before = stored.get(name);
    const changes = accountChanges(wanted, before, current, options, defaults.get(name));
    if (before !== undefined && changes.length === 0) return [];
    const action = before === undefined ? 'create' : 'change';
    return [{ action, part: 'account', name, changes }];
  });
  const others = current.state.accounts.filter((one) => !listed.has(ownerName(one)));
  return [...steps, ...others.flatMap((one) => unlistedSteps(one, options, defaults))];
}

function unlistedSteps(account: StoredAccount, { prune }: PlanOptions, defaults: Defaults): Step[] {
  const name = ownerName(account);
  if (prune) return [{ action: 'remove', part: 'account', name, changes: [] }];
  const changes = fieldChange('is_default', account.is_default, defaults.get(name));
  return changes.length === 0 ? [] : [{ action: 'change', part: 'account', name, changes }];
}

function accountChanges(
  wanted: DocumentAccount,
  before: StoredAccount | undefined,
  { secrets, remoteStates }: CurrentState,
  { prune, divisionId }: PlanOptions,
  isDefault: boolean | undefined,
): Change[] {
  const name = ownerName(wanted);
  const isNew = before === undefined;
  const remoteName = remoteStates.get(name)?.displayName ?? null;
  const orIfNew = <Value>(value: Value | undefined, fallback: Value) =>
    value === undefined && isNew ? fallback : value;
  return [
    ...fieldChange('display_name', before?.display_name, orIfNew(wanted.display_name, remoteName)),
    ...fieldChange('is_active', before?.is_active, orIfNew(wanted.is_active, true)),
    ...fieldChange('is_default', before?.is_default, isDefault),
    ...fieldChange('division_id', before?.division_id, orIfNew(wanted.division_id, divisionId)),
    ...fieldChange('verify_token', before?.verify_token, wanted.verify_token),
    ...configChanges(name, wanted.config, before, secrets, prune),
  ];
}

/**
 * Decides which accounts will be defaults. If the document sets a default, no other account of the
 * channel is a default. If not, an existing default remains, and the first account of a new channel
 * becomes its default.
 */
export function decideDefaults({ accounts = [] }: Document, { state }: CurrentState): Defaults {
  const named = new Map(
    accounts.filter(({ is_default }) => is_default === true).map((one) => [one.channel, one]),
  );
  const before = new Map(state.accounts.map((one) => [ownerName(one), one.is_default]));
  const known = new Set<string>(state.accounts.map(({ channel }) => channel));
  const defaults = new Map<string, boolean>();
  for (const { channel, account_key, is_default } of state.accounts) {
    defaults.set(ownerName({ channel, account_key }), is_default && !isNamed(named, channel));
  }
  for (const one of accounts) {
    const name = ownerName(one);
    const isFirst = !known.has(one.channel) && !isNamed(named, one.channel);
    const fallback = isFirst || ((before.get(name) ?? false) && !isNamed(named, one.channel));
    const isDefault = one.is_default ?? fallback;
    if (one.is_default === undefined && isFirst) known.add(one.channel);
    defaults.set(name, isDefault);
  }
  return defaults;
}

function isNamed(named: ReadonlyMap<string, unknown>, channel: string): boolean {
  return named.has(channel);
}
