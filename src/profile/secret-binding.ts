import { randomBytes } from 'node:crypto';
import type { Json } from '../shared/json.ts';
import { secretRefsOf } from './secret-refs.ts';
import type { OwnedSecret, ProfileState } from './types.ts';

// The name of an item contains the owner, the field and the servers that its secret was stored for.
// Whoever can write the state file can only choose among existing names, so a name that was chosen
// for another purpose is detected without opening a store.

/** The only use of a secret that its item allows. */
export interface Binding {
  /** `messenger`, or `messenger/fb-1065`. */
  owner: string;
  field: string;
  /** The servers that may receive the secret. Empty if the owner has none of its own. */
  hosts: readonly string[];
}

/** Returns the configuration keys that contain the servers of a channel's accounts. */
export type ServerKeys = (channel: string) => readonly string[];

/**
 * `unbound` for a name of channelctl 0.1.0 or 0.2.0, which has no servers and is not changed by a
 * rename.
 */
type BindingStatus = 'bound' | 'unbound' | 'mismatch';

export function wantedBinding(
  { channel, account_key, config, field }: Omit<OwnedSecret, 'ref'>,
  serverKeys: ServerKeys,
): Binding {
  const owner = account_key === undefined ? channel : `${channel}/${account_key}`;
  const hosts = hostsIn(config ?? {}, serverKeys(channel)).map(([, host]) => host);
  return { owner, field, hosts: [...new Set(hosts)].sort() };
}

export function hostsIn(
  config: Readonly<Record<string, Json>>,
  serverKeys: readonly string[],
): [key: string, host: string][] {
  return serverKeys.flatMap((key): [string, string][] => {
    const value = config[key];
    const host = typeof value === 'number' ? String(value) : value;
    return typeof host === 'string' && host !== '' ? [[key, host]] : [];
  });
}

/**
 * Returns a new name for an item: `<profile>/<owner>/<field>/<hosts>:<value><random>`, without
 * `<hosts>:` if there are none. Each part is escaped, so that two bindings never have the same name.
 *
 * @param value identifies the value; see `valueIn` in `secret-refs.ts`
 */
export function newItem(
  profile: string,
  { owner, field, hosts }: Binding,
  value = randomBytes(4).toString('hex'),
): string {
  const [channel = '', ...key] = owner.split('/');
  const parts = [channel, ...(key.length > 0 ? [key.join('/')] : []), field].map(escapePart);
  const servers = hosts.length > 0 ? `${hosts.map(escapePart).join(',')}:` : '';
  return [profile, ...parts, `${servers}${value}${randomBytes(4).toString('hex')}`].join('/');
}

/**
 * Returns the binding in the name of an item; null for a name of channelctl 0.1.0 or 0.2.0, and for
 * any other name.
 */
export function bindingIn(item: string): Binding | null {
  const parts = item.split('/').slice(1);
  const last = /^(?:(.+):)?[0-9a-f]{16}$/.exec(parts.pop() ?? '');
  if (last === null || parts.length < 2 || parts.length > 3) return null;
  try {
    const [field = '', ...owner] = parts.map(decodeURIComponent).reverse();
    const hosts = last[1]?.split(',').map(decodeURIComponent) ?? [];
    return { owner: owner.reverse().join('/'), field, hosts };
  } catch {
    return null;
  }
}

/** @param state the state that contains the reference */
export function bindingStatus(
  { channel, account_key, ref }: OwnedSecret,
  wanted: Binding,
  state: ProfileState,
): BindingStatus {
  const bound = bindingIn(ref.item);
  if (bound !== null) return allows(bound, wanted) ? 'bound' : 'mismatch';
  const old = oldOwnerAndField(ref.item);
  if (old === `${wanted.owner}/${wanted.field}`) return 'unbound';
  // A rename changed only the account key, and left no second reference.
  const isRenamed =
    account_key !== undefined &&
    old === `${channel}/${old?.split('/')[1]}/${wanted.field}` &&
    secretRefsOf(state).filter(({ item }) => item === ref.item).length <= 1;
  return isRenamed ? 'unbound' : 'mismatch';
}

function allows(bound: Binding, wanted: Binding): boolean {
  const isSameOwner = bound.owner === wanted.owner && bound.field === wanted.field;
  return isSameOwner && wanted.hosts.every((host) => bound.hosts.includes(host));
}

export function isSameBinding(one: Binding | null, other: Binding): boolean {
  return one !== null && allows(one, other) && allows(other, one);
}

/**
 * Returns the owner and the field when the item was stored, from a name of channelctl 0.1.0 or
 * 0.2.0, `<profile>/<owner>/<field>/<random>`; null for any other name.
 */
export function oldOwnerAndField(item: string): string | null {
  return /^[^/]+\/(.+)\/[0-9a-f]{8}$/.exec(item)?.[1] ?? null;
}

function escapePart(text: string): string {
  return text.replace(/[%/,:]/g, encodeURIComponent);
}
