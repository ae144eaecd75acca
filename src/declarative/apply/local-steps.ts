import {
  createAccount,
  ensureIntegration,
  type IdSource,
  makeDefault,
} from '../../accounts/accounts.ts';
import { ownerName } from '../../accounts/secrets.ts';
import type {
  ProfileState,
  SecretEdits,
  StoredAccount,
  StoredConfig,
  StoredIntegration,
} from '../../profile/types.ts';
import type { Json } from '../../shared/json.ts';
import { isSecretKey } from '../../shared/secrets.ts';
import { type SecretValues, secretKey } from '../document/references.ts';
import type { Change, Step } from '../plan/steps.ts';

export function applyLocalSteps(
  draft: ProfileState,
  secrets: SecretEdits,
  steps: readonly Step[],
  values: SecretValues,
  ids: IdSource,
): void {
  const integrations = new Map(draft.integrations.map((one) => [one.channel, one]));
  const accounts = new Map(draft.accounts.map((one) => [ownerName(one), one]));
  const removed = new Set<string>();
  const defaults: [StoredAccount, boolean][] = [];
  const putSecret = (owner: string, field: string) =>
    secrets.put(owner, field, values.get(secretKey({ owner, field })) ?? '');

  for (const { action, part, name, changes } of steps) {
    if (action === 'remove') {
      removed.add(name);
      continue;
    }
    const change = (owner: StoredIntegration | StoredAccount) => {
      changeConfig(owner, name, changes, putSecret);
      changeFields(owner, changes);
      owner.updated_at = ids.now().toISOString();
    };
    if (part === 'integration') {
      change(integrations.get(name) ?? ensureIntegration(draft, name, null, ids));
      continue;
    }
    const existing = accounts.get(name);
    const account = existing ?? newAccount(name, ids);
    if (existing === undefined) draft.accounts.push(account);
    change(account);
    changeAccountFields(account, changes);
    const isDefault = changes.find(({ field }) => field === 'is_default')?.after;
    if (typeof isDefault === 'boolean') defaults.push([account, isDefault]);
  }
  draft.integrations = draft.integrations.filter(({ channel }) => !removed.has(channel));
  draft.accounts = draft.accounts.filter((one) => !removed.has(ownerName(one)));
  for (const [account, isDefault] of defaults) if (!isDefault) account.is_default = false;
  for (const [account, isDefault] of defaults) if (isDefault) makeDefault(draft, account);
}

function newAccount(name: string, ids: IdSource): StoredAccount {
  const slash = name.indexOf('/');
  return createAccount(name.slice(0, slash), name.slice(slash + 1), {}, ids);
}

const CONFIG_PREFIX = 'config.';

function changeConfig(
  owner: StoredConfig,
  name: string,
  changes: readonly Change[],
  putSecret: (owner: string, field: string) => StoredConfig['secrets'][string],
): void {
  for (const { field, after } of changes) {
    if (!field.startsWith(CONFIG_PREFIX)) continue;
    const key = field.slice(CONFIG_PREFIX.length);
    if (after === undefined) delete owner.config[key];
    else if (isSecretKey(key)) owner.secrets[key] = putSecret(name, key);
    else owner.config[key] = after;
  }
}

function changeFields(owner: StoredIntegration | StoredAccount, changes: readonly Change[]): void {
  const after = new Map<string, Json | undefined>(changes.map((one) => [one.field, one.after]));
  const active = after.get('is_active');
  if (typeof active === 'boolean') owner.is_active = active;
  const division = after.get('division_id');
  if (division === null || typeof division === 'string') owner.division_id = division;
}

function changeAccountFields(account: StoredAccount, changes: readonly Change[]): void {
  const after = new Map<string, Json | undefined>(changes.map((one) => [one.field, one.after]));
  const name = after.get('display_name');
  if (name === null || typeof name === 'string') account.display_name = name;
  const token = after.get('verify_token');
  if (typeof token === 'string') account.verify_token = token;
}
