import type { Environment } from '../profile/settings.ts';
import type { StoredAccount, StoredConfig, StoredIntegration } from '../profile/types.ts';
import type { Json } from '../shared/json.ts';
import { asciiUrl, withoutFinalSlashes } from '../shared/url.ts';
import { masks, type Owner } from './secrets.ts';

export interface Integration {
  id: string | null;
  channel: string;
  is_active: boolean;
  config: Record<string, Json>;
  created_at: string | null;
  updated_at: string | null;
  division_id: string | null;
}

export interface Account {
  id: string;
  channel: string;
  account_key: string;
  display_name: string | null;
  is_active: boolean;
  is_default: boolean;
  readonly config: Record<string, Json>;
  created_at: string;
  updated_at: string;
  division_id: string | null;
  verify_token: string;
  webhook_url: string | null;
}

export const INTEGRATION_FIELDS = [
  'id',
  'channel',
  'is_active',
  'config',
  'config.*',
  'created_at',
  'updated_at',
  'division_id',
] as const;

export const ACCOUNT_FIELDS = [
  'id',
  'channel',
  'account_key',
  'display_name',
  'is_active',
  'is_default',
  'config',
  'config.*',
  'created_at',
  'updated_at',
  'division_id',
  'verify_token',
  'webhook_url',
] as const;

export interface ViewOptions {
  env: Environment;
  knownSecrets(owner: Owner): readonly string[];
  webhookBase: string | null;
  /** Secrets to show instead of their masks, by key. */
  revealed?: ReadonlyMap<string, string>;
}

function configView(
  options: ViewOptions,
  owner: Owner,
  stored: StoredConfig,
): Record<string, Json> {
  const shown = { ...stored.config };
  for (const [field, mask] of masks(options.env, owner, stored, options.knownSecrets(owner))) {
    shown[field] = options.revealed?.get(field) ?? mask;
  }
  return shown;
}

export function integrationView(
  options: ViewOptions,
  channel: string,
  stored: StoredIntegration | undefined,
): Integration {
  if (stored === undefined) {
    return {
      id: null,
      channel,
      is_active: false,
      config: {},
      created_at: null,
      updated_at: null,
      division_id: null,
    };
  }
  return {
    id: stored.id,
    channel,
    is_active: stored.is_active,
    config: configView(options, { channel }, stored),
    created_at: stored.created_at,
    updated_at: stored.updated_at,
    division_id: stored.division_id,
  };
}

export function accountView(options: ViewOptions, stored: StoredAccount): Account {
  return {
    id: stored.id,
    channel: stored.channel,
    account_key: stored.account_key,
    display_name: stored.display_name,
    is_active: stored.is_active,
    is_default: stored.is_default,
    // The configuration is computed on access, because a table of thousands of accounts does not
    // show it.
    get config() {
      return configView(options, stored, stored);
    },
    created_at: stored.created_at,
    updated_at: stored.updated_at,
    division_id: stored.division_id,
    verify_token: stored.verify_token,
    webhook_url: buildWebhookUrl(options.webhookBase, stored),
  };
}

/**
 * Returns the webhook URL of an account, in ASCII: `<base>/<channel>/<account_key>`. Null if there
 * is no base URL.
 */
export function buildWebhookUrl(
  base: string | null,
  { channel, account_key }: Pick<StoredAccount, 'channel' | 'account_key'>,
): string | null {
  if (base === null) return null;
  return `${withoutFinalSlashes(asciiUrl(base))}/${channel}/${encodeURIComponent(account_key)}`;
}
