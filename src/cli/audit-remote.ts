import { CHANNELS } from '../channels/index.ts';
import type { RemoteChange } from '../graph/client.ts';
import { maskFieldSecrets } from '../profile/audit/changes.ts';
import type { AuditItem } from '../profile/audit/log.ts';
import type { ProfileState, StoredAccount } from '../profile/types.ts';
import type { Json } from '../shared/json.ts';

const ACCOUNT_IDS = CHANNELS.flatMap(({ idKeys }) => idKeys);

/** Returns the audit log item for a change at Meta. Previous values are null if unknown. */
export function auditItem(change: RemoteChange, state: ProfileState): AuditItem {
  const account = accountOf(change, state);
  return {
    action: 'meta.changed',
    channel: account?.channel ?? null,
    account_id: account?.id ?? null,
    account_key: account?.account_key ?? null,
    call: `${change.method} ${change.path}`,
    changes: Object.entries(change.parameters)
      .filter(([name, value]) => value !== undefined && !ACCOUNT_IDS.includes(name))
      .map(([name, value]) => ({
        field: name,
        before: maskFieldSecrets(name, change.before[name]),
        after: maskFieldSecrets(name, value as Json),
      })),
  };
}

function accountOf(
  { accountId, parameters }: RemoteChange,
  { accounts }: ProfileState,
): StoredAccount | undefined {
  if (accountId !== null) return accounts.find(({ id }) => id === accountId);
  const name = ACCOUNT_IDS.find((id) => typeof parameters[id] === 'string');
  if (name === undefined) return undefined;
  const [only, ...others] = accounts.filter(({ config }) => config[name] === parameters[name]);
  return others.length === 0 ? only : undefined;
}
