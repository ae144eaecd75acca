import { ChannelctlError } from '../shared/errors.ts';
import type { SecretStore, SecretStoreName } from '../shared/secrets.ts';
import { joinSentences } from '../shared/text.ts';
import { bindingError } from './binding-error.ts';
import { isOpen } from './open-stores.ts';
import {
  type Binding,
  bindingIn,
  bindingStatus,
  hostsIn,
  isSameBinding,
  newItem,
  oldOwnerAndField,
  type ServerKeys,
  wantedBinding,
} from './secret-binding.ts';
import {
  excludeRefs,
  groupByStore,
  nameOfOwner,
  ownedSecrets,
  type SecretOwner,
  secretOwners,
  secretRefsOf,
  valueIn,
} from './secret-refs.ts';
import type { OwnedSecret, ProfileState, SecretRef } from './types.ts';

export interface BindingContext {
  name: string;
  stores(name: SecretStoreName): Promise<SecretStore>;
  activeStore: SecretStoreName;
  serverKeys: ServerKeys;
}

export interface NewSecret {
  ref: SecretRef;
  value: string;
}

export interface BindingChange {
  old: ProfileState;
  draft: ProfileState;
  added: ReadonlyMap<string, NewSecret>;
  /** The settings that the user has confirmed, by owner. */
  confirmed: ReadonlyMap<string, ReadonlySet<string>>;
  /** Whether to open the store for all secrets that are not bound yet. */
  all: boolean;
}

/** A secret of the draft that is to be stored under a name with its binding. */
interface Rebinding {
  secret: OwnedSecret;
  wanted: Binding;
}

/**
 * Binds the secrets of a draft to their owners, fields and servers: new secrets, those whose owner
 * was renamed or whose servers were changed, and those of channelctl 0.1.0 and 0.2.0, unless that
 * would open a store that the change does not use. A secret that someone else has assigned to its
 * owner stays as it is, unless its settings are confirmed. Returns the values to store.
 *
 * @throws ChannelctlError `storage` if a secret cannot be read, or if a new secret would be bound to
 *   servers that are not confirmed
 */
export async function bindSecrets(
  context: BindingContext,
  change: BindingChange,
): Promise<NewSecret[]> {
  const { draft, old, added } = change;
  const required: Rebinding[] = [];
  const optional: Rebinding[] = [];
  const identities = new Map(secretOwners(old).map((owner) => [identityOf(owner), owner]));
  const written = new Set<string>();
  for (const owner of secretOwners(draft)) {
    const before = identities.get(identityOf(owner));
    for (const secret of ownedSecrets(owner)) {
      const wanted = wantedBinding(secret, context.serverKeys);
      const put = added.get(secret.ref.item);
      if (put !== undefined) {
        assertConfirmed(secret, wanted, before, change, context.serverKeys);
        if (wanted.hosts.length > 0) {
          secret.ref.item = newItem(context.name, wanted, valueIn(secret.ref.item));
          put.ref.item = secret.ref.item;
        }
        written.add(wanted.owner);
        continue;
      }
      const need = rebindingNeed(secret, wanted, before, change, context);
      if (need === 'required') required.push({ secret, wanted });
      if (need === 'optional') optional.push({ secret, wanted });
    }
  }
  if (context.activeStore === 'env') return [...added.values()];
  for (const { wanted } of required) written.add(wanted.owner);
  const removed = excludeRefs(secretRefsOf(old), secretRefsOf(draft));
  const isStoreUsed =
    written.size > 0 || removed.some(({ store }) => store === context.activeStore);
  const { all } = change;
  const selected = await selectOptional(optional, context, { all, isStoreUsed, written });
  return [
    ...added.values(),
    ...(await rebind(required, context).catch(explainRebinding)),
    ...(await (all
      ? rebind(selected, context)
      : rebind(selected, context).catch(ignoreUnavailable))),
  ];
}

function identityOf(owner: SecretOwner): string {
  return owner.id ?? `pending:${nameOfOwner(owner)}`;
}

function rebindingNeed(
  secret: OwnedSecret,
  wanted: Binding,
  before: SecretOwner | undefined,
  change: BindingChange,
  { serverKeys }: BindingContext,
): 'required' | 'optional' | null {
  const { item } = secret.ref;
  const origin = originOf(secret, before, change.old);
  if (origin === undefined) return null;
  const was = wantedBinding(origin, serverKeys);
  const isUnchanged = isSameBinding(was, wanted);
  const isOld = oldOwnerAndField(item) !== null;
  if (isUnchanged && !isOld && !change.confirmed.has(wanted.owner)) return null;
  const status = bindingStatus(origin, was, change.old);
  if (status === 'mismatch') {
    const given = givenSettings(secret, wanted, before, change, serverKeys);
    return mayRebind(secret, wanted, given, serverKeys(secret.channel)) ? 'required' : null;
  }
  if (isUnchanged) return status === 'unbound' ? 'optional' : null;
  return isSameBinding(bindingIn(item), wanted) ? null : 'required';
}

/** Returns the secret in the old state from which the draft's reference was copied. */
function originOf(
  { field, ref }: OwnedSecret,
  before: SecretOwner | undefined,
  old: ProfileState,
): OwnedSecret | undefined {
  const isIt = (secret: OwnedSecret) => secret.ref.item === ref.item;
  const own = before?.secrets[field];
  if (before !== undefined && own?.item === ref.item) {
    return ownedSecrets({ ...before, secrets: { [field]: own } })[0];
  }
  return secretOwners(old).flatMap(ownedSecrets).find(isIt);
}

/** Returns the settings of an owner that the user has passed, whether they change or not. */
function givenSettings(
  { channel, config }: OwnedSecret,
  { owner }: Binding,
  before: SecretOwner | undefined,
  { confirmed }: BindingChange,
  serverKeys: ServerKeys,
): ReadonlySet<string> {
  const changed = serverKeys(channel).filter((key) => before?.config?.[key] !== config?.[key]);
  return new Set([...(confirmed.get(owner) ?? []), ...changed]);
}

/** Whether a secret that is bound to other settings of the same account may be bound to these. */
function mayRebind(
  { channel, account_key, config = {}, field, ref }: OwnedSecret,
  wanted: Binding,
  given: ReadonlySet<string>,
  serverKeys: readonly string[],
): boolean {
  const bound = bindingIn(ref.item);
  const name = bound === null ? oldOwnerAndField(ref.item) : `${bound.owner}/${bound.field}`;
  const isOfChannel = name?.startsWith(`${channel}/`) === true && name.endsWith(`/${field}`);
  if (account_key === undefined || !isOfChannel) return false;
  if (bound?.owner !== wanted.owner && !given.has('account_key')) return false;
  return hostsIn(config, serverKeys).every(
    ([key, host]) => bound?.hosts.includes(host) === true || given.has(key),
  );
}

/**
 * @throws ChannelctlError `storage` if a new secret replaces one that someone else has assigned to
 *   this owner or these servers, and the servers are not confirmed
 */
function assertConfirmed(
  secret: OwnedSecret,
  wanted: Binding,
  before: SecretOwner | undefined,
  change: BindingChange,
  serverKeys: ServerKeys,
): void {
  const { channel, config = {}, field } = secret;
  const ref = before?.secrets[field];
  if (before === undefined || ref === undefined || wanted.hosts.length === 0) return;
  const [replaced] = ownedSecrets({ ...before, secrets: { [field]: ref } });
  if (replaced === undefined) return;
  const was = wantedBinding(replaced, serverKeys);
  if (bindingStatus(replaced, was, change.old) !== 'mismatch') return;
  const bound = bindingIn(ref.item);
  const trusted = bound?.owner === was.owner && bound.field === field ? bound.hosts : [];
  const given = givenSettings(secret, wanted, before, change, serverKeys);
  const isConfirmed = hostsIn(config, serverKeys(channel)).every(
    ([key, host]) => trusted.includes(host) || given.has(key),
  );
  if (!isConfirmed) throw bindingError({ ...secret, ref }, serverKeys);
}

/** Returns the secrets that can be bound without opening a store that the change does not use. */
async function selectOptional(
  optional: readonly Rebinding[],
  { activeStore, stores }: BindingContext,
  { all, isStoreUsed, written }: { all: boolean; isStoreUsed: boolean; written: Set<string> },
): Promise<Rebinding[]> {
  const inStore = optional.filter(({ secret }) => secret.ref.store === activeStore);
  if (inStore.length === 0 || all) return inStore;
  // A keychain is asked for each secret, and may show a dialog for each.
  if (activeStore === 'keychain') return inStore.filter(({ wanted }) => written.has(wanted.owner));
  return isStoreUsed || (await isOpen(activeStore, stores)) ? inStore : [];
}

/** Reads secrets, and refers to them under new names. Returns those to store. */
async function rebind(
  rebindings: readonly Rebinding[],
  { name, stores }: BindingContext,
): Promise<NewSecret[]> {
  const values = new Map<string, string>();
  for (const [store, items] of groupByStore(rebindings.map(({ secret }) => secret.ref))) {
    const found = await (await stores(store)).read(items);
    for (const [item, value] of found) values.set(item, value);
  }
  return rebindings.flatMap(({ secret: { ref }, wanted }) => {
    const value = values.get(ref.item);
    if (value === undefined) return []; // A missing secret stays missing.
    ref.item = newItem(name, wanted, valueIn(ref.item));
    return [{ ref: { ...ref }, value }];
  });
}

function explainRebinding(error: unknown): never {
  if (!(error instanceof ChannelctlError)) throw error;
  throw error.with({
    reason: joinSentences(
      error.reason,
      'Nothing was changed: a new account key or server requires access to the stored secrets, because they are bound to these settings.',
    ),
  });
}

function ignoreUnavailable(error: unknown): NewSecret[] {
  if (error instanceof ChannelctlError) return [];
  throw error;
}
